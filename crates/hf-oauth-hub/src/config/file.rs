//! `hub.toml`: from text to a checked configuration, with the line and key of every mistake.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::check::{Mistake, Step, check};

/// A configuration that cannot be used.
///
/// ```
/// use hf_oauth_hub::Config;
///
/// let mistake = Config::from_toml_str("[lifetimes]\ncode = 0", "hub.toml").unwrap_err();
/// assert_eq!(mistake.line(), Some(2));
/// assert_eq!(mistake.key(), "lifetimes.code");
/// ```
#[derive(Debug)]
pub struct ConfigError {
    file: Option<String>,
    line: Option<usize>,
    key: String,
    reason: String,
    source: Option<std::io::Error>,
}

impl ConfigError {
    /// The file, if the configuration came from one.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The line, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The key as a path, like `users[0].orgs[2].role`; empty where the file is no TOML.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is wrong with it.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(super) fn unreadable(file: &str, source: std::io::Error) -> Self {
        let reason = "the file cannot be read".to_owned();
        Self { file: Some(file.to_owned()), line: None, key: String::new(), reason, source: Some(source) }
    }

    /// A mistake in a configuration that was made in Rust or sent as JSON.
    pub(crate) fn of_value(mistake: &Mistake) -> Self {
        let (key, reason) = (mistake.key(), mistake.reason.clone());
        Self { file: None, line: None, key, reason, source: None }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}: ")?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, _) => {}
        }
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

pub(super) fn read(text: &str, file: &str) -> Result<Config, ConfigError> {
    let error = |span: Option<Range<usize>>, key: String, reason: &str| ConfigError {
        file: Some(file.to_owned()),
        line: Some(line_of(text, span.map_or(0, |span| span.start))),
        key: shown(&key),
        reason: shown(&reason.trim_end().replace('\n', "; ")),
        source: None,
    };
    let table = DeTable::parse(text).map_err(|e| error(e.span(), String::new(), e.message()))?;
    let config: Config = toml::from_str(text).map_err(|e| {
        let key = e.span().map_or_else(String::new, |span| key_at(table.get_ref(), span.start));
        error(e.span(), key, e.message())
    })?;
    check(&config).map_err(|mistake| {
        error(Some(span_of(table.get_ref(), &mistake.path)), mistake.key(), &mistake.reason)
    })?;
    Ok(config)
}

/// A key may be any text, which a terminal is not to obey: what does not print is escaped.
fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        match c {
            '"' | '\'' | '\\' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
        shown
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    1 + text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count()
}

/// The path of the innermost key whose name or value begins at or spans `offset`.
fn key_at(table: &DeTable<'_>, offset: usize) -> String {
    for (name, value) in table.iter() {
        if name.span().contains(&offset) {
            return name.get_ref().to_string();
        }
        if let Some(rest) = within(value, offset) {
            return format!("{}{rest}", name.get_ref());
        }
    }
    String::new()
}

fn within(value: &Spanned<DeValue<'_>>, offset: usize) -> Option<String> {
    let inner = match value.get_ref() {
        DeValue::Table(table) => {
            Some(key_at(table, offset)).filter(|key| !key.is_empty()).map(|key| format!(".{key}"))
        }
        DeValue::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| Some(format!("[{index}]{}", within(item, offset)?))),
        _ => None,
    };
    inner.or_else(|| value.span().contains(&offset).then(String::new))
}

/// Where the value at `path` stands, or the closest that is there.
fn span_of(table: &DeTable<'_>, path: &[Step]) -> Range<usize> {
    let mut span = 0..0;
    let mut here: Option<&Spanned<DeValue<'_>>> = None;
    for step in path {
        let next = match (step, here.map(Spanned::get_ref)) {
            (Step::Key(key), None) => table.get(*key),
            (Step::Key(key), Some(DeValue::Table(inner))) => inner.get(*key),
            (Step::Index(index), Some(DeValue::Array(items))) => items.get(*index),
            _ => None,
        };
        let Some(next) = next else { break };
        span = next.span();
        here = Some(next);
    }
    span
}
