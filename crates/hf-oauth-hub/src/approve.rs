//! The person in front of the browser, for tests that have none.

use std::fmt;
use std::sync::Arc;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use hyper::body::Bytes;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::answer::{Answer, Page};
use crate::authorize::{CONSENT_FORM, SIGN_IN_FORM, carried};
use crate::browser::{self, Browser};
use crate::config::OrgConfig;
use crate::device;
use crate::pages::ORGS;
use crate::request::{Params, Request};
use crate::routes::{Delivery, Outcome, respond};
use crate::state::Hub;

/// Why nobody was sent back to the app.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApproveError {
    /// The local Hub knows nobody of this name.
    UnknownUser {
        /// The name.
        username: String,
    },
    /// The person is no member of this organisation.
    UnknownOrg {
        /// The person's name.
        username: String,
        /// The organisation, as it was named.
        org: String,
    },
    /// The URL is not this hub's authorize endpoint.
    ForeignUrl {
        /// The URL's origin and path.
        url: String,
        /// Where it should point.
        expected: String,
    },
    /// The hub showed a page of its own instead of sending the person back.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The OAuth error, if there is one.
        error: Option<String>,
    },
    /// No device waits under this user code: it is unknown, expired, or decided already.
    UnknownUserCode,
    /// A scripted fault kept the answer from arriving.
    Lost,
    /// Consent stands, so there was nothing to deny.
    NotAsked,
}

impl fmt::Display for ApproveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownUser { username } => {
                write!(f, "the local Hub has no user {username:?}: add one with add_user")
            }
            Self::UnknownOrg { username, org } => {
                write!(f, "the local Hub's user {username:?} is no member of {org:?}")
            }
            Self::ForeignUrl { url, expected } => {
                write!(f, "{url} is not this hub's authorize endpoint, {expected}")
            }
            Self::Refused { status, error } => {
                let error = error.as_deref().unwrap_or("no OAuth error");
                write!(
                    f,
                    "authorize: the local Hub showed a page with status {status} ({error}): check client_id and redirect_uri"
                )
            }
            Self::UnknownUserCode => {
                f.write_str("device: no device waits under this user code: ask for a new one")
            }
            Self::Lost => f.write_str("authorize: a scripted fault lost the answer"),
            Self::NotAsked => f.write_str("authorize: consent stands, nobody was asked: add prompt=consent"),
        }
    }
}

impl std::error::Error for ApproveError {}

/// What the person clicks.
#[derive(Clone, Copy)]
pub(crate) enum Decision<'a> {
    /// With all organisations.
    Approve,
    /// With these organisations, by name or id.
    ApproveFor(&'a [&'a str]),
    Deny,
}

impl Decision<'_> {
    /// The ids of the organisations that are ticked.
    fn orgs(&self, hub: &Hub, username: &str) -> Result<Vec<String>, ApproveError> {
        let state = hub.state();
        let Some(user) = state.user(username) else {
            return Err(ApproveError::UnknownUser { username: username.to_owned() });
        };
        match self {
            Self::Approve => Ok(user.orgs.iter().map(OrgConfig::sub).collect()),
            Self::ApproveFor(named) => named
                .iter()
                .map(|name| {
                    let org = user.orgs.iter().find(|org| *name == org.username || *name == org.sub());
                    let unknown = || ApproveError::UnknownOrg {
                        username: username.to_owned(),
                        org: (*name).to_owned(),
                    };
                    org.map(OrgConfig::sub).ok_or_else(unknown)
                })
                .collect(),
            Self::Deny => Ok(Vec::new()),
        }
    }
}

const AUTHORIZE: &str = "/oauth/authorize";

/// Goes through the pages like a browser and gives the `Location` that leads back to the app.
pub(crate) async fn decide(
    hub: &Arc<Hub>,
    authorize_url: &str,
    username: &str,
    decision: Decision<'_>,
) -> Result<String, ApproveError> {
    let orgs = decision.orgs(hub, username)?;
    let query = own_query(hub, authorize_url)?;
    let mut tab = Tab { hub, cookie: signed_in(hub, username) };
    let mut answer = tab.get(AUTHORIZE, &query).await?;
    let mut params = Params::parse(query.as_bytes());
    if answer.note.page == Some(Page::Personas) {
        let answered = tab.post("/login", SIGN_IN_FORM, &params, &[("username", username)]).await?;
        let onward = location(&answered)?;
        let query = onward.split_once('?').map_or("", |(_, query)| query).to_owned();
        params = Params::parse(query.as_bytes());
        answer = tab.get(AUTHORIZE, &query).await?;
    }
    match (answer.note.page, decision) {
        (Some(Page::Consent), Decision::Approve | Decision::ApproveFor(_)) => {
            let mut fields = vec![("decision", "approve")];
            fields.extend(orgs.iter().map(|sub| (ORGS, sub.as_str())));
            answer = tab.post("/oauth/authorize/consent", CONSENT_FORM, &params, &fields).await?;
        }
        (Some(Page::Consent), Decision::Deny) => {
            answer =
                tab.post("/oauth/authorize/consent", CONSENT_FORM, &params, &[("decision", "deny")]).await?;
        }
        (_, Decision::Deny) if answer.status == StatusCode::SEE_OTHER && answer.note.error.is_none() => {
            return Err(ApproveError::NotAsked);
        }
        _ => {}
    }
    location(&answer)
}

/// Goes through the pages of a device like a browser.
pub(crate) async fn decide_device(
    hub: &Arc<Hub>,
    user_code: &str,
    username: &str,
    decision: Decision<'_>,
) -> Result<(), ApproveError> {
    let orgs = decision.orgs(hub, username)?;
    let mut tab = Tab { hub, cookie: signed_in(hub, username) };
    let params = Params(vec![("user_code".to_owned(), user_code.trim().to_owned())]);
    let answer = tab.get("/oauth/device", &params.encode()).await?;
    if answer.note.page != Some(Page::Consent) {
        return Err(ApproveError::UnknownUserCode);
    }
    let mut fields = vec![("decision", if matches!(decision, Decision::Deny) { "deny" } else { "approve" })];
    fields.extend(orgs.iter().map(|sub| (ORGS, sub.as_str())));
    let answer = tab.post("/oauth/device/consent", device::FORM, &params, &fields).await?;
    if answer.status == StatusCode::OK {
        return Ok(());
    }
    Err(ApproveError::Refused { status: answer.status.as_u16(), error: answer.note.error })
}

fn own_query(hub: &Hub, authorize_url: &str) -> Result<String, ApproveError> {
    let expected = hub.issuer.at("/oauth/authorize");
    let foreign = |url: String| ApproveError::ForeignUrl { url, expected: expected.clone() };
    let url = Url::parse(authorize_url).map_err(|_| foreign("what was given".to_owned()))?;
    let path = url.path().strip_prefix(hub.issuer.base_path());
    let host = url.host_str().unwrap_or_default();
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]") && url.port() == Some(hub.port);
    let ours = url.origin() == hub.issuer.url.origin() || loopback;
    if !ours || path != Some("/oauth/authorize") {
        return Err(foreign(format!("{}{}", url.origin().ascii_serialization(), url.path())));
    }
    Ok(url.query().unwrap_or_default().to_owned())
}

/// A browser tab with the one cookie that matters.
struct Tab<'a> {
    hub: &'a Arc<Hub>,
    cookie: String,
}

impl Tab<'_> {
    async fn get(&mut self, path: &str, query: &str) -> Result<Answer, ApproveError> {
        let request = self.request(Method::GET, path, query, Bytes::new());
        self.send(request).await
    }

    async fn post(
        &mut self,
        path: &str,
        form: &str,
        params: &Params,
        fields: &[(&str, &str)],
    ) -> Result<Answer, ApproveError> {
        let about = carried(params);
        let browser = Browser::of(self.hub, &self.request(Method::GET, path, "", Bytes::new()));
        let token = browser.form_token(self.hub, form, &about);
        let body = Serializer::new(String::new())
            .extend_pairs([("request", about.as_str()), ("token", token.as_str())])
            .extend_pairs(fields)
            .finish();
        let request = self.request(Method::POST, path, "", Bytes::from(body));
        self.send(request).await
    }

    async fn send(&mut self, request: Request) -> Result<Answer, ApproveError> {
        let Outcome { answer, delivery } = respond(self.hub, request).await;
        if delivery != Delivery::Whole {
            return Err(ApproveError::Lost);
        }
        if let Some(cookie) = answer.headers.get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok()) {
            self.cookie = pair(cookie);
        }
        Ok(answer)
    }

    fn request(&self, method: Method, path: &str, query: &str, body: Bytes) -> Request {
        let mut headers = HeaderMap::new();
        let mut insert = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        insert(header::COOKIE, &self.cookie);
        if method == Method::POST {
            insert(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        Request { method, path: path.to_owned(), query: query.to_owned(), headers, body, from_loopback: true }
    }
}

fn signed_in(hub: &Hub, username: &str) -> String {
    format!("{}={}", browser::cookie_name(hub), browser::sign_in(hub, username))
}

/// `name=value` of a `Set-Cookie`.
fn pair(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap_or_default().to_owned()
}

fn location(answer: &Answer) -> Result<String, ApproveError> {
    let location = answer.headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let refused =
        || ApproveError::Refused { status: answer.status.as_u16(), error: answer.note.error.clone() };
    location.map(str::to_owned).ok_or_else(refused)
}
