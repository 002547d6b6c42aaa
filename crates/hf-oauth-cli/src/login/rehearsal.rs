//! What would keep a login from being saved, found before anybody approves one: an approval is good once.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use hf_oauth_tokens::{FileStep, StoreError, TokenStore, Unsafe};

/// More than a login adds to a file.
const LOGIN: u64 = 8 * 1024;

/// Takes the lock, looks at what a save would replace, and writes as much as it would write, beside it.
pub(super) fn rehearse(store: &TokenStore) -> Result<(), StoreError> {
    let places = store.locations();
    for path in [&places.token, &places.stored_tokens, &places.own_tokens, &places.journal, &places.device] {
        safe(path)?;
    }
    // No login has an empty name: this takes the lock, finishes what a dead save left, reads the names, and stops.
    match store.switch("") {
        Ok(()) | Err(StoreError::UnknownName { .. }) => {}
        Err(error) => return Err(error),
    }
    let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let folders: BTreeSet<_> = [&places.token, &places.stored_tokens].map(|path| path.parent()).into();
    for folder in folders.into_iter().flatten() {
        write_and_remove(folder, length(&places.stored_tokens) + LOGIN)?;
    }
    Ok(())
}

/// The store's own rules for what it replaces.
fn safe(path: &Path) -> Result<(), StoreError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(StoreError::Io { path: path.into(), step: FileStep::Open, source }),
    };
    let what = match metadata.file_type() {
        kind if kind.is_symlink() => Unsafe::Link,
        kind if !kind.is_file() => Unsafe::NotAFile,
        _ if metadata.nlink() > 1 => Unsafe::HardLink,
        _ if metadata.uid() != rustix::process::geteuid().as_raw() => Unsafe::OtherOwner,
        _ => return Ok(()),
    };
    Err(StoreError::UnsafePath { path: path.into(), what })
}

fn write_and_remove(folder: &Path, length: u64) -> Result<(), StoreError> {
    // The store's own pattern, locked as its temporary files are: where this process is killed, the next save sweeps it.
    let path = folder.join(format!(".hf-oauth.{:032x}.tmp", std::process::id()));
    let failed = |step| move |source| StoreError::Io { path: folder.into(), step, source };
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(failed(FileStep::MakeFolder))?;
    // What a process of the same number may have left when it was killed.
    let _ = fs::remove_file(&path);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let mut file = file.map_err(failed(FileStep::MakeTemporary))?;
    let _ = file.try_lock();
    let written = io::copy(&mut io::repeat(b' ').take(length), &mut file);
    let written = written.map_err(failed(FileStep::Write));
    let kept = written.and_then(|_| file.sync_all().map_err(failed(FileStep::Sync)));
    match fs::remove_file(&path) {
        // Swept by another process, before the lock was there.
        Err(error) if error.kind() == io::ErrorKind::NotFound => kept,
        removed => kept.and(removed.map_err(failed(FileStep::Remove))),
    }
}
