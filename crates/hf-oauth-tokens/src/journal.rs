//! A save changes two or three files, and may die between them: what it was about to do stands in the journal, as
//! hashes. Whoever comes next finishes it, if the files still are what they were.
//!
//! Named tokens are written before the active one, and of their two files the one that the refresh token goes to before the
//! one that it does not go to: there is no other copy of it. Until
//! the active token follows, Python goes on with the old one, as it does when it dies there itself.

use std::os::unix::fs::MetadataExt as _;

use crate::error::{StoreError, Unsafe};
use crate::file;
use crate::locations::Locations;
use crate::lock::Lock;
use crate::next::{self, Next};
use crate::tables::{EXPIRES_AT, TOKEN, change_table, fingerprint, read_table, read_token, token};

const HEADER: &str = "hf-oauth journal 1";

/// The token file goes from one to the other; so does the token of this name.
pub(crate) struct Plan<'p> {
    pub(crate) name: &'p str,
    pub(crate) active: Option<String>,
    pub(crate) before: String,
    pub(crate) after: String,
    /// The file that is to become the token file: once it is, whoever changes it again has the last word.
    pub(crate) inode: Option<u64>,
}

pub(crate) fn prepare(places: &Locations, plan: &Plan<'_>) -> Result<Next, StoreError> {
    let active = plan.active.as_deref().unwrap_or("keep");
    let Plan { name, before, after, .. } = plan;
    let inode = plan.inode.map_or("-".to_owned(), |inode| inode.to_string());
    let text = format!("{HEADER}\n{active}\n{before}\n{after}\n{inode}\n{name}\n");
    Next::prepare(&places.journal, text.as_bytes())
}

pub(crate) fn begin(mut journal: Next) -> Result<(), StoreError> {
    journal.place()?;
    journal.place_of().sync();
    Ok(())
}

pub(crate) fn end(places: &Locations) -> Result<(), StoreError> {
    file::remove(&places.journal).map(drop)
}

pub(crate) fn is_open(places: &Locations) -> bool {
    file::stat(&places.journal).is_ok()
}

/// Finishes what a process that died began. The lock is proof that nobody is at it.
pub(crate) fn finish(places: &Locations, _lock: &Lock) -> Result<(), StoreError> {
    if file::is_link(&places.journal) {
        return Err(StoreError::UnsafePath { path: places.journal.clone(), what: Unsafe::Link });
    }
    let Some(contents) = file::read(&places.journal)? else { return Ok(()) };
    let text = String::from_utf8_lossy(&contents.bytes);
    let mut lines = text.lines();
    let known = lines.next() == Some(HEADER);
    if let (true, Some(active), Some(before), Some(after), Some(inode), Some(name)) =
        (known, lines.next(), lines.next(), lines.next(), lines.next(), lines.next())
    {
        finish_names(places, name, before, after)?;
        let there = std::fs::metadata(&places.token).map(|told| told.ino().to_string());
        if there.ok().as_deref() != Some(inode) {
            finish_active(places, name, active, after)?;
        }
    }
    end(places)
}

/// The file that the refresh token goes to was written first; the other one follows.
fn finish_names(places: &Locations, name: &str, before: &str, after: &str) -> Result<(), StoreError> {
    let own = read_table(&places.own_tokens)?.ini;
    let stored = read_table(&places.stored_tokens)?.ini;
    let Some(own) = own.section(name) else { return Ok(()) };
    let now = fingerprint(stored.section(name).and_then(token).as_ref());
    if fingerprint(token(own).as_ref()) != after {
        // The name was another client's and is Python's now.
        return if now == after { change_table(&places.own_tokens, |ini| ini.remove(name)) } else { Ok(()) };
    }
    if now != before || before == after {
        return Ok(());
    }
    let fields = [(TOKEN, own.get(TOKEN)), ("refresh_token", None), (EXPIRES_AT, own.get(EXPIRES_AT))];
    change_table(&places.stored_tokens, |ini| ini.set(name, &fields))
}

fn finish_active(places: &Locations, name: &str, active: &str, after: &str) -> Result<(), StoreError> {
    let stored = read_table(&places.stored_tokens)?.ini;
    let Some(new) = stored.section(name).and_then(token) else { return Ok(()) };
    let (now, _) = read_token(&places.token)?;
    if fingerprint(Some(&new)) == after && fingerprint(now.as_ref()) == active {
        next::write(&places.token, new.expose().as_bytes())?;
    }
    Ok(())
}
