//! The browser of a person: who is signed in, and proof that a form came from our own page.

use http::header;
use http::uri::Authority;

use crate::config::SameSite;
use crate::random::same;
use crate::request::{Request, is_loopback};
use crate::state::{Hub, Issuer};

/// More sessions than a developer has; beyond it the old ones end.
const SESSIONS: usize = 10_000;

pub(crate) struct Browser {
    /// What forms are bound to: the session, or a cookie that a test sent.
    binding: String,
    pub(crate) username: Option<String>,
    /// Set with the next page if the browser has none yet.
    pub(crate) new_cookie: Option<String>,
}

impl Browser {
    /// Our own cookie first, so that switching accounts works beside a scripted `token` cookie.
    pub(crate) fn of(hub: &Hub, request: &Request) -> Self {
        let state = hub.state();
        let own = cookie_name(hub);
        let mut known = request.cookies(&own);
        if let Some((id, username)) = known.find_map(|id| Some((id, state.sessions.get(id)?))) {
            let username = state.user(username).map(|user| user.username.clone());
            return Self { binding: id.to_owned(), username, new_cookie: None };
        }
        let token = request.cookies("token").find_map(|value| Some((value, state.user_of_session(value)?)));
        if let Some((value, user)) = token {
            let username = Some(user.username.clone());
            return Self { binding: value.to_owned(), username, new_cookie: None };
        }
        drop(state);
        match request.cookies(&own).find(|id| id.len() == 43) {
            Some(id) => Self { binding: id.to_owned(), username: None, new_cookie: None },
            None => {
                let id = hub.random.token();
                let new_cookie = Some(session_cookie(hub, request, &id));
                Self { binding: id, username: None, new_cookie }
            }
        }
    }

    /// The anti-forgery token for one form of one page.
    pub(crate) fn form_token(&self, hub: &Hub, form: &str, about: &str) -> String {
        let username = self.username.as_deref().unwrap_or_default();
        let token = seal(hub, &self.binding, username, form, about);
        match self.new_cookie {
            Some(_) if hub.pages.same_site == SameSite::Lax => format!("{}.{token}", self.binding),
            _ => token,
        }
    }

    /// Whether `request` was sent by that form in this browser.
    pub(crate) fn sent(&self, hub: &Hub, request: &Request, form: &str, about: &str, token: &str) -> bool {
        let bound = self.new_cookie.is_none() && same(&self.form_token(hub, form, about), token);
        (bound || from_a_frame_without_cookies(hub, request, form, about, token)) && own_origin(hub, request)
    }
}

/// A new session, so that one planted before signing in is worth nothing; gives its id.
pub(crate) fn sign_in(hub: &Hub, username: &str) -> String {
    let id = hub.random.token();
    let mut state = hub.state();
    if state.sessions.len() >= SESSIONS {
        state.sessions.clear();
    }
    state.sessions.insert(id.clone(), username.to_owned());
    drop(state);
    id
}

/// Ends the sessions that `request` has; gives the cookie that says so.
pub(crate) fn sign_out(hub: &Hub, request: &Request) -> String {
    let name = cookie_name(hub);
    let mut state = hub.state();
    for id in request.cookies(&name) {
        state.sessions.remove(id);
    }
    drop(state);
    format!("{}; Max-Age=0", session_cookie(hub, request, ""))
}

/// Cookies ignore ports, so the name holds it: hubs side by side keep apart.
pub(crate) fn cookie_name(hub: &Hub) -> String {
    format!("local_hub_{}", hub.port)
}

/// The cookie of a session; of none, if its id is empty.
pub(crate) fn session_cookie(hub: &Hub, request: &Request, id: &str) -> String {
    let attributes = match hub.pages.same_site {
        SameSite::None if keeps_secure_cookies(hub, request) => "; Path=/; Secure; HttpOnly; SameSite=None",
        _ => "; Path=/; HttpOnly; SameSite=Lax",
    };
    format!("{}={id}{attributes}", cookie_name(hub))
}

/// Browsers do from `https`, and from this machine. A hub that others reach by `http` must do without.
fn keeps_secure_cookies(hub: &Hub, request: &Request) -> bool {
    let host = request.header(header::HOST).and_then(|host| host.parse::<Authority>().ok());
    !hub.bound_dangerously
        || hub.issuer.url.scheme() == "https"
        || host.is_some_and(|host| is_loopback(host.host()))
}

fn seal(hub: &Hub, binding: &str, username: &str, form: &str, about: &str) -> String {
    hub.random.seal(&["form", binding, username, form, about])
}

/// Where another site leads its frame here, a `Lax` cookie is neither sent nor kept; the form of the page that comes of it is
/// our own again, and sends the cookie of the tab. So nobody's form carries what it is bound to. Somebody else could have
/// fetched it and planted it on a page of theirs: the browser says where the form was sent from.
fn from_a_frame_without_cookies(hub: &Hub, request: &Request, form: &str, about: &str, token: &str) -> bool {
    let own_page = request.headers.contains_key(header::ORIGIN)
        && request.headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin");
    hub.pages.same_site == SameSite::Lax
        && own_page
        && token
            .split_once('.')
            .is_some_and(|(binding, token)| same(&seal(hub, binding, "", form, about), token))
}

fn own_origin(hub: &Hub, request: &Request) -> bool {
    let Some(origin) = request.header(header::ORIGIN) else { return true };
    let Issuer { url, .. } = &hub.issuer;
    let host = request.header(header::HOST).unwrap_or_default();
    origin == hub.issuer.origin()
        || origin == format!("{}://{host}", url.scheme())
        || origin == format!("http://{host}")
}
