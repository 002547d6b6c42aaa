//! The same route, by tower-sessions and by the jars of axum-extra.

use std::collections::HashMap;
use std::path::Path;

use axum::Router;
use axum::extract::FromRef;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar, SignedCookieJar};
use hf_oauth_benches::{Fault, PEOPLE, Person, now, person, serve as run, write_lines};
use tower_sessions::cookie::time::{self, OffsetDateTime};
use tower_sessions::session::{Id, Record};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore as _};

const NAME: &str = "session";

#[derive(Clone)]
struct Keys(Key);

impl FromRef<Keys> for Key {
    fn from_ref(keys: &Keys) -> Self {
        keys.0.clone()
    }
}

pub(crate) fn serve(kind: &str, cookies: &Path) -> Result<(), Fault> {
    let keys = Keys(Key::from(&[b'k'; 64]));
    let texts = || (0..PEOPLE).map(|number| serde_json::to_string(&person(number, now())));
    match kind {
        "tower-sessions" => run(async || with_tower_sessions(cookies).await),
        "signed" => {
            let mut headers = Vec::new();
            for text in texts() {
                let jar = SignedCookieJar::new(keys.0.clone()).add(Cookie::new(NAME, text?));
                headers.push(header(jar.into_response())?);
            }
            write_lines(cookies, headers.into_iter())?;
            let me = async |jar: SignedCookieJar| sub(jar.get(NAME));
            run(async || Ok(Router::new().route("/me", get(me)).with_state(keys)))
        }
        "private" => {
            let mut headers = Vec::new();
            for text in texts() {
                let jar = PrivateCookieJar::new(keys.0.clone()).add(Cookie::new(NAME, text?));
                headers.push(header(jar.into_response())?);
            }
            write_lines(cookies, headers.into_iter())?;
            let me = async |jar: PrivateCookieJar| sub(jar.get(NAME));
            run(async || Ok(Router::new().route("/me", get(me)).with_state(keys)))
        }
        other => Err(format!("no such server: {other}").into()),
    }
}

fn sub(cookie: Option<Cookie<'static>>) -> Result<String, StatusCode> {
    let person = cookie.and_then(|cookie| serde_json::from_str::<Person>(cookie.value()).ok());
    person.map(|person| person.sub).ok_or(StatusCode::UNAUTHORIZED)
}

/// What the browser would send back.
fn header(response: axum::response::Response) -> Result<String, Fault> {
    let set = response.headers().get("set-cookie").ok_or("no cookie was set")?.to_str()?;
    Ok(set.split(';').next().unwrap_or_default().to_owned())
}

async fn with_tower_sessions(cookies: &Path) -> Result<Router, Fault> {
    let store = MemoryStore::default();
    let mut headers = Vec::new();
    for number in 0..PEOPLE {
        let data = HashMap::from([("person".to_owned(), serde_json::to_value(person(number, now()))?)]);
        let expiry_date = OffsetDateTime::now_utc() + time::Duration::days(14);
        let mut record = Record { id: Id::default(), data, expiry_date };
        store.create(&mut record).await?;
        headers.push(format!("{NAME}={}", record.id));
    }
    write_lines(cookies, headers.into_iter())?;
    let me = async |session: Session| match session.get::<Person>("person").await {
        Ok(Some(person)) => Ok(person.sub),
        _ => Err(StatusCode::UNAUTHORIZED),
    };
    let layer = SessionManagerLayer::new(store).with_name(NAME);
    Ok(Router::new().route("/me", get(me)).layer(layer))
}
