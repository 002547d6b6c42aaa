//! The app by `hf-oauth-axum`.

use std::net::TcpListener;

use axum::response::{AppendHeaders, Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use hf_oauth_axum::{HuggingFace, Scope, SignedIn, Visitor};
use http::HeaderMap;
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Gate, OWN_POLICY, Shape, about, greeting, lax};
use crate::orgs::{ENGINE, LAST, PARK};

/// Serves until `stopped`.
pub(super) fn serve(
    listener: TcpListener,
    auth: &hf_oauth_web::HuggingFace,
    shape: Shape,
    gate: &Gate,
    stopped: oneshot::Receiver<()>,
) {
    let auth = HuggingFace::from(auth.clone());
    let routes = routes(&auth, gate);
    let app = match shape {
        Shape::Attached => auth.attach(routes),
        Shape::WithoutMiddleware => routes,
        Shape::NestedAt(path) => Router::new().nest(path, auth.attach(routes)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::select! {
            served = async { axum::serve(listener, app).await } => served.unwrap(),
            _ = stopped => {}
        }
    });
}

/// What an app has: open and closed pages, a form, cookies of its own.
fn routes(auth: &HuggingFace, gate: &Gate) -> Router {
    let guard = || auth.guard();
    let guarded = |path, guard| Router::new().route(path, get(me).post(async || "posted")).route_layer(guard);
    let both = Router::new()
        .route("/both", get(async || "in"))
        .route_layer(guard().require_org(ENGINE).unwrap())
        .route_layer(guard().require_scopes([Scope::Jobs]));
    let (gate, lax_auth, button) = (gate.clone(), auth.clone(), auth.sign_in_button("/me"));
    let slow = move |user: SignedIn| {
        let gate = gate.clone();
        async move {
            gate.pass().await;
            user.subject().to_owned()
        }
    };
    Router::new()
        .route("/", get(home))
        .route("/me", get(me))
        .route("/maybe", get(maybe))
        .route("/name", get(async |user: SignedIn| Html(user.display_name_html())))
        .route("/button", get(async move || Html(button.clone())))
        .route("/form", post(async |user: SignedIn| user.subject().to_owned()))
        .route("/cookies", get(own_cookies))
        .route("/plain", get(async || "plain"))
        .route("/slow", get(slow))
        .route(
            "/lax",
            get(async move |headers: HeaderMap| Json(lax(lax_auth.parse_huggingface_oauth(&headers)))),
        )
        .nest("/admin", Router::new().route("/list", get(async |user: SignedIn| user.subject().to_owned())))
        .merge(shown(auth))
        .merge(guarded("/closed", guard()))
        .merge(guarded("/jobs", guard().require_scopes([Scope::Jobs])))
        .merge(guarded("/engine", guard().require_org(ENGINE).unwrap()))
        .merge(guarded("/park", guard().require_org(PARK).unwrap()))
        .merge(guarded("/last", guard().require_org(LAST).unwrap()))
        .merge(both)
}

/// Pages that say who may frame them; one says so itself.
fn shown(auth: &HuggingFace) -> Router {
    let own = async || ([("content-security-policy", OWN_POLICY)], "shown");
    let other = async || ([("content-security-policy", "default-src 'none'")], "shown");
    let never = async || ([("x-frame-options", "DENY")], "shown");
    let pages = Router::new().route("/shown", get(async || "shown")).route("/shown/never", get(never));
    pages.route("/shown/own", get(own)).route("/shown/other", get(other)).layer(auth.frames())
}

async fn home(visitor: Visitor) -> String {
    greeting(&match visitor {
        Visitor::Nobody => hf_oauth_web::Visitor::Nobody,
        Visitor::SignedIn(user) => hf_oauth_web::Visitor::SignedIn((*user).clone()),
        Visitor::TokenUnavailable(identity) => hf_oauth_web::Visitor::TokenUnavailable(identity),
    })
}

async fn maybe(user: Option<SignedIn>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.display_name().to_owned())
}

async fn me(user: SignedIn) -> Json<Value> {
    Json(about(&user))
}

async fn own_cookies() -> impl IntoResponse {
    (AppendHeaders([("set-cookie", "mine=1; Path=/"), ("set-cookie", "mine_too=2; Path=/")]), "two cookies")
}
