//! What a REST path means: a menu, a row of a menu, or a command.

use percent_encoding::percent_decode_str;

use crate::menus::Catalogue;
use crate::trap::Trap;

/// A path below `/rest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A menu.
    Menu(String),
    /// A menu and what follows it: a row, or a command.
    Item(String, String),
    /// No menu.
    Unknown(String),
}

/// Reads a raw path. A star must stay a star: `%2A` is refused (seen by several tool authors).
pub fn resolve(catalogue: &Catalogue, raw: &str) -> Result<Target, Trap> {
    let mut parts = Vec::new();
    for segment in raw.split('/').skip(1) {
        if segment.is_empty() {
            return Err(bad_identifier());
        }
        let decoded = percent_decode_str(segment)
            .decode_utf8()
            .map_err(|_| bad_identifier())?;
        if decoded.starts_with('*') && !segment.starts_with('*') {
            return Err(bad_identifier());
        }
        parts.push(decoded.into_owned());
    }
    let whole = parts
        .iter()
        .fold(String::new(), |path, part| path + "/" + part);
    if catalogue.menu(&whole).is_some() {
        return Ok(Target::Menu(whole));
    }
    let Some(last) = parts.pop() else {
        return Ok(Target::Unknown(whole));
    };
    let menu = format!("/{}", parts.join("/"));
    if catalogue.menu(&menu).is_some() && !catalogue.is_directory(&whole) {
        return Ok(Target::Item(menu, last));
    }
    Ok(Target::Unknown(whole))
}

/// What REST says when a row is needed and the path names none.
pub fn bad_identifier() -> Trap {
    Trap::failure("missing or invalid resource identifier")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Version;

    fn resolved(raw: &str) -> Result<Target, String> {
        resolve(&Catalogue::of(Version::new(7, 20)), raw).map_err(|trap| trap.text.into_owned())
    }

    #[test]
    fn paths_lead_to_menus_rows_and_nowhere() {
        assert_eq!(
            resolved("/ppp/secret"),
            Ok(Target::Menu("/ppp/secret".into()))
        );
        assert_eq!(
            resolved("/ppp/secret/*1A"),
            Ok(Target::Item("/ppp/secret".into(), "*1A".into()))
        );
        assert_eq!(
            resolved("/interface/l2tp-server/server"),
            Ok(Target::Menu("/interface/l2tp-server/server".into()))
        );
        assert_eq!(
            resolved("/ppp/secret/a%40b%20c"),
            Ok(Target::Item("/ppp/secret".into(), "a@b c".into()))
        );
        assert_eq!(
            resolved("/nothing/here"),
            Ok(Target::Unknown("/nothing/here".into()))
        );
    }

    #[test]
    fn an_encoded_star_is_refused() {
        let refused = Err("missing or invalid resource identifier".to_owned());
        assert_eq!(resolved("/ppp/secret/%2A1A"), refused);
        assert_eq!(resolved("/ppp/secret/%2a1A"), refused);
        assert_eq!(resolved("/ppp/secret/"), refused, "an empty name is no row");
    }
}
