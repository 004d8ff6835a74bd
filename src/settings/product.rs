//! A product's module settings, `configoption1` to `configoption24`. The position of a field is its
//! storage in WHMCS: append only, never reorder (pinned by a test). WHMCS offers a field's default
//! only when a product is first saved, so an empty value always means the default.

use std::fmt;
use std::str::FromStr;

use super::{lines, number};
use crate::error::{Error, Result};
use crate::params::Params;
use crate::secret::Secret;
use crate::units::{Bytes, Limits, Rate};

/// One module setting, as the product page shows it.
#[derive(Debug)]
pub struct Field {
    /// What errors name: what the admin reads in English.
    pub label: &'static str,
    /// Which input it is.
    pub kind: FieldKind,
    /// What an empty value means.
    pub default: &'static str,
    /// What a new product's form holds instead of the default.
    offer: Option<&'static str>,
}

/// The inputs WHMCS knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text of this width.
    Text(u8),
    /// A password field.
    Password,
    /// A tick box.
    YesNo,
    /// A choice: stored value and label.
    Dropdown(&'static [(&'static str, &'static str)]),
    /// Several lines of text.
    TextArea,
    /// A line of text whose choices the named module function fetches.
    Loader(&'static str),
}

const SERVICES: &[(&str, &str)] = &[
    ("any", "Any"),
    ("l2tp", "L2TP"),
    ("pptp", "PPTP"),
    ("sstp", "SSTP"),
    ("ovpn", "OpenVPN"),
    ("pppoe", "PPPoE"),
];
const FREQUENCIES: &[(&str, &str)] = &[("cron", "Every cron run"), ("daily", "Daily")];

/// The e-mail templates of ours, made on first use.
pub const NOTICE_TEMPLATE: &str = "MikroTik VPN Traffic Notice";
/// Sent when the traffic is used up.
pub const SUSPENSION_TEMPLATE: &str = "MikroTik VPN Traffic Used Up";

/// The fields in the order of their storage: the first is `configoption1`. What they mean is told in
/// `lang/english.php`, keys `setting_1` and so on.
pub const FIELDS: [Field; 23] = [
    field("Comment prefix", FieldKind::Text(20), "mikrotikvpn"),
    field(
        "PPP profile",
        FieldKind::Loader("mikrotikvpn_loadProfiles"),
        "default-encryption",
    ),
    field("PPP service", FieldKind::Dropdown(SERVICES), "any"),
    field("Download speed", FieldKind::Text(8), "0"),
    field("Upload speed", FieldKind::Text(8), "0"),
    field("Traffic, one time and monthly", FieldKind::Text(8), "0"),
    field("Traffic, quarterly", FieldKind::Text(8), "0"),
    field("Traffic, semi-annually", FieldKind::Text(8), "0"),
    field("Traffic, annually", FieldKind::Text(8), "0"),
    field("Traffic, biennially", FieldKind::Text(8), "0"),
    field("Traffic, triennially", FieldKind::Text(8), "0"),
    field("Days of daily history", FieldKind::Text(4), "60"),
    field(
        "Notice e-mail",
        FieldKind::Loader("mikrotikvpn_loadMailTemplates"),
        "",
    )
    .offering(NOTICE_TEMPLATE),
    field("Notice threshold", FieldKind::Text(8), "0"),
    field(
        "Suspension e-mail",
        FieldKind::Loader("mikrotikvpn_loadMailTemplates"),
        "",
    )
    .offering(SUSPENSION_TEMPLATE),
    field("Link to instructions", FieldKind::Text(60), ""),
    field("Offer PPTP", FieldKind::YesNo, ""),
    field("Offer L2TP", FieldKind::YesNo, ""),
    field("L2TP IPsec pre-shared key", FieldKind::Password, ""),
    field("Collect traffic", FieldKind::Dropdown(FREQUENCIES), "cron"),
    field("Username rule", FieldKind::Text(60), ""),
    field("Password rule", FieldKind::Text(60), ""),
    field("Advanced", FieldKind::TextArea, ""),
];

const fn field(label: &'static str, kind: FieldKind, default: &'static str) -> Field {
    Field {
        label,
        kind,
        default,
        offer: None,
    }
}

impl Field {
    /// What the form of a new product holds.
    pub const fn offered(&self) -> &'static str {
        match self.offer {
            Some(offer) => offer,
            None => self.default,
        }
    }

    const fn offering(mut self, offer: &'static str) -> Self {
        self.offer = Some(offer);
        self
    }
}

/// Values of `/ppp/secret service`; `async` and the v6 `isdn` are no VPN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PppService(&'static str);

impl PppService {
    /// RouterOS's word.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether an account of this service may log in with `protocol`.
    pub fn carries(self, protocol: Protocol) -> bool {
        self.0 == "any" || self.0 == protocol.service()
    }

    fn label(self) -> &'static str {
        let known = SERVICES.iter().find(|(word, _)| *word == self.0);
        known.map_or(self.0, |(_, label)| *label)
    }
}

/// How often a product's accounts are collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionFrequency {
    /// In every run of WHMCS's cron.
    EveryCron,
    /// Once a day, by `UsageUpdate`.
    Daily,
}

/// What happens to an account whose traffic is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapPolicy {
    /// No login, no session.
    Disable,
    /// The queue is throttled and the session stays.
    Slow(Limits),
    /// Another PPP profile, such as a walled garden; the session is ended once to get it.
    Profile(String),
}

impl fmt::Display for CapPolicy {
    /// As the admin writes it, and as our records keep it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disable => f.write_str("disable"),
            Self::Slow(limits) => write!(
                f,
                "slow {}/{}",
                limits.download.as_mbit(),
                limits.upload.as_mbit()
            ),
            Self::Profile(name) => write!(f, "profile {name}"),
        }
    }
}

impl FromStr for CapPolicy {
    type Err = ();

    /// Reads what our records keep of a policy.
    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        Self::read(text, |speed| speed.parse().ok())
    }
}

impl CapPolicy {
    /// Reads `disable`, `slow <down>/<up>` in Mbit/s and `profile <name>`. A speed of 0 would be no
    /// limit at all, so it is none of them.
    fn read(text: &str, number: impl Fn(&str) -> Option<f64>) -> std::result::Result<Self, ()> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("disable") {
            return Ok(Self::Disable);
        }
        let (word, rest) = text.split_once(char::is_whitespace).ok_or(())?;
        let rest = rest.trim();
        match word.to_ascii_lowercase().as_str() {
            "slow" => {
                let (download, upload) = rest.split_once('/').ok_or(())?;
                let rate = |text: &str| {
                    let rate = number(text.trim()).and_then(Rate::from_mbit);
                    rate.filter(|&rate| rate != Rate::UNLIMITED).ok_or(())
                };
                Ok(Self::Slow(Limits {
                    download: rate(download)?,
                    upload: rate(upload)?,
                }))
            }
            "profile" if !rest.is_empty() && !rest.contains(char::is_control) => {
                Ok(Self::Profile(rest.to_owned()))
            }
            _ => Err(()),
        }
    }
}

/// When the client page shows the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShowPassword {
    /// After a click.
    Button,
    /// At once.
    Always,
    /// Not at all; it can still be copied by nobody.
    Never,
}

/// What draws the charts of the client's statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartEngine {
    /// Chart.js, which comes with the module.
    ChartJs,
    /// Google Charts, loaded from Google by the customer's browser.
    Google,
}

impl ChartEngine {
    /// As the setting and the page spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChartJs => "chartjs",
            Self::Google => "google",
        }
    }
}

/// Traffic per billing cycle; `None` is unlimited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas([Option<Bytes>; 6]);

impl Quotas {
    /// The quota of WHMCS's `billingcycle`. Free accounts and one-time payments get the monthly one.
    pub fn of_cycle(&self, billing_cycle: &str) -> Option<Bytes> {
        let index = match billing_cycle.to_ascii_lowercase().as_str() {
            "quarterly" => 1,
            "semi-annually" => 2,
            "annually" => 3,
            "biennially" => 4,
            "triennially" => 5,
            _ => 0,
        };
        self.0[index]
    }
}

/// A way into the VPN that the client page can offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Plain PPTP.
    Pptp,
    /// L2TP over IPsec.
    L2tp,
    /// SSTP.
    Sstp,
    /// OpenVPN.
    OpenVpn,
}

impl Protocol {
    /// All, in the order they are shown.
    pub const ALL: [Self; 4] = [Self::Pptp, Self::L2tp, Self::Sstp, Self::OpenVpn];

    /// As settings and templates spell it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pptp => "pptp",
            Self::L2tp => "l2tp",
            Self::Sstp => "sstp",
            Self::OpenVpn => "openvpn",
        }
    }

    /// RouterOS's word for it, as in `/ppp/secret service`.
    fn service(self) -> &'static str {
        match self {
            Self::Pptp => "pptp",
            Self::L2tp => "l2tp",
            Self::Sstp => "sstp",
            Self::OpenVpn => "ovpn",
        }
    }

    /// As people write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pptp => "PPTP",
            Self::L2tp => "L2TP/IPsec",
            Self::Sstp => "SSTP",
            Self::OpenVpn => "OpenVPN",
        }
    }
}

/// What the client page offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protocols {
    offered: Vec<Protocol>,
    /// Where the customer gets the OpenVPN profile.
    pub openvpn_profile: Option<String>,
    html: Vec<(Protocol, String)>,
}

impl Protocols {
    /// Whether `protocol` is shown.
    pub fn offers(&self, protocol: Protocol) -> bool {
        self.offered.contains(&protocol)
    }

    /// The admin's own HTML for `protocol`.
    pub fn html(&self, protocol: Protocol) -> Option<&str> {
        let found = self.html.iter().find(|(of, _)| *of == protocol);
        found.map(|(_, html)| html.as_str())
    }

    fn offer(&mut self, protocol: Protocol, on: bool) {
        self.offered.retain(|&offered| offered != protocol);
        if on {
            self.offered.push(protocol);
        }
    }
}

/// A product's settings with the service's configurable options applied.
#[derive(Debug, Clone)]
pub struct ProductSettings {
    /// Begins every comment of ours; one word or several, never empty.
    pub comment_prefix: String,
    /// Name of the PPP profile.
    pub profile: String,
    /// Allowed PPP service.
    pub service: PppService,
    /// Speed limits.
    pub limits: Limits,
    /// Traffic per billing cycle.
    pub quotas: Quotas,
    /// Days of daily rows to keep.
    pub history_days: u16,
    /// Template of the notice, if any.
    pub notice_template: Option<String>,
    /// Balance at which the notice goes.
    pub notice_threshold: Bytes,
    /// Template of the suspension mail, if any.
    pub suspension_template: Option<String>,
    /// The admin's manual.
    pub instruction_link: Option<String>,
    /// What the client page offers.
    pub protocols: Protocols,
    /// L2TP's pre-shared key.
    pub l2tp_psk: Secret,
    /// How often to collect.
    pub frequency: CollectionFrequency,
    /// Unexpanded; `account::names` expands it.
    pub username_rule: String,
    /// Unexpanded; `account::names` expands it.
    pub password_rule: String,
    /// When the client page shows the password.
    pub show_password: ShowPassword,
    /// Whether customers may end their own sessions.
    pub reset_connection: bool,
    /// What happens when the traffic is used up.
    pub cap: CapPolicy,
    /// Whether traffic left at the end of a period stays.
    pub rollover: bool,
    /// Percent of a paid period's quota that a debt may take from it.
    pub debt: u8,
    /// What draws the client's charts.
    pub chart_engine: ChartEngine,
    /// Fewest characters of a password that a customer chooses.
    pub password_min: u8,
}

impl ProductSettings {
    /// Reads the module settings and configurable options of `params`.
    pub fn parse(params: &Params) -> Result<Self> {
        let text = |position: usize| text(params, position);
        let advanced = Advanced::parse(
            text(23),
            params.flag("configoption17"),
            params.flag("configoption18"),
        )?;
        Ok(Self {
            comment_prefix: comment_prefix(text(1))?,
            profile: text(2).to_owned(),
            service: service(text(3))?,
            limits: Limits {
                download: rate(params, 4, "download")?,
                upload: rate(params, 5, "upload")?,
            },
            quotas: quotas(params)?,
            history_days: history_days(text(12))?,
            notice_template: some(text(13)),
            notice_threshold: gigabytes(text(14))
                .ok_or_else(|| wrong_number(14, text(14), GIGABYTES))?,
            suspension_template: some(text(15)),
            instruction_link: link(16, text(16))?,
            protocols: advanced.protocols,
            l2tp_psk: Secret::new(text(19)),
            frequency: frequency(text(20))?,
            username_rule: text(21).to_owned(),
            password_rule: text(22).to_owned(),
            show_password: advanced.show_password,
            reset_connection: advanced.reset_connection,
            cap: advanced.cap,
            rollover: advanced.rollover,
            debt: advanced.debt,
            chart_engine: advanced.chart_engine,
            password_min: advanced.password_min,
        })
    }

    /// Whether a customer can connect with `protocol`: it is offered, and the account may use it.
    pub fn offers(&self, protocol: Protocol) -> bool {
        self.protocols.offers(protocol) && self.service.carries(protocol)
    }

    /// What is offered and cannot be used, by position of the setting that offers it: each field may be right
    /// by itself and wrong beside another.
    pub fn contradictions(&self) -> Vec<(usize, Error)> {
        let offered = Protocol::ALL
            .into_iter()
            .filter(|protocol| self.protocols.offers(*protocol));
        let (usable, useless): (Vec<_>, Vec<_>) =
            offered.partition(|protocol| self.service.carries(*protocol));
        let mut wrong: Vec<_> = useless
            .into_iter()
            .map(|protocol| self.useless(protocol))
            .collect();
        if usable.contains(&Protocol::L2tp) && self.l2tp_psk.is_empty() {
            wrong.push((19, missing_key()));
        }
        wrong
    }

    fn useless(&self, protocol: Protocol) -> (usize, Error) {
        let (position, key) = match protocol {
            Protocol::Pptp => (17, ""),
            Protocol::L2tp => (18, ""),
            Protocol::Sstp => (23, "sstp"),
            Protocol::OpenVpn => (23, "openvpn"),
        };
        let offered = label(position);
        let offer = match key {
            "" => format!("\"{offered}\" is on"),
            key => format!("\"{offered}\" holds {key} = on"),
        };
        let service = label(3);
        let error = Error::misuse(
            format!(
                "The product's module setting {offer}, but \"{service}\" is {}, so no account could connect with {}",
                self.service.label(),
                protocol.label()
            ),
            format!("Switch that offer off, or set \"{service}\" to Any"),
        );
        (position, error)
    }
}

fn missing_key() -> Error {
    let (offer, key) = (label(18), label(19));
    Error::misuse(
        format!("The product's module setting \"{offer}\" is on, but \"{key}\" is empty"),
        format!(
            "Enter under \"{key}\" the IPsec Secret of the router's L2TP server, or switch \"{offer}\" off"
        ),
    )
}

fn label(position: usize) -> &'static str {
    FIELDS.get(position - 1).map_or("?", |field| field.label)
}

const GIGABYTES: &str =
    "a number of GB such as 500 or 0.5, at most 1048576; 0 or empty means unlimited";

fn text(params: &Params, position: usize) -> &str {
    let given = params.setting(position).trim();
    if given.is_empty() {
        FIELDS.get(position - 1).map_or("", |field| field.default)
    } else {
        given
    }
}

/// The error for a module setting that does not parse.
fn wrong(position: usize, value: &str, expected: &str) -> Error {
    let label = label(position);
    Error::misuse(
        format!(
            "The product's module setting \"{label}\" holds \"{}\"",
            lines::shortened(value)
        ),
        format!(
            "Expected {expected}; change it under System Settings > Products/Services > Module Settings"
        ),
    )
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A prefix may hold spaces, but nothing that would let another object's comment look like ours.
fn comment_prefix(text: &str) -> Result<String> {
    let fits = text.len() <= 60
        && !text.contains("whmcs:")
        && text.chars().all(|letter| !letter.is_control());
    let words: Vec<_> = text.split_whitespace().collect();
    fits.then(|| words.join(" ")).ok_or_else(|| {
        wrong(
            1,
            text,
            "at most 60 characters, without the word whmcs:, which the module adds by itself",
        )
    })
}

fn service(text: &str) -> Result<PppService> {
    SERVICES
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text))
        .map(|(word, _)| PppService(word))
        .ok_or_else(|| wrong(3, text, "any, l2tp, pptp, sstp, ovpn or pppoe"))
}

/// The error for a module setting that is no number, or one that can be misread.
fn wrong_number(position: usize, value: &str, expected: &str) -> Error {
    wrong(position, value, &number::expected(value, expected))
}

fn gigabytes(text: &str) -> Option<Bytes> {
    Bytes::from_gb(number::read(text)?)
}

fn rate(params: &Params, position: usize, option: &str) -> Result<Rate> {
    const EXPECTED: &str = "a speed in Mbit/s such as 50 or 12.5; 0 or empty means unlimited";
    let parse = |text: &str| number::read(text).and_then(Rate::from_mbit);
    match params.option(option).map(str::trim) {
        Some(chosen) if !chosen.is_empty() => {
            parse(chosen).ok_or_else(|| wrong_option(option, chosen, EXPECTED))
        }
        _ => {
            let text = text(params, position);
            parse(text).ok_or_else(|| wrong_number(position, text, EXPECTED))
        }
    }
}

fn wrong_option(option: &str, value: &str, expected: &str) -> Error {
    Error::misuse(
        format!(
            "The configurable option \"{option}\" holds \"{}\"",
            lines::shortened(value)
        ),
        format!(
            "Expected {}; name the choice value|label, such as 50|50 Mbit/s",
            number::expected(value, expected)
        ),
    )
}

/// A product without a quota stays unlimited, whatever is sold on top.
fn quotas(params: &Params) -> Result<Quotas> {
    let extra = match params.option("traffic").map(str::trim) {
        Some(chosen) if !chosen.is_empty() => {
            gigabytes(chosen).ok_or_else(|| wrong_option("traffic", chosen, GIGABYTES))?
        }
        _ => Bytes(0),
    };
    let mut quotas = [None; 6];
    for (position, quota) in (6..).zip(&mut quotas) {
        let text = text(params, position);
        let bytes = gigabytes(text).ok_or_else(|| wrong_number(position, text, GIGABYTES))?;
        *quota = (bytes > Bytes(0)).then_some(bytes + extra);
    }
    Ok(Quotas(quotas))
}

fn history_days(text: &str) -> Result<u16> {
    text.parse()
        .ok()
        .filter(|days| (1..=3660).contains(days))
        .ok_or_else(|| wrong_number(12, text, "a number of days from 1 to 3660"))
}

fn link(position: usize, text: &str) -> Result<Option<String>> {
    if text.is_empty() || is_link(text) {
        return Ok(some(text));
    }
    Err(wrong(
        position,
        text,
        "an address that begins with https:// or http://",
    ))
}

fn is_link(text: &str) -> bool {
    // `javascript:` and the like must never reach an href of the client page.
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

fn frequency(text: &str) -> Result<CollectionFrequency> {
    match text {
        "cron" => Ok(CollectionFrequency::EveryCron),
        "daily" => Ok(CollectionFrequency::Daily),
        _ => Err(wrong(20, text, "cron or daily")),
    }
}

struct Advanced {
    protocols: Protocols,
    show_password: ShowPassword,
    reset_connection: bool,
    cap: CapPolicy,
    rollover: bool,
    debt: u8,
    chart_engine: ChartEngine,
    password_min: u8,
}

impl Advanced {
    const FIELD: &str = "The product's module setting \"Advanced\"";
    const KEYS: [&str; 14] = [
        "sstp",
        "openvpn",
        "openvpn-profile",
        "show-password",
        "reset-connection",
        "cap",
        "rollover",
        "debt",
        "chart-engine",
        "password-min",
        "html-pptp",
        "html-l2tp",
        "html-sstp",
        "html-openvpn",
    ];

    fn parse(text: &str, pptp: bool, l2tp: bool) -> Result<Self> {
        let mut advanced = Self {
            protocols: Protocols::default(),
            show_password: ShowPassword::Button,
            reset_connection: true,
            cap: CapPolicy::Disable,
            rollover: true,
            debt: 50,
            chart_engine: ChartEngine::ChartJs,
            password_min: 8,
        };
        advanced.protocols.offer(Protocol::Pptp, pptp);
        advanced.protocols.offer(Protocol::L2tp, l2tp);
        for (key, value) in lines::parse(Self::FIELD, text)? {
            advanced.set(&key, value)?;
        }
        Ok(advanced)
    }

    fn set(&mut self, key: &str, value: String) -> Result<()> {
        let protocols = &mut self.protocols;
        let html_of = |key: &str| {
            let name = key.strip_prefix("html-")?;
            Protocol::ALL
                .into_iter()
                .find(|protocol| protocol.key() == name)
        };
        match key {
            "sstp" => protocols.offer(Protocol::Sstp, lines::switch(Self::FIELD, key, &value)?),
            "openvpn" => {
                protocols.offer(Protocol::OpenVpn, lines::switch(Self::FIELD, key, &value)?);
            }
            "openvpn-profile" if is_link(&value) => protocols.openvpn_profile = Some(value),
            "openvpn-profile" => {
                let expected = "an address that begins with https:// or http://";
                return Err(lines::unfit(Self::FIELD, key, &value, expected));
            }
            "show-password" => self.show_password = show_password(key, &value)?,
            "reset-connection" => {
                self.reset_connection = lines::switch(Self::FIELD, key, &value)?;
            }
            "cap" => {
                let expected = "disable, slow and two speeds in Mbit/s such as slow 1/0.5 (a point and no comma), or profile and a PPP profile's name";
                self.cap = CapPolicy::read(&value, number::read)
                    .map_err(|()| lines::unfit(Self::FIELD, key, &value, expected))?;
            }
            "rollover" => self.rollover = lines::switch(Self::FIELD, key, &value)?,
            "debt" => self.debt = percent(key, &value)?,
            "chart-engine" => self.chart_engine = chart_engine(key, &value)?,
            "password-min" => {
                let number = value.parse().ok().filter(|least| (1..=64).contains(least));
                let expected = "a number of characters from 1 to 64";
                self.password_min =
                    number.ok_or_else(|| lines::unfit(Self::FIELD, key, &value, expected))?;
            }
            _ => match html_of(key) {
                Some(protocol) => protocols.html.push((protocol, value)),
                None => return Err(lines::unknown(Self::FIELD, key, &Self::KEYS)),
            },
        }
        Ok(())
    }
}

fn show_password(key: &str, value: &str) -> Result<ShowPassword> {
    match value.to_ascii_lowercase().as_str() {
        "button" => Ok(ShowPassword::Button),
        "always" => Ok(ShowPassword::Always),
        "never" => Ok(ShowPassword::Never),
        _ => Err(lines::unfit(
            Advanced::FIELD,
            key,
            value,
            "button, always or never",
        )),
    }
}

fn percent(key: &str, value: &str) -> Result<u8> {
    let number = value.strip_suffix('%').unwrap_or(value).trim_end().parse();
    number
        .ok()
        .filter(|&percent| percent <= 100)
        .ok_or_else(|| {
            let expected = "a whole percentage from 0% to 100% such as 50%";
            lines::unfit(Advanced::FIELD, key, value, expected)
        })
}

fn chart_engine(key: &str, value: &str) -> Result<ChartEngine> {
    [ChartEngine::ChartJs, ChartEngine::Google]
        .into_iter()
        .find(|engine| engine.as_str().eq_ignore_ascii_case(value))
        .ok_or_else(|| lines::unfit(Advanced::FIELD, key, value, "chartjs or google"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::fuzz;

    fn params(pairs: &[(usize, &str)]) -> Params {
        let mut params = Params::new();
        for (position, value) in pairs {
            params.set(&format!("configoption{position}"), value);
        }
        params
    }

    fn error(pairs: &[(usize, &str)]) -> String {
        ProductSettings::parse(&params(pairs))
            .unwrap_err()
            .to_string()
    }

    /// Fields that make sense are read; of others the error is about one of them and repeats no key; what is
    /// read keeps within its bounds and is read the same again.
    #[test]
    fn fuzz_settings() {
        let value = prop_oneof![
            4 => Just(String::new()),
            3 => "[0-9]{1,7}(\\.[0-9]{1,9})?",
            1 => "(any|l2tp|pptp|sstp|ovpn|pppoe|cron|daily|on|off|yes)",
            1 => "(cap = (disable|slow 1/0\\.5|profile wall)|rollover = off|show-password = never|sstp = on)",
            1 => "\\PC{0,30}",
            1 => "[0-9a-z:/=.,-]{0,40}",
        ];
        let fields = prop::collection::btree_map(1_usize..=23, value, 0..23);
        let inputs = (fields, "[A-Z]{12}", fuzz::spoils(), 1_usize..=23);
        fuzz::target(&inputs, |(mut fields, key, spoils, spoiled)| {
            fields.insert(19, key.clone());
            if let Some(value) = fields.get_mut(&spoiled).filter(|_| spoiled != 19) {
                *value = fuzz::spoilt_text(value, &spoils);
            }
            let parse = |fields: &BTreeMap<usize, String>| {
                let pairs: Vec<_> = fields
                    .iter()
                    .map(|(at, value)| (*at, value.as_str()))
                    .collect();
                ProductSettings::parse(&params(&pairs))
            };
            match parse(&fields) {
                Ok(settings) => {
                    prop_assert_eq!(settings.l2tp_psk.expose(), &key);
                    prop_assert!(!settings.comment_prefix.trim().is_empty());
                    prop_assert!((1..=3_660).contains(&settings.history_days));
                    let shown = format!("{settings:?}");
                    prop_assert!(!shown.contains(&key), "{}", shown);
                    let again = parse(&fields).unwrap();
                    prop_assert_eq!(format!("{settings:?}"), format!("{again:?}"));
                }
                Err(error) => {
                    fuzz::check_misuse(&error)?;
                    let text = error.to_string();
                    prop_assert!(!text.contains(&key), "{}", text);
                    let named = FIELDS.iter().any(|field| text.contains(field.label));
                    prop_assert!(named, "{}", text);
                }
            }
            Ok(())
        });
    }

    #[test]
    fn the_order_of_the_fields_never_changes() {
        let labels: Vec<_> = FIELDS.iter().map(|field| field.label).collect();
        assert_eq!(
            labels,
            [
                "Comment prefix",
                "PPP profile",
                "PPP service",
                "Download speed",
                "Upload speed",
                "Traffic, one time and monthly",
                "Traffic, quarterly",
                "Traffic, semi-annually",
                "Traffic, annually",
                "Traffic, biennially",
                "Traffic, triennially",
                "Days of daily history",
                "Notice e-mail",
                "Notice threshold",
                "Suspension e-mail",
                "Link to instructions",
                "Offer PPTP",
                "Offer L2TP",
                "L2TP IPsec pre-shared key",
                "Collect traffic",
                "Username rule",
                "Password rule",
                "Advanced",
            ]
        );
    }

    #[test]
    fn an_empty_mail_setting_sends_nothing_and_a_new_product_is_offered_ours() {
        let settings = ProductSettings::parse(&Params::new()).unwrap();
        assert_eq!(settings.notice_template, None);
        assert_eq!(settings.suspension_template, None);
        let offered = FIELDS.map(|field| field.offered());
        assert_eq!(
            [offered[12], offered[14]],
            [NOTICE_TEMPLATE, SUSPENSION_TEMPLATE]
        );
    }

    #[test]
    fn empty_settings_are_the_defaults() {
        let settings = ProductSettings::parse(&Params::new()).unwrap();
        assert_eq!(settings.comment_prefix, "mikrotikvpn");
        assert_eq!(settings.profile, "default-encryption");
        assert_eq!(settings.service.as_str(), "any");
        assert_eq!(settings.limits, Limits::default());
        assert_eq!(settings.quotas.of_cycle("Monthly"), None);
        assert_eq!(settings.history_days, 60);
        assert_eq!(settings.frequency, CollectionFrequency::EveryCron);
    }

    #[test]
    fn each_billing_cycle_has_its_own_quota() {
        let all: Vec<_> = (6..=11).zip(["1", "2", "3", "4", "5", "6"]).collect();
        let quotas = ProductSettings::parse(&params(&all)).unwrap().quotas;
        let cycles = [
            "Monthly",
            "Quarterly",
            "Semi-Annually",
            "Annually",
            "Biennially",
            "Triennially",
        ];
        for (gb, cycle) in (1..).zip(cycles) {
            assert_eq!(quotas.of_cycle(cycle), Some(Bytes(gb << 30)), "{cycle}");
        }
        for cycle in ["One Time", "Free Account"] {
            assert_eq!(quotas.of_cycle(cycle), Some(Bytes(1 << 30)), "{cycle}");
        }
    }

    #[test]
    fn configurable_options_override_speeds_and_add_traffic() {
        let mut params = params(&[(4, "10"), (5, "5"), (6, "1")]);
        params.set_option("download", "200");
        params.set_option("traffic", "2");
        let settings = ProductSettings::parse(&params).unwrap();
        assert_eq!(settings.limits.download, Rate(200_000_000));
        assert_eq!(settings.limits.upload, Rate(5_000_000));
        assert_eq!(settings.quotas.of_cycle("Monthly"), Some(Bytes(3 << 30)));
        assert_eq!(settings.quotas.of_cycle("Annually"), None);
    }

    #[test]
    fn half_of_a_quota_may_go_into_a_debt_unless_the_product_says_otherwise() {
        let debt = |text: &str| ProductSettings::parse(&params(&[(23, text)])).unwrap().debt;
        assert_eq!(debt(""), 50);
        for (text, percent) in [("0", 0), ("20%", 20), ("100 %", 100)] {
            assert_eq!(debt(&format!("debt = {text}")), percent, "{text}");
        }
    }

    #[test]
    fn a_cap_policy_reads_back_as_it_is_written() {
        let policy = |text: &str| {
            let settings = ProductSettings::parse(&params(&[(23, text)])).unwrap();
            (settings.cap, settings.rollover)
        };
        assert_eq!(policy(""), (CapPolicy::Disable, true));
        let limits = Limits {
            download: Rate(1_000_000),
            upload: Rate(64_000),
        };
        let slow = policy("cap = Slow 1/0.064\nrollover = off");
        assert_eq!(slow, (CapPolicy::Slow(limits), false));
        let walled = policy("cap = profile walled garden").0;
        assert_eq!(walled, CapPolicy::Profile("walled garden".to_owned()));
        for policy in [CapPolicy::Disable, slow.0, walled] {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        // Three digits behind the point are none that an admin may type, but our records write them.
        let kept = CapPolicy::Slow(Limits {
            download: Rate(1_125_000),
            upload: Rate(12_345_678),
        });
        assert_eq!(kept.to_string().parse(), Ok(kept));
    }

    #[test]
    fn a_number_that_another_reader_would_take_for_another_one_is_refused_with_how_to_write_it() {
        for position in [4, 5, 6, 7, 8, 9, 10, 11, 12, 14] {
            for typed in ["1,000", "1.000", "1 000"] {
                let text = error(&[(position, typed)]);
                assert!(text.contains("say 1000"), "{position} {typed}: {text}");
                assert!(text.contains(label(position)), "{text}");
            }
        }
        assert!(error(&[(4, "1,5")]).contains("say 1.5"));
        assert!(error(&[(23, "cap = slow 1,5/1")]).contains("no comma"));
        for (option, typed) in [
            ("download", "1.000"),
            ("upload", "1,000"),
            ("traffic", "1 000"),
        ] {
            let mut params = Params::new();
            params.set_option(option, typed);
            let text = ProductSettings::parse(&params).unwrap_err().to_string();
            assert!(text.contains(option) && text.contains("say 1000"), "{text}");
        }
        assert!(ProductSettings::parse(&params(&[(4, "1.5"), (6, "0.125")])).is_ok());
    }

    #[test]
    fn an_offer_the_accounts_cannot_use_is_shown_to_nobody_and_names_both_fields() {
        let offering = [
            (17, "on"),
            (18, "on"),
            (19, "key"),
            (23, "sstp = on\nopenvpn = on"),
        ];
        for (service, usable, wrong) in [
            ("any", Protocol::ALL.to_vec(), vec![]),
            ("pptp", vec![Protocol::Pptp], vec![18, 23, 23]),
            ("l2tp", vec![Protocol::L2tp], vec![17, 23, 23]),
            ("ovpn", vec![Protocol::OpenVpn], vec![17, 18, 23]),
            ("pppoe", vec![], vec![17, 18, 23, 23]),
        ] {
            let pairs: Vec<_> = offering.into_iter().chain([(3, service)]).collect();
            let settings = ProductSettings::parse(&params(&pairs)).unwrap();
            let shown: Vec<_> = Protocol::ALL
                .into_iter()
                .filter(|protocol| settings.offers(*protocol))
                .collect();
            assert_eq!(shown, usable, "{service}");
            let contradictions = settings.contradictions();
            let positions: Vec<_> = contradictions.iter().map(|(at, _)| *at).collect();
            assert_eq!(positions, wrong, "{service}");
            for (position, error) in contradictions {
                let text = error.to_string();
                assert!(
                    text.contains(label(position)) && text.contains(label(3)),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn l2tp_without_a_key_names_both_fields() {
        let settings = ProductSettings::parse(&params(&[(18, "on")])).unwrap();
        let contradictions = settings.contradictions();
        let [(19, error)] = contradictions.as_slice() else {
            panic!("{contradictions:?}");
        };
        let text = error.to_string();
        assert!(
            text.contains(label(18)) && text.contains(label(19)),
            "{text}"
        );
    }

    #[test]
    fn the_least_length_of_a_customers_password_is_a_number_a_password_may_have() {
        let least = |text: &str| {
            let settings = ProductSettings::parse(&params(&[(23, text)]));
            settings.map(|settings| settings.password_min)
        };
        assert_eq!(least("").unwrap(), 8);
        assert_eq!(least("password min = 12").unwrap(), 12);
        for wrong in ["0", "65", "ten", "8.0", ""] {
            let error = least(&format!("password-min = {wrong}")).unwrap_err();
            assert!(error.to_string().contains("from 1 to 64"), "{error}");
        }
    }

    #[test]
    fn charts_are_the_modules_own_unless_google_is_asked_for() {
        let engine = |text: &str| {
            let settings = ProductSettings::parse(&params(&[(23, text)])).unwrap();
            settings.chart_engine
        };
        assert_eq!(engine(""), ChartEngine::ChartJs);
        assert_eq!(engine("chart-engine = chartjs"), ChartEngine::ChartJs);
        assert_eq!(engine("chart engine = Google"), ChartEngine::Google);
    }

    #[test]
    fn a_value_that_does_not_parse_is_named_with_its_field() {
        for (position, value, word) in [
            (1, "x whmcs:1", "Comment prefix"),
            (3, "ipsec", "PPP service"),
            (4, "fast", "Download speed"),
            (5, "-1", "Upload speed"),
            (7, "lots", "Traffic, quarterly"),
            (12, "0", "Days of daily history"),
            (14, "x", "Notice threshold"),
            (16, "javascript:alert(1)", "Link to instructions"),
            (20, "hourly", "Collect traffic"),
            (23, "colour = red", "Advanced"),
            (23, "openvpn-profile = javascript:x", "Advanced"),
            (23, "cap = slow 0/1", "such as slow 1/0.5"),
            (23, "cap = slow 1", "Advanced"),
            (23, "cap = profile", "Advanced"),
            (23, "cap = stop", "Advanced"),
            (23, "rollover = maybe", "Advanced"),
            (23, "debt = much", "such as 50%"),
            (23, "debt = 101%", "0% to 100%"),
            (23, "debt = -1", "0% to 100%"),
            (23, "chart engine = excel", "chartjs or google"),
            (23, "reset-connection = 2", "Advanced"),
        ] {
            let text = error(&[(position, value)]);
            assert!(text.contains(word), "{position} {value}: {text}");
        }
    }
}
