//! Before a request is looked at: the app that it names, where nobody registered it. Afterwards it is found where registered
//! apps are, so that nothing else knows of this.

use http::header;
use url::Url;

use crate::answer::{Answer, Page};
use crate::client_metadata::{self, Unusable, is_url};
use crate::pages::{self, BadApp};
use crate::request::{Params, Request};
use crate::state::Hub;
use crate::token::{Failure, failed};

const FOR_NO_SCRIPT: &str = "The client_id is a URL, and a script of another origin sent this: a document is read for the \
                             scripts of its own origin, and for whoever comes by a link.";

/// A request that names an app.
struct Asks {
    params: Params,
    /// Something begins with it, so what the app says of itself must be of today.
    begins: bool,
    is_page: bool,
}

/// Reads the document of the request's app where it is needed. An answer where there is none that can be used.
pub(crate) async fn refusal(hub: &Hub, request: &Request) -> Option<Answer> {
    let asks = Asks::of(request)?;
    let client_id = asks.params.one("client_id").ok().flatten().filter(|id| is_url(id))?;
    if is_known(hub, client_id, asks.begins) {
        return None;
    }
    let read = match is_strangers_script(request, client_id) {
        true => Err(Unusable(FOR_NO_SCRIPT.to_owned())),
        false => read(hub, client_id).await,
    };
    let Unusable(reason) = read.err()?;
    tracing::info!(client_id, reason, "no app by a client ID metadata document");
    if !asks.is_page {
        return Some(failed(&Failure::new("invalid_client", reason)).no_store());
    }
    let problem = BadApp {
        client_id: client_id.to_owned(),
        redirect_uri: asks.params.first("redirect_uri").to_owned(),
        reason,
        registered: Vec::new(),
    };
    Some(pages::bad_app(hub, &problem).noting(|note| {
        note.error = Some("invalid_client".to_owned());
        note.page = Some(Page::Other);
    }))
}

/// Whether a script of another origin than the document's would read the answer, since every origin may: it would learn what
/// answers where on this machine and in this network. The page that a navigation leads to it does not see.
fn is_strangers_script(request: &Request, client_id: &str) -> bool {
    let Some(origin) = request.headers.get(header::ORIGIN) else { return false };
    let navigates = request.headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    !navigates && Url::parse(client_id).map_or(true, |url| *origin != url.origin().ascii_serialization())
}

fn is_known(hub: &Hub, client_id: &str, begins: bool) -> bool {
    let (state, now) = (hub.state(), hub.now());
    let is_registered = state.apps.iter().any(|app| app.client_id == client_id);
    is_registered
        || state.documents.app(client_id).is_some() && (!begins || state.documents.is_fresh(client_id, now))
}

async fn read(hub: &Hub, client_id: &str) -> Result<(), Unusable> {
    let Some(fetcher) = &hub.client_metadata else {
        let reason = "The client_id is a URL, and this Hub fetches no documents of apps: `fetch = false` stands under \
                      [client_metadata] in its hub.toml.";
        return Err(Unusable(reason.to_owned()));
    };
    // A Hub that others reach asks nothing on its own machine in their name.
    let (app, lifetime) = client_metadata::read(fetcher, client_id, !hub.bound_dangerously).await?;
    hub.state().documents.keep(app, hub.now(), lifetime);
    Ok(())
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
