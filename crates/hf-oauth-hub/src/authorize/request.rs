//! The authorization request: checked in the order in which an answer becomes safe.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::redirect_uri::{append, is_registered};
use crate::answer::Answer;
use crate::config::AppConfig;
use crate::pages::BadApp;
use crate::request::{Duplicate, Params};
use crate::state::Hub;

/// A request that may be shown to a person.
pub(crate) struct Authorization {
    pub(crate) app: AppConfig,
    /// Where the person goes back to.
    pub(crate) redirect_uri: String,
    /// As it was sent; the token request must say the same (RFC 6749 section 4.1.3).
    pub(crate) redirect_uri_sent: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) params: Params,
    state: Option<String>,
    prompt: Vec<String>,
    org_ids: Vec<String>,
}

pub(crate) enum Refusal {
    /// Nobody may be sent anywhere.
    Page(BadApp),
    /// The app is known and hears of it.
    Redirect(Box<Answer>),
}

pub(crate) fn read(hub: &Hub, params: &Params) -> Result<Authorization, Refusal> {
    let (app, redirect_uri, redirect_uri_sent) = trusted(hub, params).map_err(Refusal::Page)?;
    let mut authorization = Authorization {
        app,
        redirect_uri,
        redirect_uri_sent,
        scopes: Vec::new(),
        challenge: None,
        nonce: None,
        params: params.clone(),
        state: params.one("state").ok().flatten().map(str::to_owned),
        prompt: Vec::new(),
        org_ids: params.all("orgIds").map(str::to_owned).collect(),
    };
    match fill(&mut authorization, params) {
        Ok(()) => Ok(authorization),
        Err((error, description)) => {
            Err(Refusal::Redirect(Box::new(authorization.error(hub, error, &description))))
        }
    }
}

type Trusted = (AppConfig, String, Option<String>);

/// The app and where it may be answered; everything else comes after.
fn trusted(hub: &Hub, params: &Params) -> Result<Trusted, BadApp> {
    let refuse = |reason: String, registered: &[String]| BadApp {
        client_id: params.first("client_id").to_owned(),
        redirect_uri: params.first("redirect_uri").to_owned(),
        reason,
        registered: registered.to_vec(),
    };
    let twice =
        |Duplicate(name): Duplicate| refuse(format!("The parameter {name} was sent more than once."), &[]);
    let client_id = params.one("client_id").map_err(twice)?;
    let sent = params.one("redirect_uri").map_err(twice)?;
    let Some(client_id) = client_id else {
        return Err(refuse("The request names no client_id.".to_owned(), &[]));
    };
    let Some(app) = hub.state().app(client_id).cloned() else {
        return Err(refuse("No app with this client_id is registered at the local Hub.".to_owned(), &[]));
    };
    let redirect_uri = match (sent, app.redirect_uris.as_slice()) {
        (Some(sent), registered) if !is_registered(&app, sent) => {
            return Err(refuse("This redirect_uri is not registered for the app.".to_owned(), registered));
        }
        (Some(sent), _) => sent.to_owned(),
        (None, [only]) => only.clone(),
        (None, registered) => {
            let reason = "The redirect_uri may be left out only by an app that has exactly one.";
            return Err(refuse(reason.to_owned(), registered));
        }
    };
    let sent = sent.map(str::to_owned);
    Ok((app, redirect_uri, sent))
}

type Problem = (&'static str, String);

fn fill(authorization: &mut Authorization, params: &Params) -> Result<(), Problem> {
    let one = |name: &'static str| {
        let twice = |Duplicate(name)| ("invalid_request", format!("{name} was sent more than once"));
        params.one(name).map_err(twice)
    };
    one("state")?;
    authorization.nonce = one("nonce")?.map(str::to_owned);
    if let Some(name) = ["request", "request_uri"].into_iter().find(|name| params.all(name).next().is_some())
    {
        return Err(("request_not_supported", format!("{name} is not supported")));
    }
    match one("response_type")? {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type must be code".to_owned())),
        None => return Err(("invalid_request", "response_type is missing".to_owned())),
    }
    if one("response_mode")?.is_some_and(|mode| mode != "query") {
        return Err(("invalid_request", "response_mode must be query".to_owned()));
    }
    authorization.challenge =
        challenge(&authorization.app, one("code_challenge")?, one("code_challenge_method")?)?;
    authorization.scopes = scopes(&authorization.app, one("scope")?)?;
    authorization.prompt = prompt(one("prompt")?)?;
    Ok(())
}

/// S256 only; demanded of apps that have no secret (RFC 7636 section 4.4.1).
fn challenge(
    app: &AppConfig,
    challenge: Option<&str>,
    method: Option<&str>,
) -> Result<Option<String>, Problem> {
    let Some(challenge) = challenge else {
        if app.is_public() || method.is_some() {
            return Err((
                "invalid_request",
                "code_challenge is missing: an app without a secret needs PKCE".to_owned(),
            ));
        }
        return Ok(None);
    };
    if method != Some("S256") {
        return Err(("invalid_request", "code_challenge_method must be S256".to_owned()));
    }
    let digest = URL_SAFE_NO_PAD.decode(challenge).unwrap_or_default();
    if digest.len() != 32 {
        return Err(("invalid_request", "code_challenge is no base64url SHA-256".to_owned()));
    }
    Ok(Some(challenge.to_owned()))
}

/// Unknown scopes pass; those that the app was not registered for do not.
pub(crate) fn scopes(app: &AppConfig, scope: Option<&str>) -> Result<Vec<String>, Problem> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in scope.unwrap_or("openid profile").split(' ').filter(|scope| !scope.is_empty()) {
        if !scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\') {
            return Err(("invalid_scope", "scope has characters that no scope has".to_owned()));
        }
        let basic = matches!(scope, "openid" | "profile");
        if !basic && !app.scopes.is_empty() && !app.scopes.iter().any(|allowed| allowed == scope) {
            return Err(("invalid_scope", format!("The app may not ask for {scope}")));
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    if scopes.is_empty() { Err(("invalid_scope", "scope is empty".to_owned())) } else { Ok(scopes) }
}

/// OpenID Connect Core section 3.1.2.1.
fn prompt(prompt: Option<&str>) -> Result<Vec<String>, Problem> {
    let values: Vec<String> =
        prompt.unwrap_or_default().split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect();
    let known = |value: &String| matches!(value.as_str(), "none" | "login" | "consent" | "select_account");
    if !values.iter().all(known) {
        return Err(("invalid_request", "prompt is none, login, consent or select_account".to_owned()));
    }
    if values.len() > 1 && values.iter().any(|value| value == "none") {
        return Err(("invalid_request", "prompt=none stands alone".to_owned()));
    }
    Ok(values)
}

impl Authorization {
    pub(crate) fn prompts(&self, value: &str) -> bool {
        self.prompt.iter().any(|prompt| prompt == value)
    }

    pub(crate) fn asks_for_org(&self, sub: &str) -> bool {
        self.org_ids.iter().any(|asked| asked == sub)
    }

    /// The scheme and authority of the place the person goes back to, for the page.
    pub(crate) fn goes_to(&self) -> String {
        let mut text = String::new();
        if let Ok(url) = url::Url::parse(&self.redirect_uri) {
            let _ = write!(text, "{}://{}", url.scheme(), url.host_str().unwrap_or_default());
            if let Some(port) = url.port() {
                let _ = write!(text, ":{port}");
            }
        }
        text
    }

    /// Sends the person back with `params`, `state` and, if switched on, `iss` (RFC 9207).
    pub(crate) fn redirect(&self, hub: &Hub, params: &[(&str, &str)]) -> Answer {
        let mut params = params.to_vec();
        if let Some(state) = &self.state {
            params.push(("state", state));
        }
        if hub.send_iss {
            params.push(("iss", &hub.issuer.text));
        }
        Answer::see_other(&append(&self.redirect_uri, &params))
    }

    /// Sends the person back with an error (RFC 6749 section 4.1.2.1).
    pub(crate) fn error(&self, hub: &Hub, error: &str, description: &str) -> Answer {
        let client_id = self.app.client_id.clone();
        self.redirect(hub, &[("error", error), ("error_description", description)]).noting(|note| {
            note.error = Some(error.to_owned());
            note.client_id = Some(client_id);
        })
    }
}
