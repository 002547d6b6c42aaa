//! What a browser sends.

use super::*;

pub(super) fn callback_queries() -> Corpus {
    let state = &PARTS.state;
    let honest = format!("code={CODE}&state={state}");
    texts([
        ("honest", honest.clone()),
        ("with-issuer", format!("{honest}&iss=https%3A%2F%2Fhuggingface.co")),
        ("mix-up", format!("{honest}&iss=https%3A%2F%2Fevil.example%1b%5B31m")),
        ("duplicate-code", format!("{honest}&code=other")),
        ("duplicate-encoded", format!("{honest}&%73tate=other")),
        ("implicit", format!("{honest}&access_token=x&id_token=y")),
        ("declined", format!("error=access_denied&error_description=no%0a%e2%80%aethanks&state={state}")),
        ("provider-error", format!("error=server_error&state={state}#code=x")),
        ("forged", "code=evil&state=guessed&next=//evil.example".to_owned()),
    ])
}

pub(super) fn return_paths() -> Corpus {
    texts([
        ("honest", RETURN_PATH),
        ("encoded", "/caf%C3%A9?q=%20%2F%2F"),
        ("slashes", "//evil.example"),
        ("backslash", "/\\evil.example"),
        ("tab", "/\t/evil.example"),
        ("encoded-tab", "/%09/evil.example"),
        ("encoded-slash", "/%2f%5cevil.example"),
        ("dots", "/a/.%2e//evil.example"),
        ("dot", "/./\\user:pw@evil.example:80/"),
        ("scheme", "https:evil.example"),
        ("line", "/a\r\nSet-Cookie: x=1"),
        ("ideographic", "/／evil。example"),
    ])
}

pub(super) fn cookie_sets() -> Corpus {
    let (sessions, logins) = (&*SESSIONS, &*LOGINS);
    let jar = |lines: Vec<SetCookie>| lines.iter().map(SetCookie::as_cookie).collect::<Vec<_>>().join("; ");
    let none = CookieHeaders::none();
    let [ada, linus] =
        self::sessions().map(|session| jar(sessions.write(&session, &none, NOW).expect("it fits")));
    let old = Session::dangerously_unverified(
        OAuthUserInfo::new(SUBJECT),
        Tokens::new(ACCESS_TOKEN.into(), None, NOW, Scopes::default()),
        UnixTime::from_secs(NOW.as_secs() - 86_400),
    );
    let ended = jar(sessions.write(&old, &none, NOW).expect("it fits"));
    let [one, two] = [1, 2].map(|number| {
        jar(logins.begin(&login_options(), &login_seed(number), &asked(), &none, NOW).expect("it fits"))
    });
    let path = ReturnPath::parse(RETURN_PATH).expect("a return path");
    let finished = jar(logins.finish(&login_seed(1).state(), &path, &none, &[], NOW));
    texts([
        ("signed-in", ada.clone()),
        ("two-chunks", linus.clone()),
        ("two-people", format!("{ada}; {linus}")),
        ("swapped-chunks", linus.rsplit("; ").collect::<Vec<_>>().join("\n")),
        ("ended", ended),
        ("login", one.clone()),
        ("logins", format!("a=b; {one}; {two}\n\tc=\"d\" ; {ada}")),
        ("finished", format!("{finished}; {two}")),
        ("foreign", "x=\u{e9}; ;;=; __Host-hf-session=1AAAA; \u{2000}__Host-hf-session=1".to_owned()),
    ])
}
