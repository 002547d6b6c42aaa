//! Redirects, and the provider's answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tokens::Keys;
use super::*;

#[derive(Deserialize)]
struct Callback {
    url: String,
    state: String,
    issuer: String,
    begun_with: Option<String>,
    begun_at: i64,
    iss_promised: Option<bool>,
    now: i64,
}

pub(super) fn callback(input: &Value) -> Verdict {
    let input: Callback = read(input)?;
    let hub = provider(&input.issuer, input.iss_promised.unwrap_or(false))?;
    let begun_with = input.begun_with.as_deref().unwrap_or(&input.issuer);
    let pending = pending(begun_with, &input.state, "nonce", "openid", input.begun_at)?;
    let grant = CallbackParams::from_url(&input.url).and_then(|params| {
        pending.accept(&hub, params, UnixTime::from_secs(input.now)).map_err(|rejected| rejected.error)
    });
    match grant {
        Err(error) => Ok(refused("callback", &rule(&error))),
        Ok(grant) => {
            // What was let through is what is sent.
            let (request, _) = grant.exchange(&App::new("app"), &hub).map_err(|error| error.to_string())?;
            let code = request.form().and_then(|form| form.iter().find(|(name, _)| *name == "code"));
            Ok(accepted(json!({ "code": code.map(|(_, code)| code.expose()) })))
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    status: u16,
    content_type: Option<String>,
    body: Option<String>,
    body_base64: Option<String>,
    spaces_behind_body: Option<usize>,
}

impl Answer {
    fn read(input: &Value) -> Result<Response, String> {
        let answer: Self = read(input)?;
        let mut body = match (answer.body, answer.body_base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(bytes)) => STANDARD.decode(bytes).map_err(|error| error.to_string())?,
            _ => return Err("one of `body` and `body_base64`".to_owned()),
        };
        body.resize(body.len() + answer.spaces_behind_body.unwrap_or(0), b' ');
        let mut response = Response::new(answer.status, body);
        response.content_type = answer.content_type;
        Ok(response)
    }
}

fn fault(error: &BackchannelError) -> String {
    match &error.fault {
        BackchannelFault::BodyTooLarge => "too-large".to_owned(),
        BackchannelFault::OAuth(_) => "oauth".to_owned(),
        other => rule(other),
    }
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
}

pub(super) fn discovery(input: &Value) -> Verdict {
    let issuer = Issuer::parse(&read::<Discovery>(input)?.issuer).map_err(|error| error.to_string())?;
    let document = match Hub::discovery_request(&issuer).read(Answer::read(input)?) {
        Ok(document) => document,
        Err(error) => return Ok(refused("discovery", &fault(&error))),
    };
    Ok(match Hub::from_discovery(&issuer, document, &[]) {
        Ok(hub) => accepted(without_null(json!({
            "authorization_endpoint": hub.authorization_endpoint(),
            "token_endpoint": hub.token_endpoint(),
            "jwks_uri": hub.jwks_uri(),
            "userinfo_endpoint": hub.userinfo_endpoint(),
            "iss_promised": hub.iss_in_callback(),
        }))),
        Err(error) => refused("discovery", &rule(&error)),
    })
}

#[derive(Deserialize)]
struct Exchange {
    scopes: String,
    now: i64,
}

pub(super) fn exchange(input: &Value) -> Verdict {
    let Exchange { scopes, now } = read(input)?;
    let (app, hub, now) = (App::new("app"), Hub::huggingface(), UnixTime::from_secs(now));
    let (request, exchange) = code_exchange(&app, &hub, "nonce", &scopes, now)?;
    let answer = Answer::read(input)?;
    match exchange.receive(request.read(answer.clone()), now, None) {
        Err(ExchangeError::Backchannel(error)) => return Ok(refused("exchange", &fault(&error))),
        Err(error) => return Ok(refused("exchange", &rule(&error))),
        // Its tokens stay locked until an ID token is verified, and here there is none to be verified.
        Ok(_) => {}
    }
    // A refresh reads the same answer by the same rules, and may be opened without an ID token.
    let kept = "refresh-token-of-the-vectors";
    let previous = Tokens::new("access".into(), Some(kept.into()), now, Scopes::from(&*scopes));
    let (request, refresh) =
        Refresh::request(&app, &hub, "subject", previous).map_err(|error| error.to_string())?;
    let id_token = request.read::<TokenResponse>(answer.clone()).ok().and_then(|answer| answer.id_token);
    let received = refresh.receive(request.read(answer), now, None).map_err(|error| error.to_string())?;
    let mut tokens = received.discard_id_token();
    tokens.refresh_token = tokens.refresh_token.filter(|token| token.expose() != kept);
    Ok(accepted(values(&tokens, id_token.as_ref())))
}

fn values(tokens: &Tokens, id_token: Option<&Secret>) -> Value {
    without_null(json!({
        "access_token": tokens.access_token.expose(),
        "refresh_token": tokens.refresh_token.as_ref().map(Secret::expose),
        "id_token": id_token.map(Secret::expose),
        "expires_at": tokens.expires_at,
        "scope": tokens.scope.to_string(),
    }))
}

#[derive(Deserialize)]
struct Previous {
    access_token: String,
    refresh_token: Option<String>,
    expires_at: i64,
    scope: String,
}

#[derive(Deserialize)]
struct Refreshing {
    previous: Previous,
    sub: String,
    nonce: Option<String>,
    auth_time: Option<i64>,
    keys: Option<String>,
    client_id: String,
    issuer: String,
    now: i64,
}

pub(super) fn refresh(input: &Value) -> Verdict {
    let answer = Answer::read(input)?;
    let input: Refreshing = read(input)?;
    let (app, hub) = (App::new(&*input.client_id), provider(&input.issuer, false)?);
    let keys = Keys::of(&hub, input.keys.as_deref())?;
    Ok(match refreshed(&app, &hub, &keys, input, answer) {
        Ok((tokens, id_token, signature)) => {
            let mut values = values(&tokens, id_token.as_ref());
            if let Some(signature) = signature {
                values["signature"] = signature.into();
            }
            accepted(values)
        }
        Err(error) => refused("refresh", &rule(&error)),
    })
}

type Renewed = (Tokens, Option<Secret>, Option<&'static str>);

fn refreshed(
    app: &App,
    hub: &Hub,
    keys: &Keys,
    input: Refreshing,
    answer: Response,
) -> Result<Renewed, RefreshError> {
    let (now, policy) = (UnixTime::from_secs(input.now), IdTokenPolicy::default());
    let mut expected = ExpectedIdentity::new(input.sub);
    if let Some(nonce) = &input.nonce {
        expected = expected.with_nonce(nonce);
    }
    if let Some(auth_time) = input.auth_time {
        expected = expected.with_auth_time(UnixTime::from_secs(auth_time));
    }
    let previous = Tokens::new(
        input.previous.access_token.into(),
        input.previous.refresh_token.map(Secret::new),
        UnixTime::from_secs(input.previous.expires_at),
        Scopes::from(&*input.previous.scope),
    );
    let (request, refresh) = Refresh::request(app, hub, expected, previous)?;
    let unconfirmed = refresh.receive(request.read(answer), now, None)?.check(app, hub, policy)?;
    let id_token = unconfirmed.clone().into_parts().id_token;
    let decoded = unconfirmed.decode()?;
    if decoded.key_id().is_none() {
        return Ok((decoded.discard_id_token().tokens, id_token, None));
    }
    // As the driver does: a key that cannot be had says nothing, and the old refresh token is spent.
    if let Err(IdTokenError::UnknownKey { .. }) = decoded.check_signature(&keys.set, keys.verifier) {
        return Ok((decoded.discard_id_token().tokens, id_token, Some("not-checked")));
    }
    let refreshed = decoded.verify(app, hub, &keys.set, keys.verifier, policy)?;
    Ok((refreshed.tokens, id_token, Some(keys.says)))
}

#[derive(Deserialize)]
struct Subject {
    sub: String,
}

pub(super) fn userinfo(input: &Value) -> Verdict {
    let Subject { sub } = read(input)?;
    let hub = Hub::huggingface();
    let request = userinfo_request(&hub, &"access-token-of-the-vectors".into()).ok_or("no userinfo")?;
    let answer = match request.read::<OAuthUserInfo>(Answer::read(input)?) {
        Ok(answer) => answer,
        Err(error) => return Ok(refused("userinfo", &fault(&error))),
    };
    // Tokens of a user that the answer is held against: no ID token, so nothing else is asked.
    let now = UnixTime::from_secs(0);
    let unconfirmed = UnconfirmedTokens::from_parts(UnconfirmedParts {
        subject: sub,
        unconfirmed_tokens: Tokens::new("access".into(), None, now, Scopes::default()),
        id_token: None,
        received_at: now,
    });
    let refreshed = unconfirmed.decode().map_err(|error| error.to_string())?.discard_id_token();
    match refreshed.with_userinfo(answer).map(|refreshed| refreshed.user_info) {
        Ok(Some(mut person)) => {
            person.other.clear();
            Ok(accepted(serde_json::to_value(person).map_err(|error| error.to_string())?))
        }
        Err(RefreshError::IdentityMismatch(IdentityMismatch::Userinfo)) => {
            Ok(refused("userinfo", "subject-mismatch"))
        }
        other => Err(format!("{other:?}")),
    }
}

fn without_null(mut values: Value) -> Value {
    if let Some(members) = values.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    values
}
