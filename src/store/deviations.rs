//! Our tables as the database has them, compared with what they should be: an admin may have lost a key in a
//! restored dump, a hoster may have changed the engine.

use std::collections::HashMap;

use super::rows::Columns;
use super::tables::{Column, Key, TABLES, Table};
use crate::error::Result;
use crate::host::Host;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// What, as a sentence without its full stop.
    pub what: String,
    /// The statement that mends it.
    pub sql: String,
    /// Money depends on it.
    pub blocks: bool,
}

impl Deviation {
    /// What to do, as a sentence without its full stop.
    pub fn remedy(&self) -> String {
        format!(
            "Run in WHMCS's database, after a backup of it: {}",
            self.sql
        )
    }
}

/// Everything that is not as it should be.
pub(super) fn all(host: &dyn Host) -> Result<Vec<Deviation>> {
    let found = Found::read(host)?;
    let mut deviations = Vec::new();
    for table in TABLES {
        found.compare(table, &mut deviations);
    }
    Ok(deviations)
}

/// By table, then by column or key.
type ByTable<T> = HashMap<String, HashMap<String, T>>;

/// What the database has.
#[derive(Default)]
struct Found {
    engines: HashMap<String, String>,
    columns: ByTable<FoundColumn>,
    keys: ByTable<FoundKey>,
}

struct FoundColumn {
    kind: String,
    nullable: bool,
    has_default: bool,
    counts_itself: bool,
    charset: String,
}

#[derive(Default)]
struct FoundKey {
    unique: bool,
    columns: Vec<String>,
}

const OURS: &str = "WHERE table_schema = DATABASE() AND table_name LIKE 'mod\\_mikrotikvpn\\_%'";

impl Found {
    fn read(host: &dyn Host) -> Result<Self> {
        let mut found = Self::default();
        let sql = format!("SELECT table_name, engine FROM information_schema.tables {OURS}");
        for row in host.query(&sql, &[])? {
            let mut columns = Columns::of(row);
            found.engines.insert(columns.text()?, columns.text()?);
        }
        let sql = format!(
            "SELECT table_name, column_name, column_type, is_nullable, \
             column_default IS NOT NULL AND column_default <> 'NULL', extra, character_set_name \
             FROM information_schema.columns {OURS}"
        );
        for row in host.query(&sql, &[])? {
            let mut columns = Columns::of(row);
            let (table, name) = (columns.text()?, columns.text()?);
            let column = FoundColumn {
                kind: without_width(&columns.text()?),
                nullable: columns.text()? == "YES",
                has_default: columns.int()? != 0,
                counts_itself: columns.text()?.contains("auto_increment"),
                charset: columns.text()?,
            };
            found.columns.entry(table).or_default().insert(name, column);
        }
        let sql = format!(
            "SELECT table_name, index_name, non_unique, column_name FROM information_schema.statistics \
             {OURS} ORDER BY table_name, index_name, seq_in_index"
        );
        for row in host.query(&sql, &[])? {
            let mut columns = Columns::of(row);
            let keys = found.keys.entry(columns.text()?).or_default();
            let key = keys.entry(columns.text()?).or_default();
            key.unique = columns.int()? == 0;
            key.columns.push(columns.text()?);
        }
        Ok(found)
    }

    fn compare(&self, table: Table, deviations: &mut Vec<Deviation>) {
        let name = table.name();
        let Some(engine) = self.engines.get(name) else {
            deviations.push(Deviation {
                what: format!("The table {name} is missing"),
                sql: table.0.split_whitespace().collect::<Vec<_>>().join(" "),
                blocks: true,
            });
            return;
        };
        if !engine.eq_ignore_ascii_case("InnoDB") {
            deviations.push(Deviation {
                what: format!(
                    "The table {name} has the engine {engine}, which knows no transactions"
                ),
                sql: format!("ALTER TABLE {name} ENGINE=InnoDB"),
                blocks: true,
            });
        }
        // A column can count by itself only when its key is there, and a key needs its columns.
        for key in table.keys().filter(|key| self.has_columns(name, key)) {
            deviations.extend(self.key(name, &key));
        }
        for column in table.columns() {
            deviations.extend(self.column(name, column));
        }
    }

    fn has_columns(&self, table: &str, key: &Key) -> bool {
        let known = self.columns.get(table);
        let is_known = |name: &&str| known.is_some_and(|columns| columns.contains_key(*name));
        key.columns.iter().all(is_known)
    }

    fn column(&self, table: &str, column: Column) -> Option<Deviation> {
        let Column {
            name, definition, ..
        } = column;
        let Some(found) = self
            .columns
            .get(table)
            .and_then(|columns| columns.get(name))
        else {
            // A column that counts itself needs its key at once.
            let key = if column.counts_itself() {
                " PRIMARY KEY"
            } else {
                ""
            };
            return Some(Deviation {
                what: format!("The table {table} has no column {name}"),
                sql: format!("ALTER TABLE {table} ADD COLUMN {name} {definition}{key}"),
                blocks: true,
            });
        };
        let mut wrong = Vec::new();
        if found.kind != column.kind() {
            wrong.push(format!("is {} instead of {}", found.kind, column.kind()));
        }
        if found.nullable != column.nullable() {
            let words = if found.nullable {
                "may be NULL"
            } else {
                "may not be NULL"
            };
            wrong.push(words.to_owned());
        }
        if column.has_default() && !found.has_default {
            wrong.push("has no default".to_owned());
        }
        if column.counts_itself() && !found.counts_itself {
            wrong.push("does not count by itself".to_owned());
        }
        let blocks = !wrong.is_empty();
        if let Some(charset) = column.charset().filter(|charset| *charset != found.charset) {
            wrong.push(format!(
                "has the character set {} instead of {charset}",
                found.charset
            ));
        }
        let wrong = (!wrong.is_empty()).then(|| wrong.join(", "))?;
        // Without a character set MODIFY takes the table's, which may be the wrong one.
        let definition = match column.charset() {
            Some(charset) if !definition.contains("CHARACTER SET") => definition.replacen(
                &column.kind().to_ascii_uppercase(),
                &format!(
                    "{} CHARACTER SET {charset}",
                    column.kind().to_ascii_uppercase()
                ),
                1,
            ),
            _ => definition.to_owned(),
        };
        Some(Deviation {
            what: format!("The column {name} of the table {table} {wrong}"),
            sql: format!("ALTER TABLE {table} MODIFY {name} {definition}"),
            blocks,
        })
    }

    fn key(&self, table: &str, key: &Key) -> Option<Deviation> {
        let found = self.keys.get(table).and_then(|keys| keys.get(key.name));
        let drop = match found {
            Some(found) if found.unique == key.unique && found.columns == key.columns => {
                return None;
            }
            Some(_) if key.name == "PRIMARY" => "DROP PRIMARY KEY, ".to_owned(),
            Some(_) => format!("DROP KEY {}, ", key.name),
            None => String::new(),
        };
        let definition = key.definition();
        Some(Deviation {
            what: format!("The table {table} has no {definition}"),
            sql: format!("ALTER TABLE {table} {drop}ADD {definition}"),
            blocks: key.unique,
        })
    }
}

/// Older servers add to an integer how wide it is shown.
fn without_width(kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    match (kind.split_once('('), kind.split_once(')')) {
        (Some((name, _)), Some((_, rest))) if name.ends_with("int") => format!("{name}{rest}"),
        _ => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_integers_lose_their_width() {
        assert_eq!(without_width("bigint(20) unsigned"), "bigint unsigned");
        assert_eq!(without_width("int unsigned"), "int unsigned");
        assert_eq!(without_width("varchar(63)"), "varchar(63)");
        assert_eq!(without_width("datetime(6)"), "datetime(6)");
    }
}
