//! Settings of which not everything can be read. One typo must neither take a customer's page away nor change
//! what happens to an account: whatever is unreadable is taken from the text that could be read last, and from
//! the default where none ever could. Commands that sell go by [`ProductSettings::parse`] and refuse.

use std::collections::BTreeMap;

use super::product::{FIELDS, FieldKind, ProductSettings};
use crate::error::Error;
use crate::params::Params;

/// The field of `key = value` lines: there every line stands for itself.
const ADVANCED: usize = 23;

/// Texts of a product's module settings by position.
type Texts = BTreeMap<usize, String>;

impl ProductSettings {
    /// What `params` say, mended where they cannot be read with `good`, the texts of when they could be; and
    /// what is wrong with them.
    pub fn lenient(params: &Params, good: &BTreeMap<usize, String>) -> (Self, Option<Error>) {
        match Self::parse(params) {
            Ok(settings) => (settings, None),
            Err(error) => (Self::mended(params, good), Some(error)),
        }
    }

    fn mended(params: &Params, good: &Texts) -> Self {
        let mut mended = params.clone();
        for position in (1..=FIELDS.len()).filter(|position| !is_readable(params, *position)) {
            let kept = good.get(&position).cloned();
            let text = match kept.filter(|text| reads(position, text)) {
                Some(text) => text,
                None if position == ADVANCED => readable_lines(params.setting(position)),
                None => String::new(),
            };
            mended.replace_setting(position, text);
        }
        let unreadable = params
            .options()
            .filter(|option| Self::parse(&params.only_option(option)).is_err());
        unreadable.for_each(|option| mended.remove_option(option));
        Self::parse(&mended).unwrap_or_else(|_| Self::plain())
    }

    /// A product whose form was saved as it was offered.
    pub(crate) fn plain() -> Self {
        Self::parse(&Params::new()).unwrap_or_else(|error| unreachable!("the defaults: {error}"))
    }

    /// The texts to keep for the day when one of them cannot be read; `None` when that is today. A key is never
    /// unreadable, so none is kept.
    pub fn good_texts(params: &Params) -> Option<BTreeMap<usize, String>> {
        Self::parse(params).ok()?;
        let texts = (1..).zip(&FIELDS).filter_map(|(position, field)| {
            let may_fail = !matches!(field.kind, FieldKind::Password | FieldKind::YesNo);
            may_fail.then(|| (position, params.setting(position).to_owned()))
        });
        Some(texts.collect())
    }
}

fn is_readable(params: &Params, position: usize) -> bool {
    ProductSettings::parse(&params.only(&format!("configoption{position}"))).is_ok()
}

fn reads(position: usize, text: &str) -> bool {
    let mut alone = Params::new();
    alone.replace_setting(position, text.to_owned());
    ProductSettings::parse(&alone).is_ok()
}

fn readable_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| reads(ADVANCED, line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{CapPolicy, ShowPassword};
    use crate::units::Rate;

    fn params(pairs: &[(usize, &str)]) -> Params {
        let mut params = Params::new();
        for (position, value) in pairs {
            params.set(&format!("configoption{position}"), value);
        }
        params
    }

    fn slow() -> CapPolicy {
        "slow 1/1".parse().unwrap()
    }

    #[test]
    fn what_can_be_read_counts_and_the_rest_is_the_default() {
        let typed = params(&[
            (4, "50"),
            (5, "fast"),
            (23, "show-password = maybe\ncap = slow 1/1"),
        ]);
        let (settings, error) = ProductSettings::lenient(&typed, &Texts::new());
        assert_eq!(settings.limits.download, Rate(50_000_000));
        assert_eq!(settings.limits.upload, Rate::UNLIMITED);
        assert_eq!(settings.show_password, ShowPassword::Button);
        assert_eq!(settings.cap, slow());
        assert!(error.unwrap().to_string().contains("holds"));
    }

    #[test]
    fn what_could_be_read_last_goes_before_the_default() {
        let good =
            ProductSettings::good_texts(&params(&[(5, "20"), (19, "key"), (23, "cap = slow 1/1")]));
        let good = good.unwrap();
        assert!(!good.values().any(|text| text == "key"));
        let typed = params(&[(5, "fast"), (23, "cap = slow 1\nrollover = off")]);
        let (settings, _) = ProductSettings::lenient(&typed, &good);
        assert_eq!(settings.limits.upload, Rate(20_000_000));
        assert_eq!((settings.cap, settings.rollover), (slow(), true));
    }

    #[test]
    fn texts_are_kept_as_they_are_read() {
        let encoded = params(&[(23, "html-l2tp = &lt;b&gt;&amp;amp;&lt;/b&gt;")]);
        let good = ProductSettings::good_texts(&encoded).unwrap();
        let broken = params(&[(23, "cap")]);
        let (settings, _) = ProductSettings::lenient(&broken, &good);
        let html = settings.protocols.html(crate::settings::Protocol::L2tp);
        assert_eq!(html, Some("<b>&amp;</b>"));
    }

    #[test]
    fn nothing_is_kept_of_settings_that_cannot_be_read() {
        assert_eq!(ProductSettings::good_texts(&params(&[(4, "fast")])), None);
    }

    #[test]
    fn an_option_that_cannot_be_read_is_as_if_it_were_not_there() {
        let mut typed = params(&[(4, "50")]);
        typed.set_option("download", "1.000");
        typed.set_option("upload", "7");
        let (settings, error) = ProductSettings::lenient(&typed, &Texts::new());
        assert_eq!(settings.limits.download, Rate(50_000_000));
        assert_eq!(settings.limits.upload, Rate(7_000_000));
        assert!(error.is_some());
    }
}
