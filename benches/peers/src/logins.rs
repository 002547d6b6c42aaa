//! Whole logins against the local Hub by others: `openidconnect` as its documentation has it, and `huggingface_hub` in a
//! FastAPI app, a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use hf_oauth_benches::whole_logins::{CLIENT_ID, CLIENT_SECRET, PERSON, hub, measure};
use hf_oauth_benches::{Fault, output};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::url::Url;
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, TokenResponse as _,
};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};

const REDIRECT: &str = "http://localhost:7860/oauth/huggingface/callback";

/// Prints `{"openidconnect": ..., "python": ...}`; `null` for Python without an interpreter.
pub(crate) fn run(seconds: f64, python: Option<[&str; 2]>) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (theirs, pythons) = runtime.block_on(async {
        let pythons = match python {
            Some(command) => with_python(seconds, command).await?,
            None => Value::Null,
        };
        Ok::<_, Fault>((with_openidconnect(seconds).await?, pythons))
    })?;
    output::line(&json!({ "openidconnect": theirs, "python": pythons }).to_string());
    Ok(())
}

fn http() -> Result<reqwest::Client, Fault> {
    Ok(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?)
}

async fn ask(http: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let mut response = HttpResponse::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

/// The metadata is discovered by the first login and kept, keys included.
async fn with_openidconnect(seconds: f64) -> Result<Value, Fault> {
    let (hub, http) = (hub(REDIRECT).await?, http()?);
    let ask = |request| ask(&http, request);
    let mut known: Option<CoreProviderMetadata> = None;
    let one = async || {
        let metadata = match known.take() {
            Some(metadata) => metadata,
            None => {
                CoreProviderMetadata::discover_async(IssuerUrl::new(hub.issuer().to_owned())?, &ask).await?
            }
        };
        known = Some(metadata.clone());
        let secret = ClientSecret::new(CLIENT_SECRET.to_owned());
        let client =
            CoreClient::from_provider_metadata(metadata, ClientId::new(CLIENT_ID.to_owned()), Some(secret))
                .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned())?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scope(openidconnect::Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let back = Url::parse(&hub.approve(url.as_str(), PERSON).await?)?;
        let param =
            |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        if param("state").as_ref() != Some(state.secret()) {
            return Err("another state came back".into());
        }
        let code = AuthorizationCode::new(param("code").ok_or("no code came back")?);
        let tokens = client.exchange_code(code)?.set_pkce_verifier(verifier).request_async(&ask).await?;
        let id_token = tokens.id_token().ok_or("no ID token came")?;
        let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
        let subject = claims.subject().clone();
        let asked = client.user_info(tokens.access_token().clone(), Some(subject))?;
        let who: CoreUserInfoClaims = asked.request_async(&ask).await?;
        std::hint::black_box(who);
        Ok(())
    };
    measure(&hub, seconds, one).await
}

/// Ends with the measurement.
struct App(Child);

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn with_python(seconds: f64, [python, script]: [&str; 2]) -> Result<Value, Fault> {
    let (hub, http) = (hub("http://127.0.0.1/").await?, http()?);
    let mut command = Command::new(python);
    command.arg(script).env("SPACE_ID", "bench/bench").env("OAUTH_SCOPES", "openid profile");
    command.env("OAUTH_CLIENT_ID", CLIENT_ID).env("OAUTH_CLIENT_SECRET", CLIENT_SECRET);
    command.env("OPENID_PROVIDER_URL", hub.issuer()).env("PYTHONDONTWRITEBYTECODE", "1");
    let mut app = App(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
    let mut line = String::new();
    BufReader::new(app.0.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let ready: Value = serde_json::from_str(&line)?;
    let url = ready["url"].as_str().ok_or("no address")?.to_owned();
    let text = |value: Option<&reqwest::header::HeaderValue>| {
        Ok::<_, Fault>(value.ok_or("a header is missing")?.to_str()?.to_owned())
    };
    measure(&hub, seconds, async || {
        let login = http.get(format!("{url}/oauth/huggingface/login")).send().await?;
        let cookie = text(login.headers().get(SET_COOKIE))?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let back = hub.approve(&text(login.headers().get(LOCATION))?, PERSON).await?;
        let signed_in = http.get(&back).header(COOKIE, cookie).send().await?;
        if !signed_in.status().is_redirection() || signed_in.headers().get(SET_COOKIE).is_none() {
            return Err(format!("Python did not sign in: {}", signed_in.status()).into());
        }
        Ok(())
    })
    .await
}
