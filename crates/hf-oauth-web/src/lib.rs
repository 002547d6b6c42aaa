//! Sign in with Hugging Face for web apps, whatever their framework: everything that decides stands here.
//!
//! An app does not use this crate by itself: it takes the adapter of its framework (`hf-oauth-axum`, `hf-oauth-actix`),
//! which adds routes, a middleware, extractors and responses. This page is for whoever writes another one.
//!
//! # How an adapter calls it
//!
//! ```text
//! every request ─▶ HuggingFace::visit(&Request) ─▶ Visiting::Ready(Visit)
//!                                              └─▶ Visiting::Waiting ─▶ finish().await ─▶ Visit
//!       Visit ─▶ handlers: visitor(), signed_in(&Request) ─▶ Refusal { reply }
//!             ─▶ the answer: cookies_after() ─▶ Set-Cookie
//!
//! own routes    ─▶ HuggingFace::answer(Route, &Request, Option<Visit>) ─▶ Reply
//! guarded ones  ─▶ HuggingFace::check(&Requirement, &Request, &Visit)  ─▶ None (pass) or Some(Reply)
//! ```
//!
//! [`Request`] borrows method, target and headers; [`Reply`] is status, headers and body. Neither is of any framework, so
//! an adapter holds no decision: it converts.
//!
//! # Routes
//!
//! | route | what |
//! |---|---|
//! | `GET {prefix}/oauth/huggingface/login` | sends the browser to the Hub; `_target_url` is where in the app it comes back to |
//! | `GET {prefix}/oauth/huggingface/login/switch` | the same, and the Hub asks which account |
//! | `GET {prefix}/oauth/huggingface/callback` | the Hub sends the browser back here; the path can be [set](Settings::with_callback_path) |
//! | `GET`, `POST {prefix}/oauth/huggingface/logout` | signs out; a plain link gets a page that asks |
//! | `GET {prefix}/oauth/huggingface/tab` | says to go on here, in a tab that was opened from a frame |
//! | `GET /.well-known/oauth-cimd` | the document about an app that [nobody registered](Settings::without_registering) |
//! | `GET {prefix}/oauth/huggingface/page.css`, `page.js`, `button.css` | what the pages and the button load |
//!
//! # Where the app runs
//!
//! | where | redirect URI | cookies |
//! |---|---|---|
//! | in a Space (`hf_oauth: true`) | on the first host of `SPACE_HOST` | `space`: `__Host-`, `SameSite=None; Partitioned`, since a Space is shown in a frame |
//! | in a Space that is rehearsed on loopback | there, by `http` | `space on loopback`: the same, and the port is in the name |
//! | with [`Settings::with_public_url`] | on that URL | `https`: `__Host-`, `SameSite=Lax` |
//! | neither | on the loopback `Host` of the request, any port | `http`: the port is in the name |
//!
//! Without a public URL every other `Host` gets a page that names the setting. With one, nothing that a request says
//! becomes part of an address; whoever begins a login under another host (`www.`) is sent to the
//! public URL first, once. `X-Forwarded-*` and `Forwarded` are never read. A custom domain that `SPACE_HOST` lists is an address of
//! the app's own: a login that begins there ends there. The provider knows the first host alone, and what it says is passed on.
//!
//! # In a frame
//!
//! Who may show the app in a frame is a [setting](Settings::with_frame_ancestors): the issuer in a Space, nobody elsewhere. There the
//! frame itself goes to the Hub and back, and its cookies are kept in its partition; a link beside the button opens a tab instead, which is
//! signed in apart from the frame and says to go on there. A guard waits for a click. A frame that keeps no cookie gets a page with the
//! app's own address after two visits to the provider, and so does, at once, the frame of a site that may not show the app: those pages
//! have nothing of a session, and everybody may frame them.
//!
//! # Who may begin, finish and end a session
//!
//! Login and callback refuse a request of which the browser says that no person navigates (`Sec-Fetch-*`, a prefetch), and
//! every `HEAD`; a browser that says nothing is let in. A `POST` signs out when it is the app's own (`Sec-Fetch-Site:
//! same-origin`, or, where the browser does not send that, the app's own `Origin`); a `GET` when it is a link of the app's
//! own that somebody followed.
//!
//! A login whose cookie is lost begins once more by itself, and then there is a page: `state` says which attempt it was,
//! and an unsealed cookie notes the restart for a minute. Forging either costs whoever does it that page, and nothing more.
//!
//! # What can go wrong
//!
//! Every failure has a stable [code](FailureCode), a page for browsers and the same code as JSON for everything else:
//! 4xx for what the visitor or a forged link did, 502 to 504 for what the Hub did.
//!
//! # Architecture invariant
//!
//! From the ground up: `signed_in`, `testing`, `request`, `fetch_metadata`, `frames`, `org_id`, `failure`, `sign_in_check`, `settings`,
//! `paths`, `sessions`, `site`, `single_flight`, `expiring_set`, `requirement`, `admission`, `refresh`, `sign_in`, `runtime`,
//! `cookie_lines`, `reply`, `begin`, `button`, `page`, `answers`, `visit`, `access`, `flow/*` (never each other), `routes`,
//! `hugging_face`, `start`; `email` stands by itself. No file imports one that comes
//! later. Everything secret stays in [`hf_oauth::Secret`]; no page, error or log line has a token, a code or a cookie. Nothing
//! here knows a framework, and no store by its name.

mod access;
mod admission;
mod answers;
mod begin;
mod button;
mod cookie_lines;
mod email;
mod expiring_set;
mod failure;
mod fetch_metadata;
mod flow;
mod frames;
mod hugging_face;
mod org_id;
mod page;
mod paths;
mod refresh;
mod reply;
mod request;
mod requirement;
mod routes;
mod runtime;
mod sessions;
mod settings;
mod sign_in;
mod sign_in_check;
mod signed_in;
mod single_flight;
mod site;
mod start;
pub mod testing;
mod visit;

pub use button::sign_in_button;
pub use email::email_domain_is;
pub use failure::FailureCode;
pub use frames::FrameSignIn;
pub use hugging_face::HuggingFace;
pub use org_id::InvalidOrgId;
pub use reply::Reply;
pub use request::{HeaderValues, Headers, Request};
pub use requirement::Requirement;
pub use routes::Route;
pub use settings::{ClientMetadata, Settings};
pub use sign_in_check::{SIGN_IN_CHECK_LIMIT, SignInError};
pub use signed_in::{Identity, SignedIn, Visitor};
pub use start::{ClientMetadataError, StartError};
pub use visit::{Refusal, Visit, Visiting, Waiting};

pub use hf_oauth::{
    App, Client, Issuer, OAuthInfo, OAuthOrgInfo, OAuthUserInfo, OrgRole, Origin, RedirectUri, Scope, Scopes,
    Secret, SecurityRestriction, Tokens, UnixTime,
};
pub use hf_oauth_session::{Keyring, KeyringError};
