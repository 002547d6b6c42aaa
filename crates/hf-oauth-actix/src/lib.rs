//! Sign in with Hugging Face for [actix-web](actix_web): routes, a session middleware, extractors, guards and the button.
//!
//! ```no_run
#![doc = include_str!("../examples/ten_lines.rs")]
//! ```
//!
//! [`HuggingFace::attach`] adds routes and a middleware, which [`HuggingFace::routes`] and [`HuggingFace::middleware`] are
//! by themselves:
//!
//! | route | what |
//! |---|---|
//! | `GET {prefix}/oauth/huggingface/login` | sends the browser to the Hub; `_target_url` is where in the app it comes back to |
//! | `GET {prefix}/oauth/huggingface/login/switch` | the same, and the Hub asks which account |
//! | `GET {prefix}/oauth/huggingface/callback` | the Hub sends the browser back here; the path can be [set](hf_oauth_web::Settings::with_callback_path) |
//! | `GET`, `POST {prefix}/oauth/huggingface/logout` | signs out; a plain link gets a page that asks |
//! | `GET {prefix}/oauth/huggingface/page.css`, `page.js`, `button.css` | what the pages and the button load |
//!
//! The middleware reads the session once a request and refreshes its tokens before the handler runs, so that a handler
//! never sees an access token that has ended. Pages for everybody take [`Visitor`], handlers for those who are signed in
//! [`SignedIn`]; whole scopes are closed with [`HuggingFace::guard`].
//!
//! Where the app runs, who may begin, finish and end a session, and what can go wrong is the same in every framework: see
//! [`hf_oauth_web`].
//!
//! # What to know before deploying
//!
//! - **No `Option<SignedIn>`.** actix turns every error of an extractor into `None`: while the Hub is away, whoever is signed
//!   in would look signed out. [`Visitor`] tells them apart.
//! - Start once and move clones into the factory of `HttpServer`: its workers then share sessions that are read, and each
//!   session is refreshed once. Started inside of the factory, every worker would be an app of its own.
//! - Without the middleware handlers find nobody signed in, and the log says why.
//! - A middleware outside of it that answers with an error keeps the renewed session's cookies only where it asks the error
//!   for its response (`error.error_response()`), as actix itself does.
//! - Behind a proxy that ends TLS set the public URL. The redirect URI in the log line of the start must be
//!   registered with the app, letter by letter.
//! - Sessions live in sealed cookies. A copied cookie works until the session ends, also after the logout; its tokens
//!   cannot be revoked by the app (the Hub has no such endpoint).
//! - Refresh tokens are single-use. Several processes behind one address do not know of each other. Let a session stay on
//!   one of them, or use an app without refresh tokens.
//! - In a Space cookies come along with requests of other sites. Whatever such a site sends that may change something
//!   (anything but `GET`, `HEAD`, `OPTIONS` and `TRACE`) comes with nobody signed in; so do not change anything on a `GET`.
//! - Responses that carry cookies of this crate are `no-store`; what else must not be shared is for the app to say.
//! - `web::get()` does not answer `HEAD`; this crate's routes do.
//!
//! # Tests of an app
//!
//! [`testing::signed_in_as`] makes requests that are signed in, without any provider.
//!
//! # Where to go next
//!
//! [`Settings`] for what can be set, [`SignedIn`] for what a handler gets, [`Guard`] for who may pass. The guide:
//! <https://github.com/hf-oauth/hf-oauth/tree/main/docs>.
//!
//! # Architecture invariant
//!
//! Nothing is decided here: this crate turns actix's requests into those of [`hf_oauth_web`], and its replies into actix's
//! responses. Everything secret stays in [`Secret`].

mod convert;
mod frames;
mod guard;
mod hugging_face;
mod middleware;
mod signed_in;
pub mod testing;

pub use frames::{FrameMiddleware, FrameService};
pub use guard::{Guard, Guarded};
pub use hugging_face::{HuggingFace, Settings};
pub use middleware::{AuthFuture, AuthMiddleware, AuthService};
pub use signed_in::{NotSignedIn, SignedIn, Visitor};

pub use hf_oauth_web::{
    App, ClientMetadata, ClientMetadataError, FailureCode, FrameSignIn, Identity, InvalidOrgId, Issuer,
    Keyring, KeyringError, OAuthInfo, OAuthOrgInfo, OAuthUserInfo, OrgRole, Origin, RedirectUri, Scope,
    Scopes, Secret, SecurityRestriction, SignInError, StartError, Tokens, UnixTime, email_domain_is,
    sign_in_button,
};
