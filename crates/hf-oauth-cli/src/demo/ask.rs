//! `POST /ask`: a prompt in, the answer's text out as it comes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Form, State};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, extract::rejection::FormRejection};
use hf_oauth::Scope;
use hf_oauth_axum::SignedIn;
use serde::Deserialize;
use serde_json::json;

use super::inference::InferenceError;
use super::provider::Provider;

const LONGEST_PROMPT: usize = 16_000;

#[derive(Deserialize)]
pub(crate) struct Question {
    prompt: String,
}

pub(crate) async fn ask(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    user: Option<SignedIn>,
    form: Result<Form<Question>, FormRejection>,
) -> Response {
    if !is_same_origin(&headers) {
        return refuse(StatusCode::FORBIDDEN, "cross_site", "This must come from this page.");
    }
    let Some(user) = user else {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Your sign-in has ended. Sign in again to go on.",
        );
    };
    if !user.scope().contains(&Scope::InferenceApi) {
        return refuse(
            StatusCode::FORBIDDEN,
            "missing_scope",
            "You did not allow inference. Allow it to ask.",
        );
    }
    let prompt = form.map(|Form(question)| question.prompt).unwrap_or_default();
    if prompt.trim().is_empty() || prompt.len() > LONGEST_PROMPT {
        let why = format!("Write a prompt of 1 to {LONGEST_PROMPT} bytes.");
        return refuse(StatusCode::BAD_REQUEST, "bad_prompt", &why);
    }
    let inference = match provider.inference().await {
        Ok(Some(inference)) => inference,
        Ok(None) => {
            let why =
                "No inference address belongs to this provider. Set HF_INFERENCE_ENDPOINT to one you trust.";
            return refuse(StatusCode::NOT_FOUND, "no_inference", why);
        }
        Err(error) => return refused_upstream(&error),
    };
    match inference.ask(user.access_token(), prompt.trim()).await {
        Ok(pieces) => {
            ([(CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from_stream(pieces)).into_response()
        }
        Err(error) => refused_upstream(&error),
    }
}

/// A browser says where a `POST` comes from; another site's does not count (RFC 6265bis section 8.8.2).
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(ORIGIN.as_str()), text(HOST.as_str())) {
        (Some(site), ..) => site == "same-origin",
        (None, Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, origin)| origin == host)
        }
        _ => false,
    }
}

fn refuse(status: StatusCode, code: &str, why: &str) -> Response {
    (status, Json(json!({ "error": code, "message": why }))).into_response()
}

fn refused_upstream(error: &InferenceError) -> Response {
    let (status, code) = match error {
        InferenceError::TokenEnded => (StatusCode::UNAUTHORIZED, "unauthenticated"),
        InferenceError::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
        InferenceError::OutOfCredits => (StatusCode::PAYMENT_REQUIRED, "out_of_credits"),
        InferenceError::TooMany => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
        InferenceError::Address(_) => (StatusCode::BAD_GATEWAY, "no_inference"),
        _ => (StatusCode::BAD_GATEWAY, "inference_failed"),
    };
    refuse(status, code, &error.to_string())
}
