//! From a request to an answer: journal, faults, the endpoint, CORS.

use std::sync::Arc;

use http::header::{self, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde_json::json;

use crate::answer::{Answer, Body};
use crate::fault::{Canned, Endpoint, Kind, merge};
use crate::journal::Entry;
use crate::request::Request;
use crate::state::Hub;
use crate::{authorize, avatar, chat, ci, device, discovery, identity, pages, token, unregistered};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What goes over the wire.
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    pub(crate) delivery: Delivery,
}

/// How it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// Half of the body, then nothing.
    Cut,
    /// Nothing at all.
    Lost,
    Endless,
    Slow(std::time::Duration),
}

pub(crate) async fn respond(hub: &Arc<Hub>, request: Request) -> Outcome {
    let id = hub.journal.begin(entry(hub, &request));
    let endpoint = endpoint(&request);
    // A browser's preflight is none of the requests that a script counts.
    let scripted = endpoint.filter(|_| request.method != Method::OPTIONS);
    let due = scripted.map(|endpoint| hub.faults.at_request(endpoint)).unwrap_or_default();
    let mut names: Vec<String> = due.iter().map(|kind| kind.name().to_owned()).collect();
    let mut canned = None;
    for kind in &due {
        match kind {
            Kind::Latency(wait) => tokio::time::sleep(*wait).await,
            Kind::Answer(answer) => canned = Some(from_canned(answer)),
            _ => {}
        }
    }
    let mut answer = match canned {
        Some(answer) => answer,
        None => with_opener_policy(hub, route(hub, &request).await),
    };
    let delivery = apply(&due, &mut answer);
    names.append(&mut answer.note.faults);
    if endpoint.is_some_and(|endpoint| is_open_to_pages(hub, endpoint)) {
        add_cors(&mut answer);
    }
    let note = &answer.note;
    hub.journal.complete(id, |entry| {
        entry.status = if delivery == Delivery::Lost { 0 } else { answer.status.as_u16() };
        entry.client_id.clone_from(&note.client_id);
        entry.username.clone_from(&note.username);
        entry.auth = note.auth;
        entry.error.clone_from(&note.error);
        entry.fault = (!names.is_empty()).then(|| names.join(" + "));
    });
    tracing::debug!(method = %request.method, path = %request.path, status = answer.status.as_u16(), "answered");
    Outcome { answer, delivery }
}

/// On what a window shows, and on the redirects on its way there.
fn with_opener_policy(hub: &Hub, answer: Answer) -> Answer {
    let html = answer.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == pages::HTML);
    if hub.pages.opener_policy && (html || answer.status.is_redirection()) {
        return answer.with(OPENER_POLICY, "same-origin");
    }
    answer
}

/// What the journal says of a request before it is answered.
pub(crate) fn entry(hub: &Hub, request: &Request) -> Entry {
    let user_agent = request.header(header::USER_AGENT);
    let params: Vec<(String, String)> = [request.query_params(), request.form(), request.json_texts()]
        .into_iter()
        .flat_map(|p| p.0)
        .collect();
    Entry::new(hub.now(), request.method.as_str(), &request.path, user_agent).with_params(params.iter())
}

fn endpoint(request: &Request) -> Option<Endpoint> {
    Some(match request.path.as_str() {
        "/.well-known/openid-configuration" => Endpoint::Discovery,
        "/oauth/authorize" => Endpoint::Authorize,
        "/oauth/token" | "/oauth/device/token" => Endpoint::Token,
        // The same address is a page for people.
        "/oauth/device" if request.method == Method::GET || request.method == Method::HEAD => return None,
        "/oauth/device" | "/oauth/device/code" => Endpoint::Device,
        "/oauth/userinfo" => Endpoint::Userinfo,
        "/oauth/jwks" => Endpoint::Jwks,
        "/api/whoami-v2" => Endpoint::Whoami,
        "/v1/chat/completions" => Endpoint::ChatCompletions,
        "/ci/id-token" => Endpoint::CiIdToken,
        _ => return None,
    })
}

async fn route(hub: &Arc<Hub>, request: &Request) -> Answer {
    let allowed = methods(&request.path);
    if allowed.is_empty() {
        return lookup(hub, request);
    }
    // A HEAD request must not use up a code or a person's decision.
    let method = match request.method.as_str() {
        "HEAD" if request.path != "/oauth/authorize" => "GET",
        method => method,
    };
    if method == "OPTIONS" && endpoint(request).is_some_and(|endpoint| is_open_to_pages(hub, endpoint)) {
        return Answer::empty(StatusCode::NO_CONTENT);
    }
    if !allowed.contains(&method) {
        return not_allowed(allowed);
    }
    if let Some(refusal) = unregistered::refusal(hub, request).await {
        return refusal;
    }
    match (request.path.as_str(), method) {
        ("/.well-known/openid-configuration", _) => discovery::configuration(hub),
        ("/oauth/jwks", _) => discovery::jwks(hub).await,
        ("/oauth/authorize", _) => authorize::authorize(hub, request),
        ("/oauth/authorize/consent", _) => authorize::decide(hub, request),
        ("/oauth/device", "GET") => device::page(hub, request),
        ("/oauth/device" | "/oauth/device/code", _) => device::request(hub, request),
        ("/oauth/device/consent", _) => device::decide(hub, request),
        ("/oauth/token" | "/oauth/device/token", _) => token::token(hub, request).await,
        ("/oauth/userinfo", _) => identity::userinfo(hub, request),
        ("/api/whoami-v2", _) => identity::whoami(hub, request),
        ("/v1/chat/completions", _) => chat::completions(hub, request).await,
        ("/ci/id-token", _) => ci::id_token(hub, request).await,
        ("/login", "GET") => authorize::sign_in_form(hub, request),
        ("/login", _) => authorize::sign_in(hub, request),
        ("/logout", _) => authorize::sign_out(hub, request),
        ("/settings/connected-applications", "GET") => pages::connections(hub, request),
        ("/settings/connected-applications", _) => pages::disconnect(hub, request),
        ("/assets/hub.css", _) => pages::stylesheet(),
        ("/assets/icon.svg" | "/favicon.ico", _) => pages::icon(),
        _ => pages::home(hub, request),
    }
}

fn methods(path: &str) -> &'static [&'static str] {
    match path {
        "/oauth/authorize"
        | "/oauth/device"
        | "/oauth/userinfo"
        | "/login"
        | "/settings/connected-applications" => &["GET", "POST"],
        "/oauth/token"
        | "/oauth/device/code"
        | "/oauth/device/token"
        | "/oauth/device/consent"
        | "/v1/chat/completions"
        | "/oauth/authorize/consent"
        | "/logout" => &["POST"],
        "/"
        | "/ci/id-token"
        | "/oauth/jwks"
        | "/api/whoami-v2"
        | "/assets/hub.css"
        | "/assets/icon.svg"
        | "/favicon.ico"
        | "/.well-known/openid-configuration" => &["GET"],
        _ => &[],
    }
}

fn not_allowed(allowed: &[&str]) -> Answer {
    let mut answer =
        Answer::text(StatusCode::METHOD_NOT_ALLOWED, "The local Hub does not know this method here.\n");
    if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
        answer.headers.insert(header::ALLOW, value);
    }
    answer
}

/// Pictures, Spaces and profiles, whose names are in the path.
fn lookup(hub: &Hub, request: &Request) -> Answer {
    let read = matches!(request.method, Method::GET | Method::HEAD);
    let path = request.path.trim_start_matches('/');
    if !read {
        return not_found(path);
    }
    if path == "spaces" || path.starts_with("spaces/") {
        return pages::spaces(hub, request).unwrap_or_else(|| not_found(path));
    }
    if let Some(name) = path.strip_prefix("avatars/").and_then(|file| file.strip_suffix(".svg"))
        && !name.contains('/')
    {
        return avatar::avatar(hub, name);
    }
    pages::profile(hub, path).unwrap_or_else(|| not_found(path))
}

fn not_found(path: &str) -> Answer {
    if path.starts_with("api/") || path.starts_with("v1/") || path.starts_with("oauth/") {
        return Answer::json(StatusCode::NOT_FOUND, json!({ "error": "The local Hub has nothing here" }));
    }
    Answer::text(StatusCode::NOT_FOUND, "The local Hub has nothing here.\n")
}

fn from_canned(canned: &Canned) -> Answer {
    let status = StatusCode::from_u16(canned.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = Answer::new(status, "text/plain", canned.body.clone());
    let content_type = ("content-type".to_owned(), canned.content_type.clone());
    for (name, value) in std::iter::once(&content_type).chain(&canned.headers) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            answer.headers.insert(name, value);
        }
    }
    answer
}

fn apply(due: &[Kind], answer: &mut Answer) -> Delivery {
    let mut delivery = Delivery::Whole;
    for kind in due {
        match kind {
            Kind::Json(change) => {
                if let Body::Json(value) = &mut answer.body {
                    merge(value, change);
                }
            }
            Kind::CutBody => delivery = Delivery::Cut,
            Kind::EndlessBody => delivery = Delivery::Endless,
            Kind::SlowBody(pause) => delivery = Delivery::Slow(*pause),
            _ => {}
        }
    }
    // Whatever else was due, a lost answer is lost.
    if due.iter().any(|kind| matches!(kind, Kind::LostAnswer)) { Delivery::Lost } else { delivery }
}

/// A CI job's identity is for programs alone; others may be withheld.
fn is_open_to_pages(hub: &Hub, endpoint: Endpoint) -> bool {
    endpoint != Endpoint::CiIdToken && !hub.cors_withheld().contains(&endpoint)
}

/// Browser apps on any origin use these; their credentials are in headers, never in cookies.
fn add_cors(answer: &mut Answer) {
    let all = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, user-agent, x-requested-with"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "www-authenticate, retry-after, date"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for (name, value) in all {
        answer.headers.insert(name, HeaderValue::from_static(value));
    }
}
