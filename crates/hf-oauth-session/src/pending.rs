//! Logins that were begun, each in a sealed cookie of its own.

mod label;
mod record;
mod tidy;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_core::{App, Issuer, LoginAttempt, LoginOptions, LoginSeed, PendingLogin, ReturnPath, UnixTime};
use sha2::{Digest as _, Sha256};

use crate::cookie::{CookieHeaders, CookiePolicy, SetCookie, pair_len, set_bytes};
use crate::error::{NoEntropy, WriteError};
use crate::keyring::{Keyring, SealingKey};
use crate::seal::{Binding, NONCE, decrypt, encrypt};
use crate::session::RequirementId;
use label::{Kind, Label};
use record::Record;
use tidy::Beside;

/// How many logins one browser may have under way; the oldest goes when another begins.
pub const MOST_PENDING_LOGINS: usize = 10;

/// How long it is noted that a login was begun in place of one that was lost.
const RESTART_NOTED: Duration = Duration::from_secs(60);

/// How long after a login finished nobody is sent to another one unasked.
const JUST_FINISHED: Duration = Duration::from_secs(60);

/// Of a nonce, so much is random; the rest is a hash of the cookie's name, which no other login has.
const RANDOM: usize = 12;
/// What stands in front of what is encrypted.
const HEAD: usize = Label::BYTES + RANDOM;

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
    Waiting {
        /// The login.
        login: Box<PendingLogin>,
        /// What was asked for, for [`Session::with_asked`](crate::Session::with_asked) of the session that it gives.
        asked: Vec<RequirementId>,
    },
    /// It was finished a moment ago: the same callback came again (back button, reload, prefetch). The code is used;
    /// if somebody is signed in, go to the return path.
    Finished {
        /// Where that login went.
        return_path: ReturnPath,
    },
    /// This browser has no such login: its cookie was dropped, `state` was changed on the way, or the callback is
    /// forged.
    Unknown {
        /// True when this was somebody's first attempt and no restart is noted: begin again, once. Otherwise explain.
        ///
        /// It is read from `state` and from an unsealed cookie, so anybody can have it either way: that costs a page
        /// or one visit to the provider, and no more.
        may_restart: bool,
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

    /// A seed for a new login.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`].
    pub fn new_seed(&self) -> Result<LoginSeed, NoEntropy> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?;
        Ok(LoginSeed::from_random_bytes(bytes))
    }

    /// A seed for a login that stands in for one that was lost: [`find`](Self::find) never allows to restart it. Send
    /// [`restart_note`](Self::restart_note) along.
    ///
    /// # Errors
    ///
    /// [`NoEntropy`].
    pub fn restart_seed(&self) -> Result<LoginSeed, NoEntropy> {
        self.new_seed().map(LoginSeed::for_restart)
    }

    /// A note for a minute that a login was begun in place of one that was lost, so that it ends there also where a
    /// provider does not give `state` back as it was. It is not sealed: whoever forges it gets a page that explains.
    pub fn restart_note(&self) -> SetCookie {
        self.policy.set(self.policy.restart_note_name(), "1".to_owned(), RESTART_NOTED)
    }

    /// True when the browser has that note.
    pub fn has_restart_note(&self, cookies: &CookieHeaders<'_>) -> bool {
        cookies.values(&self.policy.restart_note_name()).next().is_some()
    }

    /// Takes the note away, where there is one.
    pub fn without_restart_note(&self, cookies: &CookieHeaders<'_>) -> Vec<SetCookie> {
        let noted = self.has_restart_note(cookies).then(|| self.policy.restart_note_name());
        noted.iter().flat_map(|name| self.policy.delete(name)).collect()
    }

    /// True when this browser finished a login less than a minute ago: whoever finds nobody signed in then must not begin
    /// another one unasked, since it would end like that one.
    ///
    /// It is read from what stands unsealed in front of the login, which another instance's keys sealed perhaps. Whoever
    /// forges it gets a page that explains.
    pub fn has_just_finished(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> bool {
        let labels = cookies.pairs_from(&self.prefix).filter_map(|(_, value)| Label::of_value(value));
        labels
            .into_iter()
            .any(|it| it.kind == Kind::Finished && it.is_current(now) && now < it.at() + JUST_FINISHED)
    }

    /// Keeps a login that begins: the same options and seed as for [`hf_oauth_core::authorize`], and what this person
    /// was asked for so far. Deletes what would be too much with it: logins that are over, then the oldest beyond
    /// [`MOST_PENDING_LOGINS`].
    ///
    /// A login may take a tenth of what the session leaves of [`COOKIES_LIMIT`](crate::COOKIES_LIMIT), so that ten
    /// that begin at once all fit.
    ///
    /// # Errors
    ///
    /// [`WriteError::PendingLoginTooLarge`] when it would take more. Begin it again with the front page as its return
    /// path: then it may take a tenth of all, whatever the session takes.
    pub fn begin(
        &self,
        options: &LoginOptions,
        seed: &LoginSeed,
        asked: &[RequirementId],
        cookies: &CookieHeaders<'_>,
        now: UnixTime,
    ) -> Result<Vec<SetCookie>, WriteError> {
        let name = self.name(&seed.state());
        let payload = record::waiting(options, seed, asked, &self.issuer);
        let label = Label::new(Kind::Waiting, now);
        let value = self.seal(&name, label, &payload)?;
        let bytes = pair_len(name.len(), value.len());
        let session_bytes = self.session_bytes(cookies);
        let limit = self.share(&options.return_path, session_bytes);
        if bytes > limit {
            return Err(WriteError::PendingLoginTooLarge { bytes, limit });
        }
        let mut lines = self.make_room(cookies, now, Some(Beside { name: &name, bytes, session_bytes }));
        lines.push(self.policy.set(name, value, label.lifetime()));
        Ok(lines)
    }

    /// Finds the login that a callback's `state` names. It stays where it is: a callback that is refused must not
    /// use it up.
    pub fn find(&self, app: &App, state: &str, cookies: &CookieHeaders<'_>, now: UnixTime) -> PendingLookup {
        let Some(attempt) = LoginAttempt::of_state(state) else {
            return PendingLookup::Unknown { may_restart: false };
        };
        let name = self.name(state);
        for value in cookies.values(&name) {
            match self.open(&name, value, now) {
                Some((_, Record::Waiting(it))) => {
                    let login =
                        PendingLogin::from_seed(app, &it.issuer, &it.options, &it.seed, it.begun_at).into();
                    return PendingLookup::Waiting { login, asked: it.asked };
                }
                Some((_, Record::Finished { return_path })) => {
                    return PendingLookup::Finished { return_path };
                }
                None => {}
            }
        }
        let may_restart = attempt == LoginAttempt::First && !self.has_restart_note(cookies);
        PendingLookup::Unknown { may_restart }
    }

    /// The login came to its end and its code is used: in place of the login, the browser keeps for some minutes
    /// where it went, see [`PendingLookup::Finished`].
    ///
    /// `cookies` are those of the request, `session` the lines that set the session in the same answer (none where it
    /// stays). The other logins make room for a session that is new, so this takes the place of
    /// [`stale`](Self::stale) in that answer.
    pub fn finish(
        &self,
        state: &str,
        return_path: &ReturnPath,
        cookies: &CookieHeaders<'_>,
        session: &[SetCookie],
        now: UnixTime,
    ) -> Vec<SetCookie> {
        let name = self.name(state);
        let label = Label::new(Kind::Finished, now);
        let session_bytes = match set_bytes(session) {
            0 => self.session_bytes(cookies),
            bytes => bytes,
        };
        let fits =
            |value: &String| pair_len(name.len(), value.len()) <= self.share(return_path, session_bytes);
        let value = match self.seal(&name, label, &record::finished(return_path)) {
            Ok(value) if fits(&value) => Ok(value),
            _ => self.seal(&name, label, &record::finished(&ReturnPath::root())),
        };
        let Ok(value) = value else { return self.policy.delete(&name).collect() };
        let bytes = pair_len(name.len(), value.len());
        let mut lines = self.make_room(cookies, now, Some(Beside { name: &name, bytes, session_bytes }));
        lines.push(self.policy.set(name, value, label.lifetime()));
        lines
    }

    /// The login failed for good: forget it.
    pub fn forget(&self, state: &str) -> Vec<SetCookie> {
        self.policy.delete(&self.name(state)).collect()
    }

    /// 48 bits of a hash: `state` itself is not in the name, which appears in more places than the value. `state` is
    /// compared whole when the login is [accepted](PendingLogin::accept).
    fn name(&self, state: &str) -> String {
        let digest = Sha256::new().chain_update("hf-oauth pending login ").chain_update(state).finalize();
        format!("{}{}", self.prefix, URL_SAFE_NO_PAD.encode(&digest[..6]))
    }

    /// The issuer is in the record instead of the binding, so that a callback of another provider is named as such.
    fn binding(&self, name: &str, label: Label) -> Binding {
        Binding::new("pending login", &[name.as_bytes(), self.client_id.as_bytes(), &label.to_bytes()])
    }

    /// `label (5) ‖ random part of the nonce (12) ‖ encrypted(record) ‖ tag (16)`. Shorter than what seals sessions,
    /// because there are ten of them: the time is the end, every key is tried, and half of the nonce is in the name.
    fn seal(&self, name: &str, label: Label, record: &[u8]) -> Result<String, NoEntropy> {
        let key = self.keyring.first().ok_or(NoEntropy)?;
        let mut random = [0; RANDOM];
        getrandom::fill(&mut random).map_err(|_| NoEntropy)?;
        let mut sealed = [&label.to_bytes()[..], &random, record].concat();
        encrypt(&key.logins, nonce(name, random), self.binding(name, label).as_bytes(), &mut sealed, HEAD)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(&self, name: &str, value: &str, now: UnixTime) -> Option<(Label, Record)> {
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (label, rest) = sealed.split_first_chunk()?;
        let label = Label::from_bytes(*label).filter(|label| label.is_current(now))?;
        let (random, encrypted) = rest.split_first_chunk()?;
        let (nonce, binding) = (nonce(name, *random), self.binding(name, label));
        let opened = |key: &SealingKey| decrypt(&key.logins, nonce, binding.as_bytes(), encrypted);
        let record = self.keyring.iter().find_map(opened)?;
        Some((label, Record::read(label, &record)?))
    }
}

/// No two records have the same: those of one name differ in 96 random bits, and those of different names in their hash
/// as well.
fn nonce(name: &str, random: [u8; RANDOM]) -> [u8; NONCE] {
    let digest = Sha256::new().chain_update("hf-oauth pending login nonce ").chain_update(name).finalize();
    let mut nonce = [0; NONCE];
    nonce[..RANDOM].copy_from_slice(&random);
    nonce[RANDOM..].copy_from_slice(&digest[..NONCE - RANDOM]);
    nonce
}

#[cfg(test)]
mod tests;
