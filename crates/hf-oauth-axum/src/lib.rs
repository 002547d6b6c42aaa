//! Sign in with Hugging Face for [axum]: routes, a session layer, extractors, guards and the button.
//!
//! ```no_run
#![doc = include_str!("../examples/ten_lines.rs")]
//! ```
//!
//! [`HuggingFace::attach`] adds three routes and a layer:
//!
//! | route | what |
//! |---|---|
//! | `GET {prefix}/oauth/huggingface/login` | sends the browser to the Hub; `_target_url` is where in the app it comes back to |
//! | `GET {prefix}/oauth/huggingface/login/switch` | the same, and the Hub asks which account |
//! | `GET {prefix}/oauth/huggingface/callback` | the Hub sends the browser back here; the path can be [set](hf_oauth_web::Settings::with_callback_path) |
//! | `GET`, `POST {prefix}/oauth/huggingface/logout` | signs out; a plain link gets a page that asks |
//! | `GET {prefix}/oauth/huggingface/page.css`, `page.js`, `button.css` | what the pages and the button load |
//!
//! The layer reads the session once a request and refreshes its tokens before the handler runs, so that a handler
//! never sees an access token that has ended. Pages for everybody take [`Visitor`], handlers for those who are signed in
//! [`SignedIn`]; whole routers are closed with [`HuggingFace::guard`].
//!
//! # Where the app runs
//!
//! | where | redirect URI | cookies |
//! |---|---|---|
//! | in a Space (`hf_oauth: true`) | on the first host of `SPACE_HOST` | `space`: `__Host-`, `SameSite=None; Partitioned`, since a Space is shown in a frame |
//! | with [`with_public_url`](hf_oauth_web::Settings::with_public_url) | on that URL | `https`: `__Host-`, `SameSite=Lax` |
//! | neither | on the loopback `Host` of the request, any port | `http`: the port is in the name |
//!
//! Without a public URL every other `Host` gets a page that names the setting. With one, nothing that a request says
//! becomes part of an address; whoever begins a login under another host (a custom domain, `www.`) is sent to the
//! public URL first, once. `X-Forwarded-*` and `Forwarded` are never read.
//!
//! # What to know before deploying
//!
//! - The layer must be outside of whatever reads the session: `attach` last, or `.layer(auth.layer())` after all
//!   routes. Without it handlers find nobody signed in, and the log says why.
//! - Behind a proxy that ends TLS set the public URL. The redirect URI in the log line of the start must be
//!   registered with the app, letter by letter.
//! - nginx takes 4 KB of an answer's head and answers 502 beyond it; a session with many organisations takes up to 5 KB.
//!   Set `proxy_buffer_size 16k;` there.
//! - Sessions live in sealed cookies. A copied cookie works until the session ends, also after the logout; its tokens
//!   cannot be revoked by the app (the Hub has no such endpoint).
//! - Refresh tokens are single-use. One process refreshes each session once, however many requests come; several
//!   processes behind one address do not know of each other. Let a session stay on one of them, or use an app without
//!   refresh tokens.
//! - In a Space cookies come along with requests of other sites. Whatever such a site sends that may change something
//!   (anything but `GET`, `HEAD`, `OPTIONS` and `TRACE`) comes with nobody signed in; so do not change anything on a `GET`.
//! - `axum::serve` sets no limit to how long a request's head may take: a client that sends half of one holds a
//!   connection for ever. Put a proxy with a limit in front, or serve through `hyper-util` with `header_read_timeout`.
//! - A request that is signed in can be answered differently for each person: responses that carry cookies of
//!   this crate are `no-store`, what else must not be shared is for the app to say.
//!
//! # What can go wrong
//!
//! Every failure has a stable [code](FailureCode), a page for browsers and the same code as JSON for everything else:
//! 4xx for what the visitor or a forged link did, 502 to 504 for what the Hub did.
//!
//! # Tests of an app
//!
//! [`testing::signed_in_as`] makes requests that are signed in, without any provider.
//!
//! # Where to go next
//!
//! [`Settings`] for what can be set, [`SignedIn`] for what a handler gets, [`Guard`] for who may pass. The guide, with
//! Spaces, tests and moving from elsewhere: <https://github.com/hf-oauth/hf-oauth/tree/main/docs>.
//!
//! # Architecture invariant
//!
//! Nothing is decided here: this crate turns axum's requests into those of [`hf_oauth_web`], and its replies into axum's
//! responses. Everything secret stays in [`Secret`].

mod convert;
mod frames;
mod guard;
mod hugging_face;
mod layer;
mod signed_in;
pub mod testing;

pub use frames::{FrameLayer, FrameService};
pub use guard::{Guard, Guarded};
pub use hugging_face::{HuggingFace, Settings};
pub use layer::{AuthFuture, AuthLayer, AuthService};
pub use signed_in::{NotSignedIn, SignedIn, Visitor};

pub use hf_oauth_web::{
    App, ClientMetadata, ClientMetadataError, FailureCode, FrameSignIn, Identity, InvalidOrgId, Issuer,
    Keyring, KeyringError, OAuthInfo, OAuthOrgInfo, OAuthUserInfo, OrgRole, Origin, RedirectUri, Scope,
    Scopes, Secret, SecurityRestriction, SignInError, StartError, Tokens, UnixTime, email_domain_is,
    sign_in_button,
};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
