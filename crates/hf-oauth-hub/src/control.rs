//! `/_control`: the handle for programs in other languages.

mod fault;

use std::sync::Arc;

use http::{StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::approve::{Decision, decide, decide_device};
use crate::config::{AppConfig, CorsConfig, UserConfig, check_app, check_beside, check_user};
use crate::request::Request;
use crate::routes::{self, Delivery, Outcome};
use crate::state::Hub;

type Reply = Result<Value, String>;

/// Every request there is: what is not for `/_control` goes on to the Hub's own addresses.
pub(crate) async fn respond(hub: &Arc<Hub>, request: Request) -> Outcome {
    if request.path != "/_control" && !request.path.starts_with("/_control/") {
        return routes::respond(hub, request).await;
    }
    let id = hub.journal.begin(routes::entry(hub, &request));
    let answer = control(hub, &request).await;
    hub.journal.complete(id, |entry| entry.status = answer.status.as_u16());
    Outcome { answer, delivery: Delivery::Whole }
}

async fn control(hub: &Arc<Hub>, request: &Request) -> Answer {
    if !hub.control {
        return Answer::text(StatusCode::NOT_FOUND, "Start the local Hub with --control for this.\n");
    }
    if let Some(reason) = from_outside(request) {
        return Answer::json(StatusCode::FORBIDDEN, json!({ "error": reason })).no_store();
    }
    let (status, body) = match act(hub, request).await {
        Some(Ok(body)) => (StatusCode::OK, body),
        Some(Err(error)) => (StatusCode::BAD_REQUEST, json!({ "error": error })),
        None => (
            StatusCode::NOT_FOUND,
            json!({ "error": "there is no such control; see the documentation of hf-oauth-hub" }),
        ),
    };
    Answer::json(status, body).no_store()
}

/// A page on any site can make a browser send requests here; programs send none of these headers.
fn from_outside(request: &Request) -> Option<&'static str> {
    if !request.from_loopback {
        return Some("/_control answers to this machine only");
    }
    if request.headers.contains_key(header::ORIGIN) || request.headers.contains_key("sec-fetch-site") {
        return Some("/_control does not answer to browsers");
    }
    let json = request.media_type().eq_ignore_ascii_case("application/json");
    (!request.body.is_empty() && !json).then_some("send the body as application/json")
}

async fn act(hub: &Arc<Hub>, request: &Request) -> Option<Reply> {
    let path = request.path.strip_prefix("/_control").unwrap_or_default();
    Some(match (request.method.as_str(), path) {
        ("GET", "" | "/") => Ok(json!({ "issuer": hub.issuer.text, "now": hub.now() })),
        ("GET", "/clock") => Ok(json!({ "now": hub.now() })),
        ("POST", "/clock") => clock(hub, request),
        ("GET", "/journal") => {
            serde_json::to_value(hub.journal.snapshot()).map_err(|error| error.to_string())
        }
        ("DELETE", "/journal") => {
            hub.journal.clear();
            done()
        }
        ("GET", "/faults") => Ok(json!({ "faults": hub.faults.list() })),
        ("POST", "/faults") => fault::read(&request.body).and_then(|fault| {
            hub.faults.add(fault);
            done()
        }),
        ("DELETE", "/faults") => {
            hub.faults.clear();
            done()
        }
        ("GET", "/cors") => Ok(json!({ "withheld": hub.cors_withheld() })),
        ("POST", "/cors") => parse(request).and_then(|cors: CorsConfig| {
            hub.withhold_cors(cors.withheld);
            done()
        }),
        ("POST", "/keys/rotate") => {
            hub.rotate_keys();
            done()
        }
        ("POST", "/apps") => parse(request).and_then(|app: AppConfig| {
            check_app(&app).map_err(|mistake| format!("{}: {}", mistake.key(), mistake.reason))?;
            hub.state().put_app(app);
            done()
        }),
        ("POST", "/users") => parse(request).and_then(|user: UserConfig| {
            let mut state = hub.state();
            check_user(&user)
                .and_then(|()| check_beside(&user, &state.users))
                .map_err(|mistake| format!("{}: {}", mistake.key(), mistake.reason))?;
            state.put_user(user);
            done()
        }),
        ("POST", "/approve") => decision(hub, request, Decision::Approve).await,
        ("POST", "/device") => device(hub, request).await,
        ("POST", "/deny") => decision(hub, request, Decision::Deny).await,
        _ => return None,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum ClockChange {
    Advance(i64),
    Set(u64),
}

fn clock(hub: &Hub, request: &Request) -> Reply {
    match parse(request)? {
        ClockChange::Advance(seconds) => hub.clock.advance(seconds),
        ClockChange::Set(unix_seconds) => hub.clock.set(unix_seconds),
    }
    Ok(json!({ "now": hub.now() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    url: String,
    username: String,
    /// All unless given.
    orgs: Option<Vec<String>>,
}

async fn decision(hub: &Arc<Hub>, request: &Request, decision: Decision<'_>) -> Reply {
    let Person { url, username, orgs } = parse(request)?;
    let named: Vec<&str> = orgs.iter().flatten().map(String::as_str).collect();
    let decision = match decision {
        Decision::Approve if orgs.is_some() => Decision::ApproveFor(&named),
        other => other,
    };
    let location = decide(hub, &url, &username, decision).await.map_err(|error| error.to_string())?;
    Ok(json!({ "location": location }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceDecision {
    user_code: String,
    username: String,
    /// `approve` unless given.
    #[serde(default)]
    decision: Click,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Click {
    #[default]
    Approve,
    Deny,
}

async fn device(hub: &Arc<Hub>, request: &Request) -> Reply {
    let DeviceDecision { user_code, username, decision } = parse(request)?;
    let decision = match decision {
        Click::Approve => Decision::Approve,
        Click::Deny => Decision::Deny,
    };
    decide_device(hub, &user_code, &username, decision).await.map_err(|error| error.to_string())?;
    done()
}

fn parse<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

fn done() -> Reply {
    Ok(json!({ "ok": true }))
}
