//! Apps that nobody registered: a `client_id` that is the address of a document about the app
//! (draft-ietf-oauth-client-id-metadata-document-02, whose sections are cited here).
//!
//! `location` says which addresses may be asked at all, `fetch` asks within bounds, `document` makes an app of what came.
//! What was made is kept in [`Documents`], where `State::app` finds it like a registered app; so nothing else knows of this.

mod document;
mod fetch;
mod location;
mod special_use;

use http::StatusCode;

use crate::answer::{Answer, Page};
use crate::config::AppConfig;
use crate::pages::{self, BadApp};
use crate::request::{Params, Request};
use crate::state::Hub;
use crate::token::{Failure, failed};

pub(crate) use fetch::Fetcher;
use location::Location;

/// How many documents are kept; the oldest goes.
const MOST: usize = 64;

/// Why no app can be made of a `client_id`: sentences for whoever wrote the app.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unusable(String);

impl Unusable {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// The apps of the documents that were read.
#[derive(Default)]
pub(crate) struct Documents(Vec<Kept>);

struct Kept {
    app: AppConfig,
    read_at: u64,
    fresh_until: u64,
}

impl Documents {
    /// The app, however old its document is: who asks for tokens was let in by the document of that time.
    pub(crate) fn app(&self, client_id: &str) -> Option<&AppConfig> {
        self.0.iter().map(|kept| &kept.app).find(|app| app.client_id == client_id)
    }

    fn is_fresh(&self, client_id: &str, now: u64) -> bool {
        let kept = self.0.iter().find(|kept| kept.app.client_id == client_id);
        // A clock that was set back makes nothing fresh.
        kept.is_some_and(|kept| (kept.read_at..kept.fresh_until).contains(&now))
    }

    fn keep(&mut self, app: AppConfig, now: u64, lifetime: u64) {
        self.0.retain(|kept| kept.app.client_id != app.client_id);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(Kept { app, read_at: now, fresh_until: now.saturating_add(lifetime) });
    }
}

/// Reads the document of the request's app where it is needed. An answer where there is none that can be used.
pub(crate) async fn refusal(hub: &Hub, request: &Request) -> Option<Answer> {
    let asks = Asks::of(request)?;
    let client_id = asks.params.one("client_id").ok().flatten()?;
    if !location::is_url(client_id) {
        return None;
    }
    let known = {
        let state = hub.state();
        let now = hub.now();
        let registered = state.apps.iter().any(|app| app.client_id == client_id);
        let kept = state.documents.app(client_id).is_some();
        registered || kept && (!asks.begins || state.documents.is_fresh(client_id, now))
    };
    if known {
        return None;
    }
    let Unusable(reason) = read(hub, client_id).await.err()?;
    tracing::info!(client_id, reason, "no app by a client ID metadata document");
    Some(if asks.is_page {
        let problem = BadApp {
            client_id: client_id.to_owned(),
            redirect_uri: asks.params.first("redirect_uri").to_owned(),
            reason,
            registered: Vec::new(),
        };
        pages::bad_app(hub, &problem).noting(|note| {
            note.error = Some("invalid_client".to_owned());
            note.page = Some(Page::Other);
        })
    } else {
        let answer = failed(&Failure::new("invalid_client", reason));
        debug_assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        answer.no_store()
    })
}

async fn read(hub: &Hub, client_id: &str) -> Result<(), Unusable> {
    let Some(fetcher) = &hub.client_metadata else {
        let reason = "The client_id is a URL, and this Hub fetches no documents of apps: `fetch = false` stands under \
                      [client_metadata] in its hub.toml.";
        return Err(Unusable::new(reason));
    };
    let location = Location::parse(client_id, !hub.bound_dangerously)?;
    let fetched = fetcher.fetch(&location).await?;
    let app = document::read(&location, &fetched.body)?;
    hub.state().documents.keep(app, hub.now(), fetched.lifetime);
    Ok(())
}

/// A request that names an app.
struct Asks {
    params: Params,
    /// Something begins with it, so what the app says of itself must be of today.
    begins: bool,
    is_page: bool,
}

impl Asks {
    fn of(request: &Request) -> Option<Self> {
        let (params, begins, is_page) = match (request.path.as_str(), request.method.as_str()) {
            ("/oauth/authorize", _) => {
                let mut params = request.query_params();
                params.0.extend(request.form().0);
                (params, true, true)
            }
            ("/oauth/authorize/consent", _) => {
                (Params::parse(request.form().first("request").as_bytes()), false, true)
            }
            ("/oauth/device" | "/oauth/device/code", "POST") => (request.form(), true, false),
            ("/oauth/token" | "/oauth/device/token", _) => (request.form(), false, false),
            _ => return None,
        };
        Some(Self { params, begins, is_page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_kept_within_a_bound_and_for_their_time() {
        let mut documents = Documents::default();
        for number in 0..100 {
            documents.keep(AppConfig::public(format!("https://app-{number}.example/x")), 1_000, 60);
        }
        assert_eq!(documents.0.len(), MOST);
        assert!(documents.app("https://app-0.example/x").is_none());
        let last = "https://app-99.example/x";
        let fresh = |now| documents.is_fresh(last, now);
        assert_eq!((fresh(999), fresh(1_000), fresh(1_059), fresh(1_060)), (false, true, true, false));
        assert!(documents.app(last).is_some(), "tokens are asked for later");
        documents.keep(AppConfig::public(last).name("new"), 2_000, 0);
        assert_eq!((documents.0.len(), documents.app(last).unwrap().name.as_str()), (MOST, "new"));
        assert!(!documents.is_fresh(last, 2_000), "no-store");
    }
}
