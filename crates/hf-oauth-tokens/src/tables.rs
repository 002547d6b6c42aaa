//! The store's files as they are read and changed.

use std::path::Path;
use std::time::Duration;

use hf_oauth_core::coordinator::TokenFingerprint;
use hf_oauth_core::{Secret, UnixTime};

use crate::error::StoreError;
use crate::file::{self, Version};
use crate::ini::{Ini, NotEditable, Section};
use crate::next::Next;
use crate::source::TokenSource;
use crate::token::{Renewal, clean};
use crate::warning::Warning;

/// Python empties a file and then fills it; whoever reads between finds nothing, or half.
const RETRIES: u32 = 20;
const RETRY_AFTER: Duration = Duration::from_millis(5);
const MOST_WRITES: u32 = 10;

pub(crate) const TOKEN: &str = "hf_token";
pub(crate) const REFRESH_TOKEN: &str = "refresh_token";
pub(crate) const EXPIRES_AT: &str = "expires_at";
pub(crate) const CLIENT_ID: &str = "client_id";
pub(crate) const ISSUER: &str = "issuer";

/// A file of sections.
pub(crate) struct Table {
    pub(crate) ini: Ini,
    pub(crate) warning: Option<Warning>,
    version: Version,
}

pub(crate) fn read_table(path: &Path) -> Result<Table, StoreError> {
    for _ in 0..RETRIES {
        match read_table_once(path) {
            Ok((table, fresh)) if !fresh || !table.ini.text().is_empty() => return Ok(table),
            Ok(_) => {}
            Err((error, false)) => return Err(error),
            Err((_, true)) => {}
        }
        std::thread::sleep(RETRY_AFTER);
    }
    read_table_once(path).map(|(table, _)| table).map_err(|(error, _)| error)
}

/// The boolean: written a moment ago.
fn read_table_once(path: &Path) -> Result<(Table, bool), (StoreError, bool)> {
    let Some(contents) = file::read(path).map_err(|error| (error, false))? else {
        return Ok((Table { ini: Ini::empty(), warning: None, version: Version::NONE }, false));
    };
    let fresh = contents.fresh;
    match Ini::parse(&contents.bytes) {
        Ok(ini) => Ok((Table { ini, warning: contents.warning, version: contents.version }, fresh)),
        Err(error) => {
            let json = contents.bytes.trim_ascii_start().starts_with(b"{");
            let path = path.into();
            Err(match json {
                true => (StoreError::OtherFormat { path }, false),
                false => (StoreError::Corrupt { path, line: error.line, what: error.what }, fresh),
            })
        }
    }
}

/// A file with a section changed, written beside it; `None` where nothing changes.
pub(crate) struct Edited<'p, E> {
    path: &'p Path,
    edit: E,
    version: Version,
    next: Option<Next>,
}

impl<'p, E: Fn(&Ini) -> Result<Ini, NotEditable>> Edited<'p, E> {
    pub(crate) fn prepare(path: &'p Path, edit: E) -> Result<Self, StoreError> {
        let Table { ini, version, .. } = read_table(path)?;
        let new = edit(&ini).map_err(|NotEditable| StoreError::NotEditable { path: path.into() })?;
        let changed = new != ini;
        let next = changed.then(|| Next::prepare(path, new.text().as_bytes())).transpose()?;
        Ok(Self { path, edit, version, next })
    }

    /// True when it goes to another folder than these.
    pub(crate) fn is_apart(&self, others: &[Next]) -> bool {
        let here = self.next.as_ref().map(|next| next.place_of().id);
        here.is_some_and(|here| others.iter().any(|other| other.place_of().id != here))
    }

    /// Puts it in its place; edits anew when somebody wrote in between, since Python's login takes no lock.
    ///
    /// What is returned is closed when the other files of a change are in their places too.
    pub(crate) fn place(mut self) -> Result<Option<Next>, StoreError> {
        for _ in 0..MOST_WRITES {
            match self.next {
                None => return Ok(None),
                Some(mut next) if next.there() == self.version => {
                    next.place()?;
                    return Ok(Some(next));
                }
                Some(_) => self = Self::prepare(self.path, self.edit)?,
            }
        }
        Err(StoreError::Busy { path: self.path.into(), owner: None })
    }
}

/// Changes one file alone.
pub(crate) fn change_table(
    path: &Path,
    edit: impl Fn(&Ini) -> Result<Ini, NotEditable>,
) -> Result<(), StoreError> {
    if let Some(next) = Edited::prepare(path, edit)?.place()? {
        next.place_of().sync();
    }
    Ok(())
}

/// The token file's token.
pub(crate) fn read_token(path: &Path) -> Result<(Option<Secret>, Option<Warning>), StoreError> {
    let mut last = None;
    for attempt in 0..=RETRIES {
        let Some(contents) = file::read(path)? else { return Ok((None, None)) };
        let text = std::str::from_utf8(&contents.bytes)
            .map_err(|_| StoreError::NotAToken { source_name: TokenSource::TokenFile })?;
        let token = token_of(text, TokenSource::TokenFile)?;
        let done = token.is_some() || !contents.fresh || attempt == RETRIES;
        last = contents.warning;
        if done {
            return Ok((token, last));
        }
        std::thread::sleep(RETRY_AFTER);
    }
    Ok((None, last))
}

pub(crate) fn token_of(text: &str, source_name: TokenSource) -> Result<Option<Secret>, StoreError> {
    match clean(text) {
        Some(token) if token.chars().any(char::is_control) => Err(StoreError::NotAToken { source_name }),
        token => Ok(token.map(Secret::new)),
    }
}

/// A section's token.
pub(crate) fn token(section: &Section) -> Option<Secret> {
    section.get(TOKEN).filter(|token| !token.is_empty()).map(Secret::new)
}

pub(crate) fn refresh_token(section: &Section) -> Option<Secret> {
    section.get(REFRESH_TOKEN).filter(|token| !token.is_empty()).map(Secret::new)
}

pub(crate) fn expires_at(section: &Section) -> Option<UnixTime> {
    unix_time(section, EXPIRES_AT)
}

/// Python's `int()`: a sign, digits, single underscores between them.
pub(crate) fn unix_time(section: &Section, key: &str) -> Option<UnixTime> {
    let text = crate::ini::strip(section.get(key)?);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.split('_').any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    text.replace('_', "").parse().ok().map(UnixTime::from_secs)
}

/// How the token of `section` can be refreshed; what our own file says counts only while it is about this very token.
pub(crate) fn renewal(section: &Section, own: Option<&Section>) -> Renewal {
    if expires_at(section).is_none() {
        return Renewal::None;
    }
    let own = own.filter(|own| own.get(TOKEN) == section.get(TOKEN));
    let own = own.and_then(|own| Some((refresh_token(own)?, own.get(CLIENT_ID)?, own.get(ISSUER)?)));
    if let Some((_, client_id, issuer)) = own {
        return Renewal::Own { client_id: client_id.to_owned(), issuer: issuer.to_owned() };
    }
    if refresh_token(section).is_some() { Renewal::Shared } else { Renewal::None }
}

pub(crate) fn fingerprint(token: Option<&Secret>) -> String {
    token.map_or_else(|| "-".to_owned(), |token| file::hex(TokenFingerprint::of(token).as_bytes()))
}
