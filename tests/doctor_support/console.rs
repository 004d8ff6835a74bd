//! The plain part of RouterOS's console: `/path command item name=value`, one command a line, with quoted
//! values and `[find name=value]`. It carries lines out on the simulator and names every argument in them.

use router_sim::{Command, Query, Reply, Router};

/// One line, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Words in front of the arguments: path, command and items.
    words: Vec<String>,
    /// Arguments in their order.
    pub arguments: Vec<(String, String)>,
}

/// A line with its menu told from its command.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub menu: String,
    pub command: String,
    /// Items named without an argument.
    pub items: Vec<String>,
    pub arguments: Vec<(String, String)>,
}

/// The commands of a script: neither comments nor empty lines.
pub fn lines(script: &str) -> Vec<&str> {
    let lines = script.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

impl Line {
    pub fn parse(text: &str) -> Self {
        let mut words = Vec::new();
        let mut arguments = Vec::new();
        for token in tokens(text) {
            match argument(&token) {
                Some((name, value)) => arguments.push((name.to_owned(), value.to_owned())),
                None => words.push(token),
            }
        }
        Self { words, arguments }
    }

    /// `is_menu` knows the paths; the longest one wins.
    pub fn tell(&self, is_menu: impl Fn(&str) -> bool) -> Told {
        let path = |count: usize| {
            let words = self.words[..count].join("/");
            format!("/{}", words.trim_start_matches('/'))
        };
        let count = (1..self.words.len())
            .rev()
            .find(|count| is_menu(&path(*count)))
            .unwrap_or_else(|| panic!("no menu in {self:?}"));
        Told {
            menu: path(count),
            command: self.words[count].clone(),
            items: self.words[count + 1..].to_vec(),
            arguments: self.arguments.clone(),
        }
    }
}

/// Words, quotes and brackets kept whole.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let (mut depth, mut quoted) = (0, false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            // A second command, a variable or a block has no place in a plain line.
            ';' | '$' | '{' | '}' if !quoted => panic!("not a plain line: {text}"),
            _ => {}
        }
        if c == ' ' && !quoted && depth == 0 {
            tokens.push(String::new());
        } else {
            tokens.last_mut().unwrap().push(c);
        }
    }
    assert!(!quoted && depth == 0, "unbalanced: {text}");
    tokens.retain(|token| !token.is_empty());
    tokens
}

fn argument(token: &str) -> Option<(&str, &str)> {
    // `!name` unsets a property.
    if token.starts_with('!') {
        return Some((token, ""));
    }
    let (name, value) = token.split_once('=')?;
    let is_name = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (is_name && !name.is_empty()).then_some((name, value))
}

/// What the console makes of a value (RouterOS manual, "Scripting", constant escapes).
pub fn unquoted(value: &str) -> String {
    let Some(inner) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        assert!(!value.contains('"'), "{value}");
        return value.to_owned();
    };
    let mut bytes = Vec::new();
    let mut rest = inner.bytes();
    while let Some(byte) = rest.next() {
        assert_ne!(byte, b'$', "a variable in {value}");
        if byte == b'\\' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Carries one line out as somebody at the router's console.
pub fn run(router: &Router, text: &str) -> Result<(), String> {
    let told = Line::parse(text).tell(|path| router.has_menu(path));
    let mut command = Command::new(&told.menu, &told.command);
    for item in &told.items {
        let Some(items) = items(router, &told.menu, item)? else {
            // Nothing was found, so there is nothing to do.
            return Ok(());
        };
        let name = if told.command == "sign" {
            "number"
        } else {
            "numbers"
        };
        command = command.with(name, &items);
    }
    for (name, value) in &told.arguments {
        let Some(value) = items(router, &told.menu, value)? else {
            return Err(format!("{name} names nothing: {text}"));
        };
        command = command.with(name, &value);
    }
    router
        .run(&command)
        .map(drop)
        .map_err(|trap| format!("{text}: {trap}"))
}

/// A value: plain, quoted, `[find …]`, or `[:pick [find …] 0]` for the first one found; `None` when
/// nothing is found.
fn items(router: &Router, menu: &str, value: &str) -> Result<Option<String>, String> {
    let Some(inner) = value
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return Ok(Some(unquoted(value)));
    };
    if let Some(list) = inner.strip_prefix(":pick ") {
        let list = list.strip_suffix(" 0").expect("the first one");
        let found = items(router, menu, list)?;
        return Ok(found.and_then(|found| found.split(',').next().map(str::to_owned)));
    }
    let conditions = tokens(inner.strip_prefix("find").expect("a find"));
    let words: Vec<_> = conditions
        .iter()
        .map(|condition| {
            let (name, value) = argument(condition).expect("name=value");
            match value {
                "yes" => format!("{name}=true"),
                "no" => format!("{name}=false"),
                value => format!("{name}={}", unquoted(value)),
            }
        })
        .collect();
    let mut command = Command::new(menu, "find");
    command.query =
        Query::parse(words.iter().map(String::as_str)).map_err(|trap| trap.to_string())?;
    match router.run(&command).map_err(|trap| trap.to_string())? {
        Reply::Value(ids) if ids.is_empty() => Ok(None),
        Reply::Value(ids) => Ok(Some(ids.replace(';', ","))),
        reply => panic!("find gave {reply:?}"),
    }
}
