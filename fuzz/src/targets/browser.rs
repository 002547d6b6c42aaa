//! What a browser sends.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use hf_oauth_core::*;
use hf_oauth_session::{CookieHeaders, CookieSessions, PendingLookup, SetCookie};
use url::{Url, form_urlencoded};

use crate::seeds;
use crate::support::{
    LOGINS, NOW, PARTS, SESSIONS, app, assert_short_and_fit_to_be_shown, hub, pending, unsaid,
};

const SINGLE: &[&str] = &["code", "state", "iss", "error", "error_description"];
const FORBIDDEN: &[&str] = &["access_token", "id_token", "token", "token_type", "response"];

/// The query of a redirect: accepted parameters were single, and an accepted callback is this login's own.
pub fn callback_query(data: &[u8]) -> bool {
    let query = String::from_utf8_lossy(data);
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let values = |name: &str| {
        pairs.iter().filter(|(found, _)| found == name).map(|(_, value)| value).collect::<Vec<_>>()
    };
    if let Ok(params) = CallbackParams::from_url(&format!("/callback?{query}")) {
        drop(params);
        let url = Url::parse(&format!("http://localhost/callback?{query}")).expect("it was read as one");
        for name in SINGLE {
            assert!(
                url.query_pairs().filter(|(found, _)| found == name).count() < 2,
                "{name} twice in {url}"
            );
        }
    }
    let params = match CallbackParams::from_query(&query) {
        Ok(params) => params,
        Err(error) => {
            let broken = SINGLE.iter().any(|name| values(name).len() > 1)
                || FORBIDDEN.iter().any(|name| !values(name).is_empty());
            assert!(broken, "refused without a reason: {error}");
            assert_short_and_fit_to_be_shown(&error, &[]);
            return false;
        }
    };
    assert!(SINGLE.iter().all(|name| values(name).len() < 2), "a parameter came twice");
    assert!(FORBIDDEN.iter().all(|name| values(name).is_empty()), "a token came in a URL");
    assert_eq!(params.state(), values("state").first().map(|state| state.as_ref()));
    match pending().accept(&hub(), params, NOW) {
        Ok(grant) => {
            assert_eq!(values("state"), [&Cow::from(PARTS.state.as_str())]);
            assert!(values("error").is_empty(), "an error was taken for a code");
            assert!(values("iss").iter().all(|iss| **iss == Issuer::HUGGING_FACE), "a mix-up");
            let code = values("code")[0].as_ref();
            assert!(!code.is_empty());
            let (request, _) = grant.exchange(&app(), &hub()).expect("the same provider");
            let body = request.to_http().into_body();
            let sent: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
            let meant = request.form().expect("a POST").iter();
            assert!(
                sent.iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .eq(meant.map(|(name, value)| (*name, value.expose())))
            );
            assert!(sent.contains(&("code".to_owned(), code.to_owned())), "another code is sent");
            true
        }
        Err(rejected) => {
            assert_eq!(rejected.pending.state().expose(), PARTS.state, "the login is lost");
            assert_short_and_fit_to_be_shown(
                &rejected.error,
                &unsaid(data, &[&PARTS.nonce, &PARTS.code_verifier]),
            );
            false
        }
    }
}

/// A return path: resolved by a browser on any page of the app it stays on the app's origin, also after a proxy decoded
/// it once more.
pub fn return_path(data: &[u8]) -> bool {
    const BASES: &[&str] = &[
        "https://app.example/",
        "https://app.example:8443/a/b/../c/?code=c#f",
        "http://[::1]:3000//odd//page",
    ];
    let text = String::from_utf8_lossy(data);
    let accepted = ReturnPath::parse(&text);
    let safe = ReturnPath::parse_or_root(&text);
    assert_eq!(safe.as_str(), if accepted.is_ok() { &text } else { "/" });
    assert!(http::HeaderValue::from_str(safe.as_str()).is_ok(), "no header can carry {safe}");
    let decoded = percent_decoded(safe.path());
    for base in BASES {
        let base = Url::parse(base).expect("a page of the app");
        for text in [safe.as_str(), &decoded] {
            let target = base.join(text).expect("a browser goes somewhere");
            assert_eq!(target.origin(), base.origin(), "{text:?} leads to {target}");
            assert!(target.username().is_empty() && target.password().is_none(), "{target}");
        }
    }
    accepted.is_ok()
}

/// The `Cookie` headers of a request, one a line: nobody is signed in by bytes that were not sealed here, whatever is
/// to be set or deleted is a sound line, and what is written is read again.
pub fn cookie_set(data: &[u8]) -> bool {
    // What an HTTP server lets through.
    if data.split(|byte| *byte == b'\n').any(|line| http::HeaderValue::from_bytes(line).is_err()) {
        return false;
    }
    let headers = CookieHeaders::new(data.split(|byte| *byte == b'\n'));
    let read = SESSIONS.read(&headers, NOW);
    let opened = OPENED_EACH_TIME.read(&headers, NOW);
    assert_eq!((&read.session, read.reseal), (&opened.session, opened.reseal), "what was kept is another");
    assert_eq!(read.stale.len(), opened.stale.len());
    let mut lines = read.stale;
    assert!(lines.iter().all(SetCookie::is_deletion));
    lines.extend(SESSIONS.clear(&headers));
    let mut accepted = false;
    if let Some(session) = read.session {
        assert!(seeds::sessions().contains(&session), "nobody sealed this: {:?}", session.subject());
        assert!(session.ends_at() > NOW, "an ended session was read");
        let written = SESSIONS.write(&session, &headers, NOW).expect("it fitted before");
        let set: Vec<_> =
            written.iter().filter(|line| !line.is_deletion()).map(SetCookie::as_cookie).collect();
        let again = SESSIONS.read(&CookieHeaders::new([set.join("; ").as_bytes()]), NOW);
        assert_eq!(again.session, Some(session));
        assert!(!again.reseal && again.stale.is_empty());
        lines.extend(written);
        accepted = true;
    }
    for seed in [seeds::login_seed(1), seeds::login_seed(2)] {
        match LOGINS.find(&app(), &seed.state(), &headers, NOW) {
            PendingLookup::Waiting { login, asked } => {
                assert_eq!(login.state().expose(), seed.state(), "the login of another state");
                assert_eq!(asked, seeds::asked(), "asked for something else");
                accepted = true;
            }
            PendingLookup::Finished { return_path } => {
                assert_eq!(return_path.as_str(), seeds::RETURN_PATH);
                accepted = true;
            }
            _ => {}
        }
    }
    let unknown = LOGINS.find(&app(), "a-state-of-nobody", &headers, NOW);
    assert!(matches!(unknown, PendingLookup::Unknown { .. }), "a login out of nothing");
    let stale = LOGINS.stale(&headers, NOW);
    lines.extend(stale);
    lines.extend(
        LOGINS
            .begin(&seeds::login_options(), &seeds::login_seed(3), &[], &headers, NOW)
            .expect("it is short"),
    );
    assert_sound(&lines, data);
    accepted
}

/// The same without a memory of what was opened.
static OPENED_EACH_TIME: LazyLock<CookieSessions> = LazyLock::new(|| SESSIONS.clone().with_cache_limit(0));

fn assert_sound(lines: &[SetCookie], data: &[u8]) {
    let came = data.iter().filter(|byte| matches!(byte, b';' | b'\n')).count() + 1;
    let names: BTreeSet<&str> = lines.iter().map(SetCookie::name).collect();
    // At most what came, the session's two cookies and the new login's.
    assert!(names.len() <= came + 3, "{} names for {came} cookies", names.len());
    for line in lines {
        let text = line.header_value();
        assert!(http::HeaderValue::from_str(&text).is_ok_and(|value| value.to_str().is_ok()), "{text:?}");
        let (pair, attributes) = text.split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a pair");
        assert_eq!(name, line.name());
        assert!(name.starts_with("__Host-"), "not ours: {text:?}");
        assert!(
            value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')),
            "{text:?}"
        );
        assert!(
            ["; Path=/", "; Secure", "; HttpOnly"].iter().all(|one| format!(";{attributes}").contains(one)),
            "{text:?}"
        );
    }
}

fn percent_decoded(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut decoded = String::new();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|hex| *first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        match hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        {
            Some(byte) => (decoded.push(char::from(byte)), rest = &tail[2..]).1,
            None => (decoded.push(char::from(*first)), rest = tail).1,
        }
    }
    decoded
}
