use super::{DEFAULT, Ini, Section};

/// What cannot be changed without touching what is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotEditable;

impl Ini {
    pub(crate) fn empty() -> Self {
        Self { text: String::new(), sections: Vec::new() }
    }

    /// Sets each key of `name` to its value, or takes it away; a new section goes where Python's sorting puts it.
    /// Everything else keeps its bytes.
    pub(crate) fn set(&self, name: &str, fields: &[(&str, Option<&str>)]) -> Result<Self, NotEditable> {
        let mut text = self.text.clone();
        match self.section(name) {
            Some(section) => change(&mut text, section, fields),
            None => self.add(&mut text, name, fields),
        }
        self.checked(&text, name, Some(fields))
    }

    /// Takes a section away, and nothing else.
    pub(crate) fn remove(&self, name: &str) -> Result<Self, NotEditable> {
        let mut text = self.text.clone();
        if let Some(section) = self.section(name) {
            text.replace_range(section.bytes.clone(), "");
        }
        self.checked(&text, name, None)
    }

    fn add(&self, text: &mut String, name: &str, fields: &[(&str, Option<&str>)]) {
        let next = self.sections().find(|section| section.name.as_str() > name);
        let at = next.map_or(text.len(), |section| section.bytes.start);
        let mut new = String::new();
        if at == text.len() && !text.is_empty() {
            if !text.ends_with(['\n', '\r']) {
                new.push('\n');
            }
            if !text.ends_with("\n\n") && !text.ends_with("\r\n\r\n") {
                new.push('\n');
            }
        }
        new.push_str(&format!("[{name}]\n"));
        for (key, value) in fields.iter().filter_map(|(key, value)| value.map(|value| (key, value))) {
            new.push_str(&format!("{key} = {value}\n"));
        }
        new.push('\n');
        text.insert_str(at, &new);
    }

    /// The text read again, if it says exactly what was meant.
    fn checked(
        &self,
        text: &str,
        name: &str,
        fields: Option<&[(&str, Option<&str>)]>,
    ) -> Result<Self, NotEditable> {
        let new = Self::parse(text.as_bytes()).map_err(|_| NotEditable)?;
        let others = |ini: &Self| -> Vec<(String, Vec<(String, String)>)> {
            let others = ini.sections.iter().filter(|section| section.name != name || name == DEFAULT);
            others.map(|section| (section.name.clone(), owned(section, &[]))).collect()
        };
        let ours = match fields {
            None => new.section(name).is_none(),
            Some(fields) => new.section(name).is_some_and(|section| {
                let before = self.section(name).map(|section| owned(section, fields)).unwrap_or_default();
                owned(section, fields) == before
                    && fields.iter().all(|(key, value)| section.get(key) == *value)
            }),
        };
        if ours && others(self) == others(&new) { Ok(new) } else { Err(NotEditable) }
    }
}

/// A section's entries, but for those that are being set.
fn owned(section: &Section, without: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
    let kept = section.pairs().filter(|(key, _)| without.iter().all(|(set, _)| set != key));
    kept.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// From the last line to the first, so that what stands before keeps its place.
fn change(text: &mut String, section: &Section, fields: &[(&str, Option<&str>)]) {
    let last = section.entries.last().map(|entry| entry.bytes.clone());
    let newline = if text[..section.header_end].ends_with("\r\n") { "\r\n" } else { "\n" };
    let mut added = String::new();
    for (key, value) in fields {
        if let Some(value) = value.filter(|_| section.get(key).is_none()) {
            let depth = last.clone().map_or(String::new(), |last| indent(&text[last]));
            added.push_str(&format!("{depth}{key} = {value}{newline}"));
        }
    }
    let at = last.map_or(section.header_end, |last| last.end);
    if !added.is_empty() {
        if !text[..at].ends_with(['\n', '\r']) {
            added.insert_str(0, newline);
        }
        text.insert_str(at, &added);
    }
    for entry in section.entries.iter().rev() {
        let Some((key, value)) = fields.iter().find(|(key, _)| *key == entry.key) else { continue };
        // A value that stays keeps its spelling too.
        if *value == Some(entry.value.as_str()) {
            continue;
        }
        let old = &text[entry.bytes.clone()];
        let line = match value {
            Some(value) => {
                let end = if old.ends_with("\r\n") { "\r\n" } else { "\n" };
                format!("{}{key} = {value}{end}", indent(old))
            }
            None => String::new(),
        };
        text.replace_range(entry.bytes.clone(), &line);
    }
}

fn indent(line: &str) -> String {
    line.chars().take_while(|c| super::is_python_space(*c)).collect()
}
