//! A Hugging Face Hub on this machine, as far as signing in goes: for developing and testing an app without internet
//! and without registering it.
//!
//! ```
//! use hf_oauth_hub::LocalHub;
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # runtime.block_on(async {
//! let hub = LocalHub::start().await?; // any free loopback port; ends when dropped
//! assert!(hub.issuer().starts_with("http://localhost:"));
//! // Point the app at it: OPENID_PROVIDER_URL = hub.issuer(), OAUTH_CLIENT_ID = "local-app".
//! # Ok::<(), hf_oauth_hub::StartError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it is
//!
//! A strict provider that behaves like huggingface.co, quirks included, and misbehaves on demand. It shares no code
//! with the other crates of this project, so that a mistake cannot cancel itself out. It asks for no password: a
//! person chooses who to be. So it answers on loopback addresses only, its tokens begin with `hf_oauth_local_`, its keys
//! are new at every start, and every page says that it is not huggingface.co.
//!
//! | address | what |
//! |---|---|
//! | `/.well-known/openid-configuration`, `/oauth/jwks` | discovery and the RS256 key |
//! | `/oauth/authorize` | choose a persona, consent, `303` back; at once if consent stands |
//! | `POST /oauth/device` (or `/oauth/device/code`) | a device code and a user code (RFC 8628) |
//! | `GET /oauth/device` | the page for the user code: persona, consent every time |
//! | `/oauth/token` (or `/oauth/device/token`) | `authorization_code` (PKCE or secret), `device_code`, `refresh_token` (rotating), token exchange |
//! | `/ci/id-token` | ID tokens for jobs, as GitHub Actions makes them |
//! | `/oauth/userinfo`, `/api/whoami-v2` | who the token stands for |
//! | `/v1/chat/completions` | a built-in responder for tokens with `inference-api`, streaming or not; or [a real one](Builder::inference_upstream) |
//! | `/`, `/login`, `/settings/connected-applications` | pages for people |
//! | `/spaces`, `/spaces/OWNER/NAME` | [Spaces](Builder::space) in their frames |
//!
//! # How a login passes through
//!
//! The modules stand in that order. `server` reads a request within bounds and checks its `Host`; `control` takes what
//! is for `/_control`; `routes` writes it to the [`Journal`], applies [`Fault`]s and finds the endpoint; `unregistered` reads
//! the document of an app that nobody registered. `authorize`
//! turns parameters into an `Authorization`: first what makes an answer safe (app and redirect URI, otherwise a 400
//! page), then the rest (otherwise an error redirect). `authorize::sign_in` and `authorize::consent` are the pages in
//! between; `device` is the other way in, for what has no browser; a `Login` is what the person granted, and a code and
//! all tokens point to it, so that revoking it ends them together. `token` identifies the client, redeems or refreshes
//! under one lock, and signs the ID token. `identity` answers for access tokens.
//!
//! Nothing in here reads a file but the `hub.toml` it is given, and no environment variable at all: a real token is
//! never seen.
//!
//! # Who is there
//!
//! `ada` (Pro, admin of an organisation), `grace` (no organisation), `linus` (200 organisations), `alan` (an
//! organisation that demands SSO), and the public app `local-app` with `http://localhost:PORT/oauth/huggingface/callback`.
//! The public app of `hf auth login` is there as well, for the device flow: it gets all scopes unless it asks for some,
//! and tokens of 30 days. A [`Config`] from a `hub.toml` brings others:
//!
//! ```toml
//! [[users]]
//! username = "mary"            # required; `sub` derives from it unless given
//! name = "Mary Somerville"
//! email = "mary@example.com"
//! email_verified = true
//! picture = "avatars/mary.svg" # a relative one stands on the hub's URL
//! website = "https://example.com"
//! pro = true
//! can_pay = false
//! session = "mary-is-here"     # Cookie: token=mary-is-here counts as signed in
//!
//! [[users.orgs]]
//! username = "royal-society"   # required; `sub` derives from it unless given, and is the same for every member
//! sub = "5e67bdd61009063689407479"
//! name = "Royal Society"
//! role = "admin"               # or write, contributor, read
//! plan = "team"
//! security_restrictions = ["mfa"]
//!
//! [[apps]]
//! client_id = "my-space"
//! client_secret = "not-a-secret"          # none for a public app
//! name = "My Space"
//! redirect_uris = ["https://my-space.hf.space/login/callback"]
//! scopes = ["email", "inference-api"]     # beside openid and profile; everything if left out
//! space = true                            # any path and query on that origin
//! consent = "granted"                     # or "ask"
//! expiration_minutes = 480
//! authorized_org = "royal-society"        # one or a list
//! refresh = true                          # whether it gets refresh tokens
//!
//! [[spaces]]                              # an app in a frame of /spaces/OWNER/NAME, with an OAuth app of its own
//! url = "http://127.0.0.1:7860"           # where it is served: another site than the hub
//! id = "mary/engine"                      # local/space unless given
//! hf_oauth_scopes = ["inference-api"]     # beside openid and profile; the names of a Space's metadata
//! hf_oauth_expiration_minutes = 480
//! hf_oauth_authorized_org = "royal-society"
//! custom_domains = ["engine.example.com"] # after its own host in SPACE_HOST
//! client_id = "my-space-in-a-frame"       # made up unless given, as is the secret
//! client_secret = "not-a-secret-either"
//!
//! [lifetimes]                             # seconds
//! code = 60
//! device_code = 300
//! access_token = 28800
//! id_token = 3600
//! refresh_token = 7776000
//!
//! [device]                                # what the Hub leaves out
//! interval = 5                            # seconds; unless given none is named, and 5 counts
//! verification_uri_complete = true
//!
//! [pages]                                 # where huggingface.co may do the one or the other
//! opener_policy = true                    # Cross-Origin-Opener-Policy: same-origin
//! framed_by = "itself"                    # frames of the hub's own pages; or "nobody"
//! same_site = "none"                      # None; Secure. "lax" where a browser keeps no such cookie from http://localhost
//!
//! [client_metadata]
//! fetch = true                            # the documents of apps that nobody registered, see below
//!
//! [cors]
//! withheld = ["jwks"]                     # endpoints that pages of other origins cannot read; none unless given
//! ```
//!
//! # A Space in its frame
//!
//! huggingface.co shows a Space in a frame of its own page, where the app's cookies are those of another site.
//! [`Builder::space`] (`--space` on the command line) shows an app of yours like that, at `/spaces/OWNER/NAME`, with the
//! original's `sandbox` and `allow`, and registers an OAuth app for it. [`Space::environment`] is what the app's process
//! needs: the variables of a Space with `hf_oauth: true`.
//!
//! # An app that nobody registered
//!
//! A `client_id` that is a URL is the address of a
//! [document](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/) about the app, which the
//! hub fetches: `https`, or `http` on this machine at `/.well-known/oauth-cimd`. The document has `client_id` (that very
//! URL), `client_name`, `redirect_uris` on its own origin or on loopback, and `"token_endpoint_auth_method": "none"`; so
//! the app has no secret and needs PKCE. At most 5 KiB in five seconds, `application/json`, status 200, no redirect, no
//! proxy; no host in a private network, whatever its name means at that moment. What was read is used for as long as its
//! `Cache-Control` says, a minute without it and an hour at most. The page says what is wrong with a document.
//!
//! # A CI job without a secret
//!
//! The hub is also the CI: a job's identity from `/ci/id-token` is exchanged for a token of an hour (RFC 8693), as
//! [trusted publishers](https://huggingface.co/docs/hub/trusted-publishers) do. Every repository of a person or an
//! organisation trusts the local CI, and so does every person; [`LocalHub::ci_environment`] gives a job's variables:
//!
//! ```sh
//! export HF_ENDPOINT=http://localhost:5555 HF_OIDC_RESOURCE=datasets/ada/engine GITHUB_ACTIONS=true
//! export ACTIONS_ID_TOKEN_REQUEST_URL="$HF_ENDPOINT/ci/id-token?api-version=2.0" ACTIONS_ID_TOKEN_REQUEST_TOKEN=local-ci
//! # or, where there is no GitHub Actions, a token made before:
//! export HF_OIDC_ID_TOKEN=$(curl -s -H "Authorization: Bearer local-ci" "$HF_ENDPOINT/ci/id-token?audience=$HF_ENDPOINT" | jq -r .value)
//! ```
//!
//! The other exchange, for a member's e-mail address, is for an app with a secret and an `authorized_org`, which
//! stands for the organisation that owns it.
//!
//! # Scripting it from other languages
//!
//! With [`Builder::control`] (`--control` on the command line) the hub takes orders under `/_control`: JSON in and
//! out, from this machine only, never from a browser.
//!
//! ```sh
//! HUB=http://localhost:5555
//! curl $HUB/_control/journal                                        # every request, secrets redacted
//! curl -X DELETE $HUB/_control/journal
//! curl --json '{"advance": 3600}' $HUB/_control/clock               # or {"set": 1800000000}
//! curl --json '{"status": 503, "endpoint": "token", "times": 2}' $HUB/_control/faults
//! curl --json '{"claims": {"aud": "other", "nonce": null}}' $HUB/_control/faults
//! curl $HUB/_control/faults
//! curl -X DELETE $HUB/_control/faults
//! curl -X POST $HUB/_control/keys/rotate
//! curl --json '{"withheld": ["jwks", "token"]}' $HUB/_control/cors   # endpoints that no page of another origin can read
//! curl --json '{"client_id": "a", "redirect_uris": ["http://localhost/cb"]}' $HUB/_control/apps   # keys of hub.toml
//! curl --json '{"username": "mary", "pro": true}' $HUB/_control/users
//! curl --json '{"url": "http://localhost:5555/oauth/authorize?...", "username": "ada"}' $HUB/_control/approve  # or deny; "orgs": [] grants none
//! curl --json '{"user_code": "M8HJ-FMGN", "username": "ada"}' $HUB/_control/device   # or "decision": "deny"
//! ```
//!
//! A fault is one of `status`, `html`, `body` (`{"status", "content_type", "text"}`), `redirect` (`{"status", "url"}`),
//! `latency_ms`, `slow_body_ms`, `cut_body`, `lost_answer`, `endless_body`, `json`, `claims`, `header`, `bad_signature`; with
//! `endpoint` (`discovery`, `authorize`, `token`, `device`, `userinfo`, `jwks`, `whoami`, `chat_completions`, `ci_id_token`), `times`, and `headers`
//! where it gives an answer of its own.

#![warn(missing_docs)]

mod answer;
mod approve;
mod authorize;
mod avatar;
mod banner;
mod browser;
mod chat;
mod ci;
mod client_metadata;
mod clock;
mod config;
mod control;
mod device;
mod discovery;
mod fault;
mod hub;
mod identity;
mod journal;
mod keys;
mod pages;
mod random;
mod request;
mod routes;
mod serve;
mod server;
mod space;
mod start;
mod state;
mod token;
mod unregistered;
mod upstream;

pub use approve::ApproveError;
pub use clock::Clock;
pub use config::{
    AppConfig, ClientMetadataConfig, Config, ConfigError, Consent, CorsConfig, DeviceConfig, FramedBy,
    Lifetimes, OrgConfig, PagesConfig, SameSite, SpaceConfig, UserConfig,
};
pub use fault::{Endpoint, Fault};
pub use hub::LocalHub;
pub use journal::{Auth, Entry, Journal};
pub use serve::{ServeOptions, serve_command};
pub use space::Space;
pub use start::{Builder, StartError};
pub use state::RefreshMode;
