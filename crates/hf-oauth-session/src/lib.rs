//! Remembers who signed in with Hugging Face, for any web framework: sessions and pending logins in sealed cookies, the
//! key ring that seals them, and a trait for sessions in stores. Cookies come in as header bytes and go out as header
//! text; the time is an argument.
//!
//! # One login, one request
//!
//! ```text
//! login     PendingLogins::new_seed ─▶ core::authorize ─▶ PendingLogins::begin ─▶ Set-Cookie
//! callback  PendingLogins::find ─▶ core: accept, exchange, verify ─▶ Session::begin
//!           ─▶ CookieSessions::write + PendingLogins::finish ─▶ Set-Cookie
//! request   Cookie headers ─▶ CookieHeaders ─▶ CookieSessions::read ─▶ ReadSession { session, reseal, stale }
//! logout    CookieSessions::clear and forget, PendingLogins::clear ─▶ Set-Cookie
//! ```
//!
//! ```
//! use hf_oauth_core::{App, Hub, LoginOptions, UnixTime, authorize};
//! use hf_oauth_session::{CookieHeaders, CookiePolicy, Keyring, PendingLogins, PendingLookup};
//!
//! # let now = UnixTime::from_secs(1_800_000_000);
//! let (app, hub) = (App::new("my-app"), Hub::huggingface());
//! let logins = PendingLogins::new(Keyring::random()?, CookiePolicy::https(), &app.client_id, hub.issuer());
//!
//! // GET /login
//! let (options, seed) = (LoginOptions::new(), logins.new_seed()?);
//! let (request, _) = authorize(&app, &hub, &options, &seed, now)?;
//! let set_cookies = logins.begin(&options, &seed, &[], &CookieHeaders::none(), now)?;
//! assert!(set_cookies[0].header_value().contains("; Path=/; Secure; HttpOnly; SameSite=Lax"));
//!
//! // GET /callback?code=…&state=…
//! let sent_back = set_cookies[0].as_cookie();
//! let cookies = CookieHeaders::new([sent_back.as_bytes()]);
//! let PendingLookup::Waiting { login, .. } = logins.find(&app, &seed.state(), &cookies, now) else { unreachable!() };
//! assert_eq!(login.state().expose(), seed.state());
//! # let _ = request;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Session::begin`] and [`CookieSessions`] do the same for the person who signed in. An axum app takes the crate
//! `hf-oauth-axum`, which is built on this one; for other frameworks its source is the pattern.
//!
//! # What is in a cookie
//!
//! A session's cookie holds the user's identity and tokens, the app's state, and the [requirements](RequirementId) that
//! guards have asked for. A pending login's cookie holds the seed of its secrets, its return path and options. Both are
//! sealed with XChaCha20-Poly1305 under the first key of the [`Keyring`]. Purpose, cookie name and client id are bound
//! in, for a session also the number of its parts and the issuer; the end is authenticated too. So a cookie cannot be
//! read, edited, prolonged, moved to another name or another app. A session is sealed once and then cut, so parts of two
//! sessions never fit together. A cookie that does not open is deleted with the attributes it was set with and otherwise
//! ignored: it is never an error. One that a later version of this crate sealed with a key of this ring is kept until it
//! ends.
//!
//! In the clear stand two notes, that somebody just signed out ([`CookieSessions::sign_out_note`]) and that a login was
//! begun anew ([`PendingLogins::restart_note`]), and in front of each pending login when it began. Whoever forges one of
//! them changes what their own browser is shown next, and nothing else.
//!
//! | what | bound |
//! |---|---|
//! | session cookies together | [`SESSION_COOKIES_LIMIT`]: 5,120 bytes of the `Cookie` header |
//! | one pending login | a tenth of what the session leaves of [`COOKIES_LIMIT`] (6,500 bytes): 650 beside none (a return path of 390), 138 beside the largest. One to the front page takes about 121, and may always take 650 |
//! | pending logins together | [`MOST_PENDING_LOGINS`]: ten; the oldest go first |
//! | session and pending logins together | 7,400 bytes: where a new session is too large for the logins that wait, the oldest of them lose their return path first |
//! | one `Set-Cookie` line | below 4,096 bytes |
//! | lines that tidy up in one answer | eight for the session's names and eight for logins; the rest goes with the next answers |
//!
//! What does not fit is left out in a fixed order: what nobody decides on first, what guards decide on last.
//!
//! 1. members that the library does not know, and organisations' pictures;
//! 2. organisations' names;
//! 3. organisations' usernames, and whatever else of them is no id, role or restriction;
//! 4. the user's own addresses (profile, picture, website) and the app's state;
//! 5. organisations beyond what fits; then [`Session::has_all_orgs`] is false.
//!
//! With an access token of 1,100 bytes and a refresh token of 60, in the `Cookie` header:
//!
//! | organisations | bytes | cookies | kept | known of each | guards know |
//! |---:|---:|---:|---:|---|---|
//! | 0 | 1,513 | 1 | 0 | everything | everything |
//! | 3 | 2,012 | 1 | 3 | everything | everything |
//! | 50 | 3,987 | 1 | 50 | id, role, restrictions, username | everything |
//! | 200 | 4,677 | 2 | 200 | id, role, restrictions | everything |
//! | 1,000 | 5,109 | 2 | 238 | id, role, restrictions | the organisations kept; that there are more, so that a guard asks the Hub instead of refusing |
//!
//! # A copied cookie outlives the logout
//!
//! Cookie sessions are not revocable: a copy made before the logout works until the session ends. Whoever needs
//! revocation keeps sessions in a [`SessionStore`], through [`StoredSessions`].
//!
//! # Opened sessions are kept for a while
//!
//! [`CookieSessions::read`] keeps the sessions that it opened in memory, at most [`SESSION_CACHE_LIMIT`] bytes of them; the
//! ones that nobody asks for go first. The next request with the same cookies costs a hash of them and shares the
//! [`Session`]. A hit must have the same 128-bit universal hash (POLYVAL under a random key of this process) of all parts
//! of the cookies, names and values in order. Only cookies that opened are entries, the hash and its key never leave the
//! process, and for such a hash two inputs collide with a chance below 2^-118 even when an attacker chooses both. So no
//! number of requests finds a cookie that is a hit and was never sealed. A session's end is looked at every time. Other
//! keys begin with an empty cache. What an older key sealed is never kept.
//!
//! Tokens do not stay in memory after their session: [`CookieSessions::forget`] drops one that is signed out or ended, at
//! once, and sessions that end by themselves go within about a minute while others are read. Whether somebody signed out
//! is for the caller to look at every time ([`Session::id`] tells sign-ins apart), as it is without this cache.
//!
//! # Architecture invariant
//!
//! No HTTP framework, no client, no async runtime, no clock and no environment. The one ambient thing is the
//! operating system's random generator.

#[cfg(test)]
mod browser;
mod bytes;
mod cookie;
mod cookie_sessions;
mod error;
mod keyring;
mod pending;
mod seal;
mod session;
mod session_cache;
mod store;

pub use cookie::{
    COOKIES_LIMIT, CookieHeaders, CookiePolicy, InvalidCookieName, SESSION_COOKIES_LIMIT, SetCookie,
};
pub use cookie_sessions::{CookieSessions, ReadSession, SESSION_CACHE_LIMIT};
pub use error::{NoEntropy, WriteError};
pub use keyring::{Keyring, KeyringError};
pub use pending::{MOST_PENDING_LOGINS, PendingLogins, PendingLookup};
pub use session::{MOST_REQUIREMENTS, RequirementId, SESSION_LIFETIME, Session, SignInId};
#[cfg(feature = "test-suite")]
pub use store::conformance;
pub use store::{
    LeaseHolder, MemoryStore, SessionId, SessionStore, StoreError, StoreFuture, StoreKey, StoredRead,
    StoredRecord, StoredSession, StoredSessions,
};
