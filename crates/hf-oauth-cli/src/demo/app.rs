//! The demo's routes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hf_oauth::{OAuthOrgInfo, Scope};
use hf_oauth_axum::{SignedIn, Visitor};
use serde_json::json;

use super::{ask, pages, provider::Provider};

const STYLE: &str = include_str!("../../assets/demo.css");
const SCRIPT: &str = include_str!("../../assets/demo.js");
const ICON: &str = include_str!("../../assets/icon.svg");

pub(crate) fn router(provider: Provider) -> Router {
    let auth = provider.auth.clone();
    let needs_inference = auth.guard().require_scopes([Scope::InferenceApi]);
    let policy = security_policy(&provider);
    let provider = Arc::new(provider);
    let pages = Router::new()
        .route("/inference", get(async || Redirect::to("/")).route_layer(needs_inference))
        .route("/", get(home))
        .route("/ask", post(ask::ask))
        .route("/api/me", get(me))
        .with_state(provider)
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            guarded(policy.clone(), request, next)
        }))
        .layer(auth.frames());
    let assets = Router::new()
        .route("/demo.css", get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .route("/demo.js", get(async || ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)))
        .route("/icon.svg", get(async || ([(CONTENT_TYPE, "image/svg+xml")], ICON)))
        .route("/favicon.ico", get(async || ([(CONTENT_TYPE, "image/svg+xml")], ICON)))
        .layer(middleware::map_response(async |mut asset: Response| {
            asset.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            asset
        }));
    auth.attach(pages).merge(assets)
}

async fn home(State(provider): State<Arc<Provider>>, visitor: Visitor) -> Response {
    match visitor {
        Visitor::Nobody => pages::signed_out(&provider),
        Visitor::TokenUnavailable(user) => pages::away(&provider, &user),
        Visitor::SignedIn(user) => {
            // Cookies keep the ids and roles of very many organisations, and the names only of some.
            let named = match user.has_all_orgs() && pages::all_named(user.orgs()) {
                true => None,
                false => told_by_the_hub(&provider, &user).await,
            };
            let orgs = named.as_deref().or(user.orgs());
            let inference = provider.inference().await;
            pages::signed_in(&provider, &user, orgs, inference.ok().flatten())
        }
    }
}

async fn told_by_the_hub(provider: &Provider, user: &SignedIn) -> Option<Vec<OAuthOrgInfo>> {
    let told = provider.auth.client().userinfo(user.access_token()).await.ok()?;
    if told.sub == user.subject() { told.orgs } else { None }
}

/// Who is signed in, without tokens.
async fn me(user: Option<SignedIn>) -> Response {
    match user {
        None => (StatusCode::UNAUTHORIZED, Json(json!({ "error": "unauthenticated" }))).into_response(),
        Some(user) => Json(json!({
            "user": user.user_info(),
            "scope": user.scope(),
            "expires_at": user.access_token_expires_at(),
        }))
        .into_response(),
    }
}

async fn guarded(policy: HeaderValue, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not `no-referrer`: with it older browsers send the sign-out form with `Origin: null`.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store, private"));
    response
}

/// Everything from here, pictures from `https` and the provider. Forms end at the provider, by redirect. Who may
/// show it in a frame is the web layer's to say: in a Space the provider, elsewhere nobody.
fn security_policy(provider: &Provider) -> HeaderValue {
    let provider_origin = provider.issuer().url().origin();
    let policy = format!(
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self' \
         https: {provider_origin}; form-action 'self' {provider_origin}; base-uri 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
