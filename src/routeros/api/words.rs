//! A command as a sentence.

use super::sentence;
use crate::error::{Error, Result};
use crate::routeros::command::Command;

/// Appends the sentence of `command` to `out`. Attribute order does not count to RouterOS; query words
/// are in stack order.
pub(super) fn write(out: &mut Vec<u8>, command: &Command<'_>, tag: u64) -> Result<()> {
    let mut words = vec![command.path(), format!(".tag={tag}")];
    if let Some(id) = command.id() {
        words.push(format!("=.id={id}"));
    }
    for (name, value) in command.fields() {
        words.push(format!("={name}={}", value.expose()));
    }
    if let Command::Print { proplist, .. } | Command::Read { proplist, .. } = command {
        words.push(format!("=.proplist={}", proplist.join(",")));
    }
    if let Command::Print { query, .. } = command {
        words.extend(query.words().iter().map(|word| format!("?{word}")));
    }
    sentence_of(out, words.iter().map(String::as_bytes))
        .ok_or_else(|| Error::bug(format!("{} cannot be written as words", command.path())))
}

/// Appends these words and their end.
pub(super) fn sentence_of<'a>(
    out: &mut Vec<u8>,
    words: impl IntoIterator<Item = &'a [u8]>,
) -> Option<()> {
    for word in words {
        sentence::push(out, word)?;
    }
    sentence::end(out);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::sentence::Decoder;
    use super::*;
    use crate::routeros::command::Value;
    use crate::routeros::query::Query;
    use crate::secret::Secret;

    fn words(command: Command<'_>) -> Vec<String> {
        let mut bytes = Vec::new();
        write(&mut bytes, &command, 3).unwrap();
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        let sentence = decoder.sentence().unwrap().unwrap();
        sentence
            .words()
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect()
    }

    #[test]
    fn a_list_carries_its_property_list_and_its_query_in_order() {
        let query = Query::field("name", "a").or(Query::field("name", "b=c"));
        let command = Command::Print {
            menu: "/ppp/secret",
            proplist: &[".id", "name"],
            query: &query,
        };
        assert_eq!(
            words(command),
            [
                "/ppp/secret/print",
                ".tag=3",
                "=.proplist=.id,name",
                "?name=a",
                "?name=b=c",
                "?#|"
            ]
        );
    }

    #[test]
    fn a_write_carries_raw_ids_and_its_secrets() {
        let password = Secret::new("p=\"ä\\");
        let fields = [
            ("password", Value::from(&password)),
            ("comment", Value::from("")),
        ];
        let command = Command::Set {
            menu: "/ppp/secret",
            id: "*1A",
            fields: &fields,
        };
        assert_eq!(
            words(command),
            [
                "/ppp/secret/set",
                ".tag=3",
                "=.id=*1A",
                "=password=p=\"ä\\",
                "=comment="
            ]
        );
    }
}
