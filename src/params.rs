//! The `$params` of a WHMCS module call, as plain text: no PHP type gets past the extension crate.

use std::collections::BTreeMap;

use crate::secret::Secret;

/// Scalars of `$params` by name, and the nested arrays the module reads. WHMCS gives most values as
/// strings, HTML-entity encoded on their way in; the accessors here return them decoded and trimmed
/// of nothing. Absent and empty are the same.
#[derive(Debug, Clone, Default)]
pub struct Params {
    scalars: BTreeMap<String, Secret>,
    options: BTreeMap<String, String>,
    client: BTreeMap<String, String>,
}

impl Params {
    /// No value at all, as for `ConfigOptions()`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a scalar as WHMCS gave it; `true` is `"1"`, `false` and `null` are `""`.
    pub fn set(&mut self, name: &str, value: &str) {
        let decoded = html_escape::decode_html_entities(value).into_owned();
        self.scalars.insert(name.to_owned(), Secret::new(decoded));
    }

    /// Sets one of `configoptions`: what the buyer chose.
    pub fn set_option(&mut self, name: &str, value: &str) {
        let decoded = html_escape::decode_html_entities(value).into_owned();
        self.options.insert(name.to_owned(), decoded);
    }

    /// Sets one of `clientsdetails`.
    pub fn set_client(&mut self, name: &str, value: &str) {
        let decoded = html_escape::decode_html_entities(value).into_owned();
        self.client.insert(name.to_owned(), decoded);
    }

    /// This scalar and nothing else.
    #[must_use]
    pub fn only(&self, name: &str) -> Self {
        let scalar = self.scalars.get_key_value(name);
        Self {
            scalars: scalar
                .map(|(name, value)| (name.clone(), value.clone()))
                .into_iter()
                .collect(),
            ..Self::default()
        }
    }

    /// This configurable option and nothing else.
    #[must_use]
    pub(crate) fn only_option(&self, name: &str) -> Self {
        let option = self.options.get_key_value(name);
        Self {
            options: option
                .map(|(name, value)| (name.clone(), value.clone()))
                .into_iter()
                .collect(),
            ..Self::default()
        }
    }

    /// Names of the configurable options there are.
    pub(crate) fn options(&self) -> impl Iterator<Item = &str> {
        self.options.keys().map(String::as_str)
    }

    /// As if nobody had chosen anything there.
    pub(crate) fn remove_option(&mut self, name: &str) {
        self.options.remove(name);
    }

    /// Puts another text in the place of module setting 1..24: as it is to be read, not as WHMCS encodes it.
    pub(crate) fn replace_setting(&mut self, position: usize, text: String) {
        self.scalars
            .insert(format!("configoption{position}"), Secret::new(text));
    }

    /// A scalar, `""` when absent.
    pub fn text(&self, name: &str) -> &str {
        self.scalars.get(name).map_or("", Secret::expose)
    }

    /// A scalar that must not be shown.
    pub fn secret(&self, name: &str) -> Secret {
        self.scalars.get(name).cloned().unwrap_or_default()
    }

    /// A whole number, 0 when absent or not one.
    pub fn int(&self, name: &str) -> i64 {
        self.text(name).trim().parse().unwrap_or(0)
    }

    /// A tick box: WHMCS says `on`, `1` or `true` in different places.
    pub fn flag(&self, name: &str) -> bool {
        is_on(self.text(name))
    }

    /// Module setting 1..24 of the product.
    pub fn setting(&self, position: usize) -> &str {
        self.text(&format!("configoption{position}"))
    }

    /// A configurable option of the service by its name (the part before the pipe).
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// A detail of the client, `""` when absent.
    pub fn client(&self, name: &str) -> &str {
        self.client.get(name).map_or("", String::as_str)
    }
}

/// A text as WHMCS keeps what somebody typed, so that it comes back as `text` when it is read.
pub(crate) fn encoded(text: &str) -> String {
    html_escape::encode_quoted_attribute(text).into_owned()
}

/// What WHMCS stores for a ticked box: `on` in its own tables, booleans and `1` in `$params`.
pub(crate) fn is_on(text: &str) -> bool {
    matches!(
        text.trim().to_ascii_lowercase().as_str(),
        "on" | "1" | "true" | "yes"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_decoded_and_debug_shows_no_value() {
        let mut params = Params::new();
        params.set("password", "a&amp;b&#039;c");
        assert_eq!(params.text("password"), "a&b'c");
        assert!(!format!("{params:?}").contains("a&b"));
    }

    /// An ampersand, or what already looks like an entity, must not be decoded once more.
    #[test]
    fn what_is_kept_as_whmcs_does_comes_back_as_it_was() {
        for text in ["&copy;x", "&amp;copy;x", "a<b>\"c'&d", "&#65;", "plain"] {
            let mut params = Params::new();
            params.set("password", &encoded(text));
            assert_eq!(params.text("password"), text);
        }
    }

    #[test]
    fn absent_is_empty() {
        let params = Params::new();
        assert_eq!(params.text("username"), "");
        assert_eq!(params.int("serverid"), 0);
        assert!(!params.flag("serversecure"));
    }
}
