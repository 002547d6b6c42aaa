//! What a sign-in from a terminal reads.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hf_oauth_core::*;
use hf_oauth_tokens::{Environment, NewLogin, StoredToken, TokenStore};
use tempfile::TempDir;
use url::Url;

use crate::seeds;
use crate::support::{
    CLIENT_SECRET, NOW, app, assert_fit_to_be_shown, assert_short_and_fit_to_be_shown, hub, response,
};

/// The device endpoint's answer, a line `--`, and the answer to a poll: what is shown to the person has only printable
/// ASCII and the provider's own addresses, waits and ends are bounded, and no error repeats the device code.
pub fn device_response(data: &[u8]) -> bool {
    let (first, second) = match data.windows(4).position(|part| part == b"\n--\n") {
        Some(middle) => (&data[..middle], &data[middle + 4..]),
        None => (data, &[][..]),
    };
    let app = app().with_client_secret(CLIENT_SECRET);
    let scopes = Scopes::from("openid profile");
    let (request, asked) = DeviceRequest::request(&app, &hub(), &scopes).expect("the Hub has the endpoint");
    let at = Duration::from_secs(1_000);
    let login = match asked.receive(request.read(response(first)), at) {
        Ok(login) => login,
        Err(error) => {
            assert_short_and_fit_to_be_shown(&error, &[CLIENT_SECRET]);
            return false;
        }
    };
    let code = login.code();
    assert!(code.user_code.len() <= 64 && code.user_code.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    for address in
        [Some(&code.verification_uri), code.verification_uri_complete.as_ref()].into_iter().flatten()
    {
        let url = Url::parse(address.as_str()).expect("a browser reads it");
        let origin = url.origin().ascii_serialization();
        assert!(["https://huggingface.co", "https://hf.co"].contains(&origin.as_str()), "{address}");
    }
    let left = login.expires_in(at);
    assert!((30..=3_600).contains(&left.as_secs()), "{left:?}");
    assert!((1..=60).contains(&login.interval().as_secs()), "{:?}", login.interval());
    assert_eq!(login.next(at), DeviceStep::Wait { until: (at + login.interval()).min(at + left) });
    assert_eq!(login.next(at + left), DeviceStep::Expired);

    let parts = login.to_parts(at, NOW);
    let kept = DeviceLogin::from_parts(parts.clone(), at, NOW).expect("what was accepted is accepted again");
    let again = kept.to_parts(at, NOW);
    assert_eq!(serde_json::to_value(&again).ok(), serde_json::to_value(&parts).ok());

    // A short one may be a word of the message.
    let device_code = Some(parts.device_code.as_str()).filter(|code| code.len() >= 16);
    let secrets: Vec<_> = device_code.into_iter().collect();
    let poll = login.poll_request(&app, &hub()).expect("the same provider");
    match login.receive(poll.read(response(second)), at, NOW, None) {
        Ok(DevicePoll::Pending(login)) => {
            assert!(login.interval() <= Duration::from_secs(65), "{:?}", login.interval());
            if let Some(fault) = login.fault() {
                assert_short_and_fit_to_be_shown(fault, &secrets);
            }
        }
        Ok(DevicePoll::Granted(_)) => {}
        Err(error) => assert_short_and_fit_to_be_shown(&error, &secrets),
    }
    true
}

/// Python's file of tokens: keeping one more changes no byte of the others, forgetting it brings back who was there, and a
/// file that cannot be read is left as it is.
pub fn stored_tokens_ini(data: &[u8]) -> bool {
    let (store, file) = (&STORE.store, STORE.folder.path().join("stored_tokens"));
    // One store, and tests run in threads.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for path in [&store.locations().token, &store.locations().journal, &store.locations().own_tokens] {
        let _ = std::fs::remove_file(path);
    }
    write(&file, data).expect("a temporary file");
    let before = match store.list() {
        Ok(before) => before,
        Err(error) => {
            assert_fit_to_be_shown(&error, &[]);
            assert!(store.save(&login()).is_err(), "a file that cannot be read was written");
            assert_eq!(read(&file), data, "a file that cannot be read was changed");
            return false;
        }
    };
    if before.iter().any(|token| token.name == seeds::NEW_TOKEN_NAME) {
        return true;
    }
    if let Err(error) = store.save(&login()) {
        assert_fit_to_be_shown(&error, &[]);
        return false;
    }
    let written = read(&file);
    // What is new stands in one place.
    let head = written.iter().zip(data).take_while(|(new, old)| new == old).count();
    let tail = written.iter().rev().zip(data.iter().rev()).take_while(|(new, old)| new == old).count();
    assert!(head + tail >= data.len(), "other bytes were changed: {:?}", String::from_utf8_lossy(&written));
    let mut after = store.list().expect("what was written can be read");
    let new = after.iter().position(|token| token.name == seeds::NEW_TOKEN_NAME).expect("it was kept");
    let new = after.remove(new);
    assert_eq!(new.token.as_ref().map(Secret::expose), Some(seeds::NEW_TOKEN));
    assert!(known(&before).eq(known(&after)), "others were changed: {before:?} {after:?}");
    match store.remove(seeds::NEW_TOKEN_NAME) {
        Ok(was_active) => {
            assert!(was_active);
            assert!(known(&before).eq(known(&store.list().expect("it can be read"))), "others are gone");
        }
        Err(error) => assert_fit_to_be_shown(&error, &[]),
    }
    true
}

struct Place {
    folder: TempDir,
    store: TokenStore,
}

static STORE: LazyLock<Place> = LazyLock::new(|| {
    // In memory where there is such a folder: every save waits for the disk.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a temporary folder");
    let store = TokenStore::new(Environment::from_pairs([("HF_HOME", folder.path())]));
    Place { folder, store }
});

static ALONE: Mutex<()> = Mutex::new(());

fn login() -> NewLogin {
    NewLogin::new(seeds::NEW_TOKEN_NAME, seeds::NEW_TOKEN)
}

/// As it was long ago: of a file that is new the store waits for the rest.
fn write(path: &Path, data: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(data)?;
    file.set_modified(SystemTime::UNIX_EPOCH)
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).expect("the file is there")
}

/// All but which one is active.
fn known(tokens: &[StoredToken]) -> impl Iterator<Item = (&str, Option<&Secret>, Option<UnixTime>)> {
    tokens.iter().map(|token| (token.name.as_str(), token.token.as_ref(), token.expires_at))
}
