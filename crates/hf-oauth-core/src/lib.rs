//! The protocol of Sign in with Hugging Face, pure: every exchange as build-request and read-response.
//!
//! Nothing here does I/O. Time, entropy and the verification of signatures are arguments; who wants them performed
//! takes the crate `hf-oauth`, which re-exports this one.
//!
//! # One way through
//!
//! ```text
//! App + Hub ─ authorize ─▶ PendingLogin ─ accept ─▶ Grant ─ exchange ─▶ CodeExchange ─ receive ─▶ UnverifiedLogin
//!           ─ decode ─▶ DecodedLogin ─ verify ─▶ VerifiedLogin { VerifiedIdentity, Tokens }
//! ```
//!
//! Each step consumes the one before it. The values between are proofs: none is `Clone`, none has a public
//! constructor, so a check that was skipped does not compile. A redirect that does not match gives the
//! [`PendingLogin`] back, because a forged one must not use up a real login.
//!
//! ```
//! use hf_oauth_core::{App, CallbackParams, Hub, LoginOptions, LoginSeed, RedirectUri, UnixTime, authorize};
//!
//! let app = App::new("my-client-id").with_redirect_uri(RedirectUri::parse("https://app.example.com/callback")?);
//! let hub = Hub::huggingface();
//! // Randomness and the time are the caller's.
//! let (seed, now) = (LoginSeed::from_random_bytes([7; 32]), UnixTime::from_secs(1_800_000_000));
//!
//! // 1. Send the browser to this address, keep `pending` where only this browser brings it back.
//! let (request, pending) = authorize(&app, &hub, &LoginOptions::new(), &seed, now)?;
//! assert!(request.url().starts_with("https://huggingface.co/oauth/authorize?"));
//!
//! // 2. It comes back with a code.
//! let came_back = format!("/callback?code=c0de&state={}", pending.state().expose());
//! let params = CallbackParams::from_url(&came_back)?;
//! let grant = pending.accept(&hub, params, now).map_err(|rejected| rejected.error)?;
//!
//! // 3. Send this; its answer goes to `exchange.receive`, and on to `decode` and `verify`.
//! let (request, exchange) = grant.exchange(&app, &hub)?;
//! assert_eq!(request.to_http().uri(), "https://huggingface.co/oauth/token");
//! # drop(exchange);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [A plain hyper app](https://github.com/hf-oauth/hf-oauth/blob/main/examples/src/bin/hyper_app.rs) on this crate alone
//! goes the whole way. A machine without a browser begins with [`DeviceRequest`], a CI job with [`TokenExchange`];
//! [`coordinator`] decides when a token is refreshed, and by whom.
//!
//! # Checks and wire
//!
//! The checks work on typed values; reading and writing bytes is the default feature `wire`. Without it the same
//! types are filled by other parsers (a browser's `URLSearchParams` and `JSON.parse`): see
//! [`CallbackParams::from_pairs`] and [`UnverifiedLogin::decode_with`].
//!
//! # Architecture invariant
//!
//! No clock, no random generator, no environment, no file, no network, no async runtime and no asymmetric
//! cryptography: `clippy.toml` and a test over the dependency graph hold this.

mod address;
mod app;
mod backchannel;
#[cfg(feature = "wire")]
mod ci_job;
mod client_auth;
pub mod coordinator;
mod device;
mod hub;
mod id_token;
mod keys;
mod lenient;
mod login;
mod refresh;
mod scope;
mod secret;
mod text;
mod time;
mod token_exchange;
mod tokens;
mod userinfo;
mod whoami;
#[cfg(feature = "wire")]
mod wire;

pub use address::{EndpointUrl, InvalidReturnPath, InvalidUrl, Issuer, Origin, RedirectUri, ReturnPath};
pub use app::{App, CALLBACK_PATH, Space, SpaceVarsError};
pub use backchannel::{
    BackchannelError, BackchannelFault, LONGEST_BODY, OAuthError, Request, Response, Step,
};
#[cfg(feature = "wire")]
pub use ci_job::{CiIdToken, ci_id_token_request};
pub use device::{
    DEFAULT_DEVICE_CODE_LIFETIME, DEFAULT_POLL_INTERVAL, DecodedDeviceLogin, DeviceCode, DeviceError,
    DeviceLogin, DeviceLoginParts, DevicePoll, DeviceRequest, DeviceResponse, DeviceSignIn, DeviceStep,
    UnverifiedDeviceLogin,
};
pub use hub::{DiscoveryDocument, DiscoveryError, Hub};
pub use id_token::{IdTokenClaims, IdTokenError, IdTokenHeader, IdTokenPolicy};
pub use keys::{
    Jwks, KEYS_COOLDOWN, KEYS_LIFETIME, KEYS_LIFETIME_WHILE_AWAY, KeyCache, KeyLookup, KeySet, RsaPublicKey,
    SignatureVerifier,
};
pub use login::authorize::{AuthorizationRequest, authorize};
pub use login::callback::{CallbackError, CallbackParams, Grant, RejectedCallback};
pub use login::exchange::{CodeExchange, UnverifiedLogin};
pub use login::options::{LoginOptions, Prompt};
pub use login::pending::{AuthorizeError, PENDING_LOGIN_LIFETIME, PendingLogin, PendingLoginParts};
pub use login::seed::{LoginAttempt, LoginSeed};
pub use login::verify::{DecodedLogin, VerifiedIdentity, VerifiedLogin};
pub use refresh::{
    DecodedRefresh, ExpectedIdentity, IdentityMismatch, Refresh, RefreshError, Refreshed, UnconfirmedParts,
    UnconfirmedTokens, UnverifiedRefresh,
};
pub use scope::{Scope, Scopes};
pub use secret::{Secret, SecretBytes};
pub use time::UnixTime;
pub use token_exchange::{ExchangedToken, TokenExchange, TokenExchangeError};
pub use tokens::{DEFAULT_TOKEN_LIFETIME, ExchangeError, SHORTEST_TOKEN_LIFETIME, TokenResponse, Tokens};
pub use userinfo::{
    OAuthInfo, OAuthOrgInfo, OAuthUserInfo, OrgRole, SecurityRestriction, UserinfoError, userinfo_request,
};
pub use whoami::{WhoAmI, WhoAmIAuth, WhoAmIOrg, WhoAmIToken, whoami_request};
