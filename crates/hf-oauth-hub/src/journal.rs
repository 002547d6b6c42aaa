//! What was asked of the hub, for assertions; never a secret.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Old entries go when there are more.
const KEPT: usize = 10_000;
const LONGEST: usize = 2_048;

/// Parameters whose values may be seen. Everything else, unknown names included, is redacted.
const SHOWN: [&str; 27] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "decision",
    "display",
    "error",
    "error_description",
    "grant_type",
    "login_hint",
    "max_age",
    "max_tokens",
    "model",
    "nonce",
    "org[]",
    "orgIds",
    "prompt",
    "redirect_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "stream",
    "subject_token_type",
    "ui_locales",
    "username",
    "iss",
];

/// All requests up to a moment, oldest first.
///
/// ```
/// # let runtime = tokio::runtime::Runtime::new()?;
/// # runtime.block_on(async {
/// let hub = hf_oauth_hub::LocalHub::start().await?;
/// assert_eq!(hub.journal().count("/oauth/token"), 0);
/// assert!(hub.journal().entries().is_empty());
/// # Ok::<(), hf_oauth_hub::StartError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    /// The requests, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many requests there were for `path`, whatever their method and query.
    pub fn count(&self, path: &str) -> usize {
        self.to(path).count()
    }

    /// The requests for `path`.
    pub fn to(&self, path: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.path == path)
    }
}

/// One request and its answer.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// When it came, by the hub's clock, in seconds since the Unix epoch.
    pub at: u64,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path below the issuer, without the query.
    pub path: String,
    /// Query and form parameters in order; `[redacted]` for the value of everything that could be a secret.
    pub params: Vec<(String, String)>,
    /// The status of the answer; 0 where none was sent: the request is still under way, was given up, or a fault dropped the answer.
    pub status: u16,
    /// The app, where it is known.
    pub client_id: Option<String>,
    /// The person, where known.
    pub username: Option<String>,
    /// How the client authenticated itself.
    pub auth: Auth,
    /// The OAuth error in the answer or in the redirect.
    pub error: Option<String>,
    /// The faults that were applied, as in `status 503` or `latency + claims`.
    pub fault: Option<String>,
    /// The client's own name.
    pub user_agent: Option<String>,
    #[serde(skip)]
    id: u64,
}

impl Entry {
    /// The value of a parameter, the first if there are several.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn new(at: u64, method: &str, path: &str, user_agent: Option<&str>) -> Self {
        Self {
            at,
            method: method.to_owned(),
            path: cut(path),
            params: Vec::new(),
            status: 0,
            client_id: None,
            username: None,
            auth: Auth::None,
            error: None,
            fault: None,
            user_agent: user_agent.map(cut),
            id: 0,
        }
    }

    pub(crate) fn with_params<'a>(mut self, params: impl Iterator<Item = &'a (String, String)>) -> Self {
        self.params = params.map(|(name, value)| (cut(name), redacted(name, value))).collect();
        self
    }
}

/// How a client proved who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Auth {
    /// Not at all: nothing that says who asks.
    #[default]
    None,
    /// By its `client_id` alone.
    ClientId,
    /// By its secret in `Authorization: Basic`.
    Basic,
    /// By its secret in the form (`client_secret_post`).
    Post,
    /// By the PKCE verifier alone, without `client_id`.
    Pkce,
    /// By an access token.
    Bearer,
}

#[derive(Default)]
pub(crate) struct Recorder(Mutex<Recorded>);

#[derive(Default)]
struct Recorded {
    entries: VecDeque<Entry>,
    next: u64,
}

impl Recorder {
    /// Written when the request arrives, so that one whose client gives up is seen as well.
    pub(crate) fn begin(&self, mut entry: Entry) -> u64 {
        let mut recorded = self.lock();
        let id = recorded.next;
        recorded.next += 1;
        entry.id = id;
        if recorded.entries.len() >= KEPT {
            recorded.entries.pop_front();
        }
        recorded.entries.push_back(entry);
        id
    }

    pub(crate) fn complete(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.lock().entries.iter_mut().rev().find(|entry| entry.id == id) {
            change(entry);
        }
    }

    pub(crate) fn snapshot(&self) -> Journal {
        Journal { entries: self.lock().entries.iter().cloned().collect() }
    }

    pub(crate) fn clear(&self) {
        self.lock().entries.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn redacted(name: &str, value: &str) -> String {
    if SHOWN.contains(&name) { cut(value) } else { "[redacted]".to_owned() }
}

fn cut(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}...", &text[..end])
}
