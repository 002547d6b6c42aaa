//! Python's `configparser.ConfigParser(interpolation=None)`, read to the letter and edited in place.
//!
//! Of the crates that read INI none keeps the bytes that it does not change, and each has a dialect of its own; the
//! files here are secrets that another program wrote. So: the reader follows `RawConfigParser._read` line by line,
//! and remembers which lines each section and entry takes. The editor replaces those lines alone, and reads the result
//! again before it gives it out.
//!
//! One thing is deliberately other: `[DEFAULT]` supplies nothing to the other sections.

mod edit;

pub(crate) use edit::NotEditable;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

/// A file that was read: its text, and where what stands.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ini {
    text: String,
    sections: Vec<Section>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// From its header to the next one's.
    bytes: Range<usize>,
    header_end: usize,
    entries: Vec<Entry>,
}

#[derive(Clone, PartialEq, Eq)]
struct Entry {
    key: String,
    value: String,
    bytes: Range<usize>,
}

/// Why Python could not read the file either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Corruption {
    /// Not UTF-8.
    Encoding,
    /// Something stands before the first `[section]`.
    NoSection,
    /// A section that was there before.
    DuplicateSection,
    /// A key that its section had before.
    DuplicateKey,
    /// Neither a section nor `key = value`.
    NotAnEntry,
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encoding => "it is not UTF-8",
            Self::NoSection => "a line stands before the first [name]",
            Self::DuplicateSection => "a [name] is there twice",
            Self::DuplicateKey => "a key is there twice in its section",
            Self::NotAnEntry => "a line is neither [name] nor key = value",
        })
    }
}

/// Where reading ended, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IniError {
    pub(crate) line: usize,
    pub(crate) what: Corruption,
}

impl Ini {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, IniError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            IniError { line, what: Corruption::Encoding }
        })?;
        let sections = read(text)?;
        Ok(Self { text: text.to_owned(), sections })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn sections(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| section.name != DEFAULT)
    }

    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections().find(|section| section.name == name)
    }
}

impl Section {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (entry.key.as_str(), entry.value.as_str()))
    }
}

pub(crate) const DEFAULT: &str = "DEFAULT";

/// What `str.strip` takes away: Unicode's white space and four separators.
pub(crate) fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_python_space)
}

/// `RawConfigParser._read`.
fn read(text: &str) -> Result<Vec<Section>, IniError> {
    let mut sections: Vec<Section> = Vec::new();
    let mut indent = 0;
    // Whether the last thing read was an entry, so that deeper lines continue it.
    let mut in_entry = false;
    // Python goes on after such a line, and lets any other error win.
    let mut not_an_entry = None;
    let mut seen = BTreeSet::new();
    let mut sections_seen = BTreeSet::new();
    for (index, bytes) in lines(text).enumerate() {
        let error = |what| IniError { line: index + 1, what };
        let line = &text[bytes.clone()];
        let value = strip(line);
        let comment = value.starts_with(['#', ';']);
        let entry = sections.last_mut().filter(|_| in_entry).and_then(|section| section.entries.last_mut());
        if value.is_empty() || comment {
            if let Some(entry) = entry.filter(|_| !comment) {
                entry.value.push('\n');
            }
            continue;
        }
        let depth = line.chars().take_while(|c| is_python_space(*c)).count();
        if let Some(entry) = entry.filter(|_| depth > indent) {
            entry.value.push('\n');
            entry.value.push_str(value);
            entry.bytes.end = bytes.end;
            continue;
        }
        indent = depth;
        if let Some(name) = header(value) {
            if name != DEFAULT && !sections_seen.insert(name.to_owned()) {
                return Err(error(Corruption::DuplicateSection));
            }
            if let Some(last) = sections.last_mut() {
                last.bytes.end = bytes.start;
            }
            let name = name.to_owned();
            let header_end = bytes.end;
            sections.push(Section { name, bytes: bytes.start..text.len(), header_end, entries: Vec::new() });
            in_entry = false;
            continue;
        }
        let Some(section) = sections.last_mut() else { return Err(error(Corruption::NoSection)) };
        let Some((key, value)) = value.split_once(['=', ':']) else {
            not_an_entry.get_or_insert(error(Corruption::NotAnEntry));
            continue;
        };
        let key = key.trim_end_matches(is_python_space).to_lowercase();
        if key.is_empty() {
            not_an_entry.get_or_insert(error(Corruption::NotAnEntry));
        }
        if !seen.insert((section.name.clone(), key.clone())) {
            return Err(error(Corruption::DuplicateKey));
        }
        // An entry without a name is never continued.
        in_entry = !key.is_empty();
        section.entries.push(Entry { key, value: strip(value).to_owned(), bytes });
    }
    if let Some(error) = not_an_entry {
        return Err(error);
    }
    for entry in sections.iter_mut().flat_map(|section| &mut section.entries) {
        let kept = entry.value.trim_end_matches(is_python_space).len();
        entry.value.truncate(kept);
    }
    Ok(sections)
}

/// `\[(?P<header>.+)\]`, greedy, and whatever follows.
fn header(value: &str) -> Option<&str> {
    let rest = value.strip_prefix('[')?;
    rest.rfind(']').map(|end| &rest[..end]).filter(|name| !name.is_empty())
}

/// Lines with their ends, which are `\n`, `\r\n` and `\r`.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let end = match rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            Some(at) if rest[at..].starts_with(b"\r\n") => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        let line = start..start + end;
        start = line.end;
        Some(line)
    })
}

/// Names of entries alone: values are secrets.
impl fmt::Debug for Ini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.sections.iter().map(|section| &section.name)).finish()
    }
}

#[cfg(test)]
mod tests;
