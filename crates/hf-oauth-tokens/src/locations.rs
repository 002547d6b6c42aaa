//! Where everything lies: Python's `constants.py`, step by step, its double expansion included.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::users::{home_by_name, home_by_uid};

const ENDPOINT: &str = "https://huggingface.co";
const STAGING_ENDPOINT: &str = "https://hub-ci.huggingface.co";

/// The paths of the store, and the Hub that its tokens are for.
///
/// ```
/// use hf_oauth_tokens::{Environment, Locations};
///
/// let places = Locations::of(&Environment::from_pairs([("HOME", "/home/ada"), ("HF_HOME", "~/hf")]));
/// assert_eq!(places.token.to_str(), Some("/home/ada/hf/token"));
/// assert_eq!(places.stored_tokens.to_str(), Some("/home/ada/hf/stored_tokens"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Locations {
    /// `HF_HOME`, by default `~/.cache/huggingface`.
    pub hf_home: PathBuf,
    /// The active token alone; `HF_TOKEN_PATH`.
    pub token: PathBuf,
    /// Every token by name; beside [`token`](Self::token).
    pub stored_tokens: PathBuf,
    /// True when [`stored_tokens`](Self::stored_tokens) is `HF_STORED_TOKENS_PATH`, which Python does not read: it
    /// looks beside the token.
    pub stored_tokens_moved: bool,
    /// The lock that Python takes to refresh.
    pub lock: PathBuf,
    /// Refresh tokens of clients other than the one that Python refreshes with.
    pub own_tokens: PathBuf,
    /// What a save was about to do: hashes, no secrets.
    pub journal: PathBuf,
    /// How the last refreshes went: hashes and times, no secrets.
    pub refreshes: PathBuf,
    /// A device login under way.
    pub device: PathBuf,
    /// The Hub's address without a trailing slash; `HF_ENDPOINT`.
    pub endpoint: Endpoint,
}

impl Locations {
    /// What Python would use with these variables. A blank `HF_ENDPOINT` means the default.
    pub fn of(environment: &Environment) -> Self {
        let staging = environment.is_true("HUGGINGFACE_CO_STAGING");
        let home = expand_user(OsStr::new("~"), environment);
        let cache = join(&home, ".cache");
        let hf_home = environment
            .get("HF_HOME")
            .map(OsStr::to_owned)
            .unwrap_or_else(|| join(environment.get("XDG_CACHE_HOME").unwrap_or(&cache), "huggingface"));
        let hf_home = expand(&hf_home, environment);
        let token = environment.get("HF_TOKEN_PATH").map_or_else(|| join(&hf_home, "token"), OsStr::to_owned);
        let token = expand(&token, environment);
        let moved = environment.get("HF_STORED_TOKENS_PATH").filter(|path| !path.is_empty());
        let stored_tokens = match moved {
            Some(path) => expand(path, environment),
            None => join(dirname(&token), "stored_tokens"),
        };
        let token = if staging { join(&join(&cache, "huggingface_staging"), "token") } else { token };
        let endpoint = environment.get("HF_ENDPOINT").and_then(OsStr::to_str).unwrap_or_default().trim();
        let endpoint = match endpoint.trim_end_matches('/') {
            _ if staging => STAGING_ENDPOINT,
            "" => ENDPOINT,
            endpoint => endpoint,
        };
        let beside = |name: &str| PathBuf::from(join(dirname(&stored_tokens), name));
        Self {
            hf_home: hf_home.into(),
            token: token.into(),
            stored_tokens_moved: moved.is_some(),
            lock: suffixed(&stored_tokens, ".lock"),
            own_tokens: beside("hf-oauth.tokens"),
            journal: beside("hf-oauth.journal"),
            refreshes: beside("hf-oauth.refreshes"),
            device: beside("hf-oauth.device"),
            stored_tokens: stored_tokens.into(),
            endpoint: Endpoint::new(endpoint),
        }
    }
}

fn suffixed(path: &OsStr, suffix: &str) -> PathBuf {
    let mut path = path.to_owned();
    path.push(suffix);
    path.into()
}

fn expand(path: &OsStr, environment: &Environment) -> OsString {
    expand_vars(&expand_user(path, environment), environment)
}

/// `os.path.join` for one relative name.
fn join(folder: &OsStr, name: &str) -> OsString {
    let mut path = folder.to_owned();
    if !path.is_empty() && path.as_bytes().last() != Some(&b'/') {
        path.push("/");
    }
    path.push(name);
    path
}

/// `os.path.dirname`.
fn dirname(path: &OsStr) -> &OsStr {
    let bytes = path.as_bytes();
    let head = &bytes[..bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1)];
    match head.iter().rposition(|byte| *byte != b'/') {
        Some(last) => OsStr::from_bytes(&head[..=last]),
        None => OsStr::from_bytes(head),
    }
}

/// `os.path.expanduser`: a user who is not known leaves the path as it is.
fn expand_user(path: &OsStr, environment: &Environment) -> OsString {
    let bytes = path.as_bytes();
    if bytes.first() != Some(&b'~') {
        return path.to_owned();
    }
    let end = bytes.iter().position(|byte| *byte == b'/').unwrap_or(bytes.len());
    let user = &bytes[1..end];
    let home = if user.is_empty() {
        match environment.get("HOME") {
            Some(home) => Some(home.as_bytes().to_vec()),
            None => home_by_uid(rustix::process::getuid().as_raw()),
        }
    } else {
        home_by_name(user)
    };
    let Some(mut whole) = home else { return path.to_owned() };
    while whole.last() == Some(&b'/') {
        whole.pop();
    }
    whole.extend_from_slice(&bytes[end..]);
    if whole.is_empty() { "/".into() } else { OsString::from_vec(whole) }
}

/// `os.path.expandvars`: `$name` and `${name}`, each once; what is not set stays as it is.
fn expand_vars(path: &OsStr, environment: &Environment) -> OsString {
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (name, length) = match variable(&bytes[at..]) {
            Some(found) => found,
            None => {
                out.push(bytes[at]);
                at += 1;
                continue;
            }
        };
        match environment.get_bytes(OsStr::from_bytes(name)) {
            Some(value) => out.extend_from_slice(value.as_bytes()),
            None => out.extend_from_slice(&bytes[at..at + length]),
        }
        at += length;
    }
    OsString::from_vec(out)
}

/// The name that a reference at the beginning of `bytes` is to, and the reference's length.
fn variable(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let rest = bytes.strip_prefix(b"$")?;
    if let Some(rest) = rest.strip_prefix(b"{") {
        let end = rest.iter().position(|byte| *byte == b'}')?;
        return Some((&rest[..end], end + 3));
    }
    let end = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    (end > 0).then(|| (&rest[..end], end + 1))
}

/// The folder that holds `path`: where temporary files go.
pub(crate) fn folder(path: &Path) -> PathBuf {
    match dirname(path.as_os_str()) {
        folder if folder.is_empty() => PathBuf::from("."),
        folder => folder.into(),
    }
}
