//! A fault as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::fault::{Endpoint, Fault};

/// Exactly one of the kinds, and the rest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    status: Option<u16>,
    html: Option<u16>,
    body: Option<Canned>,
    redirect: Option<Redirect>,
    latency_ms: Option<u64>,
    slow_body_ms: Option<u64>,
    #[serde(default)]
    cut_body: bool,
    #[serde(default)]
    lost_answer: bool,
    #[serde(default)]
    endless_body: bool,
    #[serde(default)]
    bad_signature: bool,
    json: Option<Value>,
    claims: Option<Value>,
    header: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    endpoint: Option<Endpoint>,
    times: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Canned {
    status: u16,
    content_type: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redirect {
    status: u16,
    url: String,
}

pub(super) fn read(bytes: &[u8]) -> Result<Fault, String> {
    let script: Script = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let (endpoint, times, headers) = (script.endpoint, script.times, script.headers.clone());
    let mut kinds = kinds(script);
    let (Some(mut fault), true) = (kinds.pop(), kinds.is_empty()) else {
        return Err("a fault is exactly one of: status, html, body, redirect, latency_ms, slow_body_ms, cut_body, lost_answer, \
                    endless_body, json, claims, header, bad_signature"
            .to_owned());
    };
    if let Some(endpoint) = endpoint {
        fault = fault.on(endpoint);
    }
    if let Some(times) = times {
        fault = fault.times(times);
    }
    Ok(headers.into_iter().fold(fault, |fault, (name, value)| fault.with_header(name, value)))
}

fn kinds(script: Script) -> Vec<Fault> {
    let answers = [
        script.status.map(Fault::status),
        script.html.map(Fault::html),
        script.body.map(|body| Fault::body(body.status, body.content_type, body.text)),
        script.redirect.map(|redirect| Fault::redirect(redirect.status, redirect.url)),
        script.latency_ms.map(|wait| Fault::latency(Duration::from_millis(wait))),
        script.slow_body_ms.map(|pause| Fault::slow_body(Duration::from_millis(pause))),
        script.cut_body.then(Fault::cut_body),
        script.lost_answer.then(Fault::lost_answer),
        script.endless_body.then(Fault::endless_body),
        script.bad_signature.then(Fault::bad_signature),
        script.json.map(Fault::json),
        script.claims.map(Fault::claims),
        script.header.map(Fault::header),
    ];
    answers.into_iter().flatten().collect()
}
