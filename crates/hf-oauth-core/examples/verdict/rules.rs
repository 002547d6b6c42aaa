//! What core makes of an input of `vectors/`: over its public API, in the words of `vectors/README.md`.
//!
//! Nothing is decided here. Inputs become core's arguments, and what core says becomes a verdict.

#[cfg(feature = "wire")]
mod answers;
mod rs256;
mod tokens;

use std::fmt::Debug;

use hf_oauth_core::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A verdict, or why the input is none.
pub(crate) type Verdict = Result<Value, String>;

/// The exchanges that core has with its features of the moment: without `wire` it reads neither URLs nor answers.
pub(crate) const EXCHANGES: &[&str] = if cfg!(feature = "wire") {
    &[
        "callback",
        "discovery",
        "exchange",
        "id_token",
        "redirect_uri",
        "refresh",
        "return_path",
        "rs256",
        "userinfo",
    ]
} else {
    &["id_token", "redirect_uri", "return_path", "rs256"]
};

/// Core's verdict on an input of this exchange.
pub(crate) fn verdict(exchange: &str, input: &Value) -> Verdict {
    if !EXCHANGES.contains(&exchange) {
        return Err(format!("no exchange {exchange:?}"));
    }
    match exchange {
        "id_token" => tokens::id_token(input),
        "return_path" => {
            let path = read::<Path>(input)?.path;
            Ok(match ReturnPath::parse(&path) {
                Ok(path) => accepted(json!({ "path": path.as_str() })),
                Err(InvalidReturnPath) => refused("return-path", "refused"),
            })
        }
        "redirect_uri" => {
            let uri = read::<Uri>(input)?.uri;
            Ok(match RedirectUri::parse(&uri) {
                Ok(uri) => accepted(json!({ "uri": uri.as_str() })),
                Err(_) => refused("redirect-uri", "refused"),
            })
        }
        "rs256" => rs256::verdict(input),
        #[cfg(feature = "wire")]
        "callback" => answers::callback(input),
        #[cfg(feature = "wire")]
        "discovery" => answers::discovery(input),
        #[cfg(feature = "wire")]
        "exchange" => answers::exchange(input),
        #[cfg(feature = "wire")]
        "refresh" => answers::refresh(input),
        #[cfg(feature = "wire")]
        "userinfo" => answers::userinfo(input),
        other => Err(format!("{other:?} is not at hand")),
    }
}

#[derive(Deserialize)]
struct Path {
    path: String,
}

#[derive(Deserialize)]
struct Uri {
    uri: String,
}

fn read<T: DeserializeOwned>(input: &Value) -> Result<T, String> {
    T::deserialize(input).map_err(|error| error.to_string())
}

fn accepted(values: Value) -> Value {
    json!({ "accepted": values })
}

fn refused(exchange: &str, rule: &str) -> Value {
    json!({ "refused": format!("{exchange}/{rule}") })
}

/// Core has a variant for every rule, and the variant's name in kebab case is the rule's.
fn rule(error: &impl Debug) -> String {
    let text = format!("{error:?}");
    let variant = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut rule = String::new();
    for letter in variant.chars() {
        if letter.is_ascii_uppercase() && !rule.is_empty() {
            rule.push('-');
        }
        rule.push(letter.to_ascii_lowercase());
    }
    rule
}

/// A provider with this issuer; its endpoints stand below it.
fn provider(issuer: &str, iss_promised: bool) -> Result<Hub, String> {
    let below = |path: &str| format!("{issuer}/{path}");
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": below("oauth/authorize"),
        "token_endpoint": below("oauth/token"),
        "jwks_uri": below("oauth/jwks"),
        "userinfo_endpoint": below("oauth/userinfo"),
        "authorization_response_iss_parameter_supported": iss_promised,
    });
    let issuer = Issuer::parse(issuer).map_err(|error| error.to_string())?;
    Hub::from_discovery(&issuer, read(&document)?, &[]).map_err(|error| error.to_string())
}

/// A login that was begun, as it is kept.
fn pending(
    issuer: &str,
    state: &str,
    nonce: &str,
    scopes: &str,
    begun_at: i64,
) -> Result<PendingLogin, String> {
    PendingLogin::from_parts(PendingLoginParts {
        state: state.to_owned(),
        nonce: nonce.to_owned(),
        code_verifier: "code-verifier-of-the-vectors".to_owned(),
        redirect_uri: None,
        issuer: issuer.to_owned(),
        return_path: "/".to_owned(),
        app_state: None,
        scope: scopes.to_owned(),
        begun_at,
    })
    .map_err(|error| error.to_string())
}

/// A login whose code came back, and whose tokens are asked for.
fn code_exchange(
    app: &App,
    hub: &Hub,
    nonce: &str,
    scopes: &str,
    now: UnixTime,
) -> Result<(Request, CodeExchange), String> {
    let pending = pending(hub.issuer().as_str(), "state-of-the-vectors", nonce, scopes, now.as_secs())?;
    let params =
        CallbackParams::from_pairs([("code", "code-of-the-vectors"), ("state", "state-of-the-vectors")])
            .map_err(|error| error.to_string())?;
    let grant = pending.accept(hub, params, now).map_err(|rejected| rejected.error.to_string())?;
    grant.exchange(app, hub).map_err(|error| error.to_string())
}
