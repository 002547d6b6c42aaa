//! Logins that were begun, each in a sealed cookie of its own.

mod record;
mod restart;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::{App, Issuer, LoginOptions, LoginSeed, PendingLogin, ReturnPath, UnixTime};
use sha2::{Digest as _, Sha256};

use crate::cookie::{CookieHeaders, CookiePolicy, SetCookie};
use crate::cookie_sessions::pair_len;
use crate::error::{NoEntropy, WriteError};
use crate::keyring::Keyring;
use crate::seal::{Binding, Opened};
use record::Record;

/// How many logins one browser may have under way; the oldest goes when another begins.
pub const MOST_PENDING_LOGINS: usize = 10;

/// The most bytes of the `Cookie` header that all pending logins take together.
pub const PENDING_COOKIES_LIMIT: usize = 2_048;

/// A login can be finished for 10 minutes ([`hf_oauth_core::PENDING_LOGIN_LIFETIME`]); its cookie stays a while longer, so that whoever
/// comes late is told so, and restarts with the return path.
const KEPT: Duration = Duration::from_secs(30 * 60);
/// How long it is remembered that a login was finished: for the back button and for reloads.
const FINISHED_KEPT: Duration = Duration::from_secs(10 * 60);

/// Keeps pending logins in the browser: one sealed cookie each, named by a hash of its `state`.
///
/// Logins begun in several tabs at once do not touch each other, and a login may begin on one instance and end on
/// another. Plain configuration: clone it, share it. See the [crate](crate) for the whole way.
#[derive(Clone, Debug)]
pub struct PendingLogins {
    keyring: Keyring,
    policy: CookiePolicy,
    client_id: String,
    issuer: Issuer,
    prefix: String,
}

/// What is known of the login that a callback's `state` names.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub enum PendingLookup {
    /// It waits. Whether it came too late, [`PendingLogin::accept`] says.
    Waiting(Box<PendingLogin>),
    /// It was finished a moment ago: the same callback came again (back button, reload, prefetch). The code is used;
    /// if somebody is signed in, go to the return path.
    Finished {
        /// Where that login went.
        return_path: ReturnPath,
    },
    /// This browser has no such login: its cookie was dropped, or the callback is forged.
    Unknown {
        /// True when this login was itself a restart: do not restart again, explain.
        after_restart: bool,
    },
}

impl PendingLogins {
    /// Pending logins of one app.
    pub fn new(keyring: Keyring, policy: CookiePolicy, client_id: &str, issuer: &Issuer) -> Self {
        let prefix = policy.pending_prefix();
        Self { keyring, policy, client_id: client_id.to_owned(), issuer: issuer.clone(), prefix }
    }

    /// The same under other names and attributes, such as those of another port.
    #[must_use]
    pub fn with_policy(&self, policy: CookiePolicy) -> Self {
        Self { prefix: policy.pending_prefix(), policy, ..self.clone() }
    }

    /// A seed for a login that the person asked for.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`].
    pub fn new_seed(&self) -> Result<LoginSeed, NoEntropy> {
        restart::seed(&self.keyring, false)
    }

    /// A seed for a login that replaces one whose callback came without its cookie.
    ///
    /// Its `state` carries a mark that only the key ring can make and see, so that
    /// [`PendingLookup::Unknown`] can tell a second loss from a first one, even from a browser that keeps no cookie
    /// at all, and on any instance.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`].
    pub fn restart_seed(&self) -> Result<LoginSeed, NoEntropy> {
        restart::seed(&self.keyring, true)
    }

    /// Keeps a login that begins with these arguments of [`hf_oauth_core::authorize`]; deletes what would be too
    /// much with it: logins that ended, then the oldest beyond [`MOST_PENDING_LOGINS`] and [`PENDING_COOKIES_LIMIT`].
    ///
    /// # Errors
    ///
    /// [`WriteError::PendingLoginTooLarge`] when return path, scopes and app state are too long for any cookie.
    pub fn begin(
        &self,
        options: &LoginOptions,
        seed: &LoginSeed,
        cookies: &CookieHeaders<'_>,
        now: UnixTime,
    ) -> Result<Vec<SetCookie>, WriteError> {
        let name = self.name(&seed.state());
        let payload = record::waiting(options, seed, &self.issuer, now);
        let value = self.seal(&name, now + KEPT, &payload)?;
        let bytes = pair_len(name.len(), value.len());
        if bytes > PENDING_COOKIES_LIMIT || value.len() > self.policy.room(&name) {
            return Err(WriteError::PendingLoginTooLarge { bytes, limit: PENDING_COOKIES_LIMIT });
        }
        let mut set_cookies = self.tidy(cookies, now, 1, bytes);
        set_cookies.push(self.policy.set(name, value, KEPT));
        Ok(set_cookies)
    }

    /// Finds the login that a callback's `state` names. It stays where it is: a callback that is refused must not
    /// use it up.
    pub fn find(&self, app: &App, state: &str, cookies: &CookieHeaders<'_>, now: UnixTime) -> PendingLookup {
        let name = self.name(state);
        for value in cookies.values(&name) {
            match self.open(&name, value, now) {
                Some(Record::Waiting(login)) => {
                    let pending = PendingLogin::from_seed(
                        app,
                        &login.issuer,
                        &login.options,
                        &login.seed,
                        login.begun_at,
                    );
                    return PendingLookup::Waiting(Box::new(pending));
                }
                Some(Record::Finished { return_path, .. }) => return PendingLookup::Finished { return_path },
                None => {}
            }
        }
        PendingLookup::Unknown { after_restart: restart::is_marked(&self.keyring, state) }
    }

    /// The login came to its end and its code is used: in place of the login, the browser keeps for some minutes
    /// where it went, see [`PendingLookup::Finished`].
    pub fn finish(&self, state: &str, return_path: &ReturnPath, now: UnixTime) -> Vec<SetCookie> {
        let name = self.name(state);
        let payload = record::finished(return_path, now);
        match self.seal(&name, now + FINISHED_KEPT, &payload) {
            Ok(value) => vec![self.policy.set(name, value, FINISHED_KEPT)],
            Err(NoEntropy) => self.policy.delete(&name).collect(),
        }
    }

    /// The login failed for good: forget it.
    pub fn forget(&self, state: &str) -> Vec<SetCookie> {
        self.policy.delete(&self.name(state)).collect()
    }

    /// Deletes what is of no use any more in a request's cookies: what does not open, what has ended, and the oldest
    /// beyond the bounds, which logins begun at the same moment may exceed together.
    pub fn stale(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> Vec<SetCookie> {
        self.tidy(cookies, now, 0, 0)
    }

    fn tidy(
        &self,
        cookies: &CookieHeaders<'_>,
        now: UnixTime,
        more: usize,
        more_bytes: usize,
    ) -> Vec<SetCookie> {
        let mut stale = Vec::new();
        let mut kept = Vec::new();
        for (name, value) in cookies.pairs_from(&self.prefix) {
            match self.open(name, value, now) {
                Some(record) => kept.push((record.rank(), name, pair_len(name.len(), value.len()))),
                None => stale.push(name),
            }
        }
        kept.sort_unstable();
        let mut bytes = more_bytes + kept.iter().map(|(.., bytes)| bytes).sum::<usize>();
        let mut count = more + kept.len();
        for (_, name, size) in kept {
            if count <= MOST_PENDING_LOGINS && bytes <= PENDING_COOKIES_LIMIT {
                break;
            }
            stale.push(name);
            count -= 1;
            bytes -= size;
        }
        stale.sort_unstable();
        stale.dedup();
        stale.into_iter().flat_map(|name| self.policy.delete(name)).collect()
    }

    /// 72 bits of a hash: `state` itself is not in the name, which appears in more places than the value.
    fn name(&self, state: &str) -> String {
        let digest = Sha256::new().chain_update("hf-oauth pending login ").chain_update(state).finalize();
        format!("{}{}", self.prefix, URL_SAFE_NO_PAD.encode(&digest[..9]))
    }

    /// The issuer is in the record instead of the binding, so that a callback of another provider is named as such.
    fn binding(&self, name: &str) -> Binding {
        Binding::new("pending login", &[name.as_bytes(), self.client_id.as_bytes()])
    }

    fn seal(&self, name: &str, end: UnixTime, payload: &[u8]) -> Result<String, NoEntropy> {
        self.keyring.seal(&self.binding(name), end, payload).map(|sealed| URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(&self, name: &str, value: &str, now: UnixTime) -> Option<Record> {
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        match self.keyring.open(&self.binding(name), &sealed, now) {
            Opened::Payload { payload, .. } => Record::read(&payload),
            Opened::Ended | Opened::Newer | Opened::Unreadable => None,
        }
    }
}

#[cfg(test)]
mod tests;
