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
    Jwks, KEYS_COOLDOWN, KEYS_LIFETIME, KeyCache, KeyLookup, KeySet, RsaPublicKey, SignatureVerifier,
};
pub use login::authorize::{AuthorizationRequest, AuthorizeError, LoginOptions, Prompt, authorize};
pub use login::callback::{CallbackError, CallbackParams, Grant, RejectedCallback};
pub use login::exchange::{
    CodeExchange, DEFAULT_TOKEN_LIFETIME, ExchangeError, SHORTEST_TOKEN_LIFETIME, TokenResponse, Tokens,
};
pub use login::pending::{LoginSeed, PENDING_LOGIN_LIFETIME, PendingLogin, PendingLoginParts};
pub use login::verify::{DecodedLogin, UnverifiedLogin, VerifiedIdentity, VerifiedLogin};
pub use refresh::{DecodedRefresh, Refresh, RefreshError, Refreshed, UnverifiedRefresh};
pub use scope::{Scope, Scopes};
pub use secret::Secret;
pub use time::UnixTime;
pub use token_exchange::{ExchangedToken, TokenExchange, TokenExchangeError};
pub use userinfo::{
    OAuthInfo, OAuthOrgInfo, OAuthUserInfo, OrgRole, SecurityRestriction, UserinfoError, userinfo_request,
};
pub use whoami::{WhoAmI, WhoAmIAuth, WhoAmIOrg, WhoAmIToken, whoami_request};
