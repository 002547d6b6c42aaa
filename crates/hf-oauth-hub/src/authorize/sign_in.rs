//! Choosing who to be: the local Hub asks for no password.

use http::StatusCode;

use super::{carried, forged};
use crate::answer::{Answer, Page};
use crate::browser::{self, Browser};
use crate::pages;
use crate::request::{Params, Request};
use crate::state::Hub;

pub(crate) const FORM: &str = "sign-in";
/// What names the page of a Space, below `/spaces/`, that a form leads back to.
const SPACE: &str = "space";

/// The page of personas, which carries `params` along and names the app that waits.
pub(crate) fn page(hub: &Hub, browser: &Browser, params: &Params, app: Option<&str>) -> Answer {
    let request = carried(params);
    let token = browser.form_token(hub, FORM, &request);
    pages::personas(hub, browser.username.as_deref(), app, &request, &token)
        .cookie(browser.new_cookie.as_deref())
        .noting(|note| note.page = Some(Page::Personas))
}

/// `GET /login`: the same page without an app; the page of a Space has it lead back there.
pub(crate) fn form(hub: &Hub, request: &Request) -> Answer {
    let mut params = Params::default();
    if let Some(space) = known_space(hub, request.query_params().first(SPACE)) {
        params.0.push((SPACE.to_owned(), space));
    }
    page(hub, &Browser::of(hub, request), &params, None)
}

/// `POST /login`
pub(crate) fn sign_in(hub: &Hub, request: &Request) -> Answer {
    let form = request.form();
    let carried = form.first("request");
    let browser = Browser::of(hub, request);
    if !browser.sent(hub, request, FORM, carried, form.first("token")) {
        return forged(hub);
    }
    let username = form.first("username").to_owned();
    if hub.state().user(&username).is_none() {
        let text = "The local Hub has no such person. Choose one from the list.";
        return pages::message(hub, StatusCode::BAD_REQUEST, "Nobody of that name", text);
    }
    let cookie = browser::session_cookie(hub, request, &browser::sign_in(hub, &username));
    Answer::see_other(&onward(hub, carried))
        .cookie(Some(&cookie))
        .noting(|note| note.username = Some(username))
}

/// `POST /logout`
pub(crate) fn sign_out(hub: &Hub, request: &Request) -> Answer {
    let browser = Browser::of(hub, request);
    let form = request.form();
    if !browser.sent(hub, request, "sign-out", "", form.first("token")) {
        return forged(hub);
    }
    let onward =
        known_space(hub, form.first(SPACE)).map_or_else(String::new, |space| format!("spaces/{space}"));
    Answer::see_other(&format!("{}/{onward}", hub.issuer.base_path()))
        .cookie(Some(&browser::sign_out(hub, request)))
}

/// Back to the request, which has had its `prompt=login` now.
fn onward(hub: &Hub, carried: &str) -> String {
    let base = hub.issuer.base_path();
    if carried.is_empty() {
        return format!("{base}/");
    }
    let mut params = Params::parse(carried.as_bytes());
    // A device's page carries its code and nothing else.
    if let [(name, _)] = params.0.as_slice()
        && name == "user_code"
    {
        return format!("{base}/oauth/device?{}", params.encode());
    }
    if let [(name, space)] = params.0.as_slice()
        && name == SPACE
    {
        return format!("{base}/spaces/{space}");
    }
    for (_, value) in params.0.iter_mut().filter(|(name, _)| name == "prompt") {
        let left: Vec<&str> =
            value.split(' ').filter(|prompt| !matches!(*prompt, "login" | "select_account")).collect();
        *value = left.join(" ");
    }
    params.0.retain(|(name, value)| name != "prompt" || !value.is_empty());
    format!("{base}/oauth/authorize?{}", params.encode())
}

/// A Space's page that there is.
fn known_space(hub: &Hub, id: &str) -> Option<String> {
    let known = id == pages::SIDE_BY_SIDE || hub.space(id).is_some();
    known.then(|| id.to_owned())
}
