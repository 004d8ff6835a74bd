//! Rows as the router keeps them: found by id and by name, listed in the router's order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use crate::field::Field;
use crate::menus;

/// A row's number; `*1A` in replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub u64);

impl Id {
    /// Reads `*1A`; the star and at least one hexadecimal digit are needed.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('*')?;
        let valid = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        valid.then(|| u64::from_str_radix(digits, 16).ok().map(Self))?
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*{:X}", self.0)
    }
}

/// The tables behind the menus. Several menus may show one table (`/interface`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is the table of the menu of that name
pub enum TableId {
    Secret,
    Profile,
    Active,
    Aaa,
    Queue,
    QueueType,
    Interface,
    L2tpServer,
    PptpServer,
    SstpServer,
    OvpnServer,
    Address,
    Pool,
    PoolUsed,
    Service,
    Filter,
    AddressList,
    Resource,
    Identity,
    Package,
    Clock,
    DeviceMode,
    License,
    User,
    Group,
    UserActive,
    Certificate,
    Log,
}

impl TableId {
    /// Every table, in the order of its discriminant.
    pub const ALL: [Self; 28] = [
        Self::Secret,
        Self::Profile,
        Self::Active,
        Self::Aaa,
        Self::Queue,
        Self::QueueType,
        Self::Interface,
        Self::L2tpServer,
        Self::PptpServer,
        Self::SstpServer,
        Self::OvpnServer,
        Self::Address,
        Self::Pool,
        Self::PoolUsed,
        Self::Service,
        Self::Filter,
        Self::AddressList,
        Self::Resource,
        Self::Identity,
        Self::Package,
        Self::Clock,
        Self::DeviceMode,
        Self::License,
        Self::User,
        Self::Group,
        Self::UserActive,
        Self::Certificate,
        Self::Log,
    ];

    /// The properties of its rows.
    pub fn columns(self) -> &'static [Field] {
        menus::columns(self)
    }

    /// The position of a property.
    pub fn column(self, name: &str) -> Option<usize> {
        self.columns().iter().position(|field| field.name == name)
    }
}

/// A stored value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text in the form replies use.
    Text(Box<str>),
    /// A row of another table; reads as its name, or as the raw id once that row is gone.
    Row(TableId, Id),
}

/// Traffic counted by a queue or an interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes from the customer.
    pub upload: u64,
    /// Bytes to the customer.
    pub download: u64,
    /// Packets from the customer.
    pub upload_packets: u64,
    /// Packets to the customer.
    pub download_packets: u64,
    /// Bits per second from the customer, as last measured.
    pub upload_rate: u64,
    /// Bits per second to the customer, as last measured.
    pub download_rate: u64,
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Made by the router itself: cannot be edited.
    pub dynamic: bool,
    /// Values by column.
    pub cells: Vec<Option<Cell>>,
    /// Traffic, where the table counts any.
    pub counters: Counters,
    /// Bytes that stand in for `comment` in replies: another program's 8-bit code page.
    pub raw_comment: Option<Box<[u8]>>,
    rank: u64,
}

impl Row {
    /// A row without values.
    pub fn new(table: TableId, dynamic: bool) -> Self {
        Self {
            dynamic,
            cells: vec![None; table.columns().len()],
            counters: Counters::default(),
            raw_comment: None,
            rank: 0,
        }
    }

    /// Its place in the order of its table; only comparisons mean anything.
    pub fn rank(&self) -> u64 {
        self.rank
    }

    /// Stored text of a column.
    pub fn text(&self, column: usize) -> Option<&str> {
        match self.cells.get(column)?.as_ref()? {
            Cell::Text(text) => Some(text),
            Cell::Row(..) => None,
        }
    }
}

/// Writes a text into a row that is not in a table yet.
pub fn put(table: TableId, row: &mut Row, column: &str, text: &str) {
    if let Some(index) = table.column(column) {
        row.cells[index] = Some(Cell::Text(text.into()));
    }
}

const RANK_STEP: u64 = 1 << 24;

/// All rows of one kind.
#[derive(Debug)]
pub struct Table {
    id: TableId,
    rows: HashMap<Id, Row>,
    order: BTreeMap<u64, Id>,
    by_name: HashMap<Box<str>, Id>,
    name_column: Option<usize>,
    by_user: HashMap<Box<str>, BTreeSet<Id>>,
    user_column: Option<usize>,
    next: u64,
}

impl Table {
    fn new(id: TableId) -> Self {
        // several sessions may have one name, connections to a service too
        let unique = !matches!(id, TableId::Active | TableId::UserActive);
        Self {
            id,
            rows: HashMap::new(),
            order: BTreeMap::new(),
            by_name: HashMap::new(),
            name_column: if unique { id.column("name") } else { None },
            by_user: HashMap::new(),
            user_column: id.column("user"),
            next: 1,
        }
    }

    /// Takes the next id. Every eighth is skipped: ids of a lived-in router have gaps, and a client
    /// that counts on a sequence must fail here as it would there.
    pub fn next_id(&mut self) -> Id {
        if self.next.is_multiple_of(8) {
            self.next += 1;
        }
        let id = Id(self.next);
        self.next += 1;
        id
    }

    /// Adds a row at the end.
    pub fn push(&mut self, id: Id, mut row: Row) {
        let last = self.order.last_key_value().map_or(0, |(rank, _)| *rank);
        row.rank = last + RANK_STEP;
        self.order.insert(row.rank, id);
        if let Some(name) = self.name_of(&row) {
            self.by_name.insert(name, id);
        }
        if let Some(user) = self.user_of(&row) {
            self.by_user.entry(user).or_default().insert(id);
        }
        self.rows.insert(id, row);
    }

    /// Takes a row away.
    pub fn remove(&mut self, id: Id) -> Option<Row> {
        let row = self.rows.remove(&id)?;
        self.order.remove(&row.rank);
        if let Some(name) = self.name_of(&row) {
            self.by_name.remove(&name);
        }
        let user = self.user_of(&row).map(Cell::Text);
        self.index_user(id, user);
        Some(row)
    }

    /// Writes one value and keeps the name index true.
    pub fn write(&mut self, id: Id, column: usize, cell: Option<Cell>) {
        let is_name = self.name_column == Some(column);
        let Some(row) = self.rows.get_mut(&id) else {
            return;
        };
        if is_name {
            if let Some(old) = row.text(column) {
                self.by_name.remove(old);
            }
            if let Some(Cell::Text(name)) = &cell {
                self.by_name.insert(name.clone(), id);
            }
        }
        let old = std::mem::replace(&mut row.cells[column], cell);
        if self.user_column == Some(column) {
            self.index_user(id, old);
        }
    }

    /// Puts a row before another, or at the end. Returns whether ranks of other rows changed too.
    pub fn place(&mut self, id: Id, before: Option<Id>) -> bool {
        let Some(rank) = self.rows.get(&id).map(|row| row.rank) else {
            return false;
        };
        self.order.remove(&rank);
        let target = before
            .and_then(|before| self.rows.get(&before))
            .map(|row| row.rank);
        let mut renumbered = false;
        let new = match target {
            None => self.order.last_key_value().map_or(0, |(rank, _)| *rank) + RANK_STEP,
            Some(high) => {
                let low = self
                    .order
                    .range(..high)
                    .next_back()
                    .map_or(0, |(rank, _)| *rank);
                if high - low < 2 {
                    self.renumber();
                    renumbered = true;
                }
                let high = before
                    .and_then(|before| self.rows.get(&before))
                    .map_or(high, |row| row.rank);
                let low = self
                    .order
                    .range(..high)
                    .next_back()
                    .map_or(0, |(rank, _)| *rank);
                low + (high - low) / 2
            }
        };
        self.order.insert(new, id);
        if let Some(row) = self.rows.get_mut(&id) {
            row.rank = new;
        }
        renumbered
    }

    /// A row by id.
    pub fn row(&self, id: Id) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// A row by id, to change counters and flags; values go through [`Table::write`].
    pub fn row_mut(&mut self, id: Id) -> Option<&mut Row> {
        self.rows.get_mut(&id)
    }

    /// The id of a name.
    pub fn find(&self, name: &str) -> Option<Id> {
        if self.name_column.is_some() {
            return self.by_name.get(name).copied();
        }
        let column = self.id.column("name")?;
        self.iter()
            .find(|(_, row)| row.text(column) == Some(name))
            .map(|(id, _)| id)
    }

    /// Rows whose `user` is this name: the server bindings of an account.
    pub fn of_user(&self, user: &str) -> impl Iterator<Item = Id> {
        self.by_user.get(user).into_iter().flatten().copied()
    }

    /// The stored text of one value.
    pub fn text(&self, id: Id, column: &str) -> Option<&str> {
        self.rows.get(&id)?.text(self.id.column(column)?)
    }

    /// Rows in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id, &Row)> {
        self.order
            .values()
            .filter_map(|id| Some((*id, self.rows.get(id)?)))
    }

    /// Ids in order.
    pub fn ids(&self) -> Vec<Id> {
        self.order.values().copied().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Takes the first row away.
    pub fn remove_first(&mut self) {
        if let Some((_, id)) = self.order.first_key_value() {
            self.remove(*id);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows in no particular order, to change counters.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.values_mut()
    }

    /// Connections to a service have its name, too, and are not found by it.
    fn name_of(&self, row: &Row) -> Option<Box<str>> {
        if self.id == TableId::Service && row.dynamic {
            return None;
        }
        row.text(self.name_column?).map(Box::from)
    }

    fn user_of(&self, row: &Row) -> Option<Box<str>> {
        row.text(self.user_column?).map(Box::from)
    }

    /// Takes a row out of its old user's place and puts it into that of its present one, if it has one.
    fn index_user(&mut self, id: Id, old: Option<Cell>) {
        if let Some(Cell::Text(user)) = old
            && let Some(ids) = self.by_user.get_mut(&user)
        {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_user.remove(&user);
            }
        }
        if let Some(user) = self.rows.get(&id).and_then(|row| self.user_of(row)) {
            self.by_user.entry(user).or_default().insert(id);
        }
    }

    fn renumber(&mut self) {
        let ids = self.ids();
        self.order.clear();
        for (position, id) in (1_u64..).zip(ids) {
            let rank = position * RANK_STEP;
            self.order.insert(rank, id);
            if let Some(row) = self.rows.get_mut(&id) {
                row.rank = rank;
            }
        }
    }
}

/// Every table of the router.
#[derive(Debug)]
pub struct Tables(Vec<Table>);

impl Tables {
    /// Empty tables.
    pub fn new() -> Self {
        Self(TableId::ALL.into_iter().map(Table::new).collect())
    }

    /// The name of a row, if that table has names and the row still exists.
    pub fn name(&self, table: TableId, id: Id) -> Option<&str> {
        self[table].text(id, "name")
    }
}

impl Default for Tables {
    fn default() -> Self {
        Self::new()
    }
}

impl std::ops::Index<TableId> for Tables {
    type Output = Table;

    fn index(&self, table: TableId) -> &Table {
        &self.0[table as usize]
    }
}

impl std::ops::IndexMut<TableId> for Tables {
    fn index_mut(&mut self, table: TableId) -> &mut Table {
        &mut self.0[table as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(table: &Table) -> Vec<u64> {
        table.ids().iter().map(|id| id.0).collect()
    }

    #[test]
    fn every_table_stands_at_its_own_place() {
        for (position, table) in TableId::ALL.into_iter().enumerate() {
            assert_eq!(table as usize, position);
        }
    }

    #[test]
    fn ids_are_read_and_written_as_upper_case_hexadecimal() {
        assert_eq!(Id::parse("*1a"), Some(Id(26)));
        assert_eq!(Id(0x00F0_0000).to_string(), "*F00000");
        for text in ["1A", "*", "*G", "*+1", "**1", "*1 "] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }

    #[test]
    fn rows_move_before_others_even_when_ranks_run_out() {
        let mut table = Table::new(TableId::Queue);
        for _ in 0..3 {
            let id = table.next_id();
            table.push(id, Row::new(TableId::Queue, false));
        }
        table.place(Id(3), Some(Id(1)));
        assert_eq!(names(&table), [3, 1, 2]);
        table.place(Id(3), None);
        assert_eq!(names(&table), [1, 2, 3]);
        for _ in 0..40 {
            table.place(Id(3), Some(Id(2)));
            table.place(Id(1), Some(Id(2)));
            assert_eq!(names(&table), [3, 1, 2]);
        }
    }

    #[test]
    fn ids_have_gaps() {
        let mut table = Table::new(TableId::Queue);
        let ids: Vec<u64> = (0..9).map(|_| table.next_id().0).collect();
        assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 9, 10]);
    }
}
