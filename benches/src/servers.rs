//! The route `/me`, bare and behind the layer. Both answer with the same number of bytes.

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use hf_oauth::{App, OAuthOrgInfo, OAuthUserInfo, Scopes, Tokens, UnixTime};
use hf_oauth_axum::{HuggingFace, Keyring, SignedIn};
use hf_oauth_benches::{Fault, PEOPLE, Person, now, person, serve as run, write_lines};
use hf_oauth_session::{CookieHeaders, CookiePolicy, CookieSessions, Session};

use crate::actix;

const KEY: &str = "a-key-for-benches-0123456789abcdefghijk";
const CLIENT_ID: &str = "bench";
/// The app's own.
pub(crate) const HOST: &str = "bench.example";
/// Too little for the sessions that come before one's own turn again: each is opened anew, and kept in vain.
const COLD: usize = 1024 * 1024;

pub(crate) fn serve(kind: &str, cookies: &Path) -> Result<(), Fault> {
    write_lines(cookies, self::cookies()?.into_iter())?;
    match kind {
        "bare" => run(async || Ok(Router::new().route("/me", get(async || format!("{:024x}", 7))))),
        "actix-bare" => actix::bare(),
        "actix-warm" => {
            let app = hf_oauth_actix::HuggingFace::new(App::new(CLIENT_ID));
            actix::ours(app.with_public_url(format!("https://{HOST}")).with_keys(Keyring::new([KEY])?))
        }
        "warm" => run(warm),
        "cold" => run(async || ours(Some(COLD)).await),
        other => Err(format!("no such server: {other}").into()),
    }
}

/// Everybody's `Cookie` header.
pub(crate) fn cookies() -> Result<Vec<String>, Fault> {
    (0..PEOPLE).map(sealed).collect()
}

/// With everything kept that was opened.
pub(crate) async fn warm() -> Result<Router, Fault> {
    ours(None).await
}

async fn ours(opened_limit: Option<usize>) -> Result<Router, Fault> {
    let mut settings = HuggingFace::new(App::new(CLIENT_ID))
        .with_public_url(format!("https://{HOST}"))
        .with_keys(Keyring::new([KEY])?);
    if let Some(bytes) = opened_limit {
        settings = settings.with_session_cache_limit(bytes);
    }
    let auth = settings.start().await?;
    let me = async |user: SignedIn| user.subject().to_owned();
    Ok(auth.attach(Router::new().route("/me", get(me))))
}

fn sealed(number: usize) -> Result<String, Fault> {
    let hub = hf_oauth::Hub::huggingface();
    let sessions = CookieSessions::new(Keyring::new([KEY])?, CookiePolicy::https(), CLIENT_ID, hub.issuer())
        .with_cache_limit(0);
    let now = UnixTime::from_secs(now());
    let session = session(person(number, now.as_secs()), now);
    let set_cookies = sessions.write(&session, &CookieHeaders::none(), now)?;
    Ok(set_cookies.iter().map(|cookie| cookie.as_cookie()).collect::<Vec<_>>().join("; "))
}

fn session(person: Person, now: UnixTime) -> Session {
    let mut user = OAuthUserInfo::new(person.sub);
    user.name = Some(person.name);
    user.preferred_username = Some(person.preferred_username);
    user.profile = Some(person.profile);
    user.picture = Some(person.picture);
    user.email = Some(person.email);
    let org = |org: hf_oauth_benches::Org| {
        let mut info = OAuthOrgInfo::new(org.sub);
        info.name = Some(org.name);
        info.preferred_username = Some(org.preferred_username);
        info.picture = Some(org.picture);
        info.role_in_org = Some(org.role.as_str().into());
        info
    };
    user.orgs = Some(person.orgs.into_iter().map(org).collect());
    let expires_at = now + Duration::from_secs(28_800);
    let scopes = Scopes::from(person.scope.as_str());
    let tokens =
        Tokens::new(person.access_token.into(), Some(person.refresh_token.into()), expires_at, scopes);
    Session::dangerously_unverified(user, tokens, now)
}
