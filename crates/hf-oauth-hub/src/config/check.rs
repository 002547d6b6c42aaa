//! What a configuration may not say, beyond its types.

use std::collections::HashSet;

use url::Url;

use super::{AppConfig, COMMAND_LINE, Config, LOCAL_APP, OrgConfig, SpaceConfig, UserConfig, read_space_url};

/// A step on the way to a value: a key, or a place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(&'static str),
    Index(usize),
}

/// A value that cannot be, and where it stands.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) path: Vec<Step>,
    pub(crate) reason: String,
}

impl Mistake {
    fn new(key: &'static str, reason: impl Into<String>) -> Self {
        Self { path: vec![Step::Key(key)], reason: reason.into() }
    }

    fn item(key: &'static str, index: usize, reason: impl Into<String>) -> Self {
        Self { path: vec![Step::Key(key), Step::Index(index)], reason: reason.into() }
    }

    fn within(mut self, key: &'static str, index: usize) -> Self {
        self.path.splice(0..0, [Step::Key(key), Step::Index(index)]);
        self
    }

    /// `users[0].orgs[2].role`
    pub(crate) fn key(&self) -> String {
        self.path.iter().fold(String::new(), |text, step| match step {
            Step::Index(index) => format!("{text}[{index}]"),
            Step::Key(key) if text.is_empty() => (*key).to_owned(),
            Step::Key(key) => format!("{text}.{key}"),
        })
    }
}

pub(crate) fn check(config: &Config) -> Result<(), Mistake> {
    let mut names = HashSet::new();
    for (index, user) in config.users.iter().enumerate() {
        let at = |mistake: Mistake| mistake.within("users", index);
        check_user(user).map_err(at)?;
        if !names.insert(&user.username) {
            return Err(at(Mistake::new("username", "another user has this name")));
        }
        check_beside(user, &config.users[..index]).map_err(at)?;
    }
    let mut ids = HashSet::new();
    for (index, app) in config.apps.iter().enumerate() {
        let at = |mistake: Mistake| mistake.within("apps", index);
        check_app(app).map_err(at)?;
        if !ids.insert(&app.client_id) {
            return Err(at(Mistake::new("client_id", "another app has this id")));
        }
    }
    for (index, space) in config.spaces.iter().enumerate() {
        let others = &config.spaces[..index];
        check_space(space, others, &config.apps).map_err(|mistake| mistake.within("spaces", index))?;
    }
    check_lifetimes(config)
}

fn check_space(space: &SpaceConfig, others: &[SpaceConfig], apps: &[AppConfig]) -> Result<(), Mistake> {
    read_space_url(&space.url).map_err(|reason| Mistake::new("url", reason))?;
    if let Some(id) = &space.id {
        let (owner, name) = id.split_once('/').unwrap_or((id, ""));
        if check_name(owner).and_then(|()| check_name(name)).is_err() {
            let reason = "an id is OWNER/NAME, each with 1 to 96 letters, digits, `-`, `_` or `.`";
            return Err(Mistake::new("id", reason));
        }
        if others.iter().any(|other| other.id.as_ref() == Some(id)) {
            return Err(Mistake::new("id", "another Space has this id"));
        }
    }
    if let Some(client_id) = &space.client_id
        && apps
            .iter()
            .map(|app| app.client_id.as_str())
            .chain([LOCAL_APP, COMMAND_LINE])
            .any(|id| id == client_id)
    {
        return Err(Mistake::new("client_id", "an app has this id"));
    }
    for (index, domain) in space.custom_domains.iter().enumerate() {
        check_host(domain).map_err(|reason| Mistake::item("custom_domains", index, reason))?;
    }
    if space.client_id.is_some() && others.iter().any(|other| other.client_id == space.client_id) {
        return Err(Mistake::new("client_id", "another Space has this id"));
    }
    // The rest is checked as that of its app, under the names that it has here.
    let client_id = space.client_id.as_deref().unwrap_or("space");
    let client_secret = space.client_secret.as_deref().unwrap_or("secret");
    check_app(&space.app("space", client_id, client_secret, &space.url)).map_err(|mut mistake| {
        // The app has two scopes in front that the Space does not name.
        let (key, in_front) = match mistake.path.first() {
            Some(Step::Key("scopes")) => ("hf_oauth_scopes", 2),
            Some(Step::Key("expiration_minutes")) => ("hf_oauth_expiration_minutes", 0),
            Some(Step::Key("authorized_org")) => ("hf_oauth_authorized_org", 0),
            _ => return mistake,
        };
        mistake.path[0] = Step::Key(key);
        if let Some(Step::Index(index)) = mistake.path.get_mut(1) {
            *index = index.saturating_sub(in_front);
        }
        mistake
    })
}

fn check_lifetimes(config: &Config) -> Result<(), Mistake> {
    let lifetimes = &config.lifetimes;
    let all = [
        ("code", lifetimes.code),
        ("device_code", lifetimes.device_code),
        ("access_token", lifetimes.access_token),
        ("id_token", lifetimes.id_token),
        ("refresh_token", lifetimes.refresh_token),
    ];
    for (key, seconds) in all {
        if !(1..=10 * 365 * 86_400).contains(&seconds) {
            let reason = "a lifetime is at least 1 second and at most ten years".to_owned();
            return Err(Mistake { path: vec![Step::Key("lifetimes"), Step::Key(key)], reason });
        }
    }
    Ok(())
}

/// What people may not share. Whoever has the user's own name is not meant: they make room for the user.
pub(crate) fn check_beside(user: &UserConfig, others: &[UserConfig]) -> Result<(), Mistake> {
    for other in others.iter().filter(|other| other.username != user.username) {
        if other.sub() == user.sub() {
            return Err(Mistake::new("sub", "another user has this id"));
        }
        if user.session.is_some() && other.session == user.session {
            return Err(Mistake::new("session", "another user has this session"));
        }
        for (index, org) in user.orgs.iter().enumerate() {
            for known in &other.orgs {
                let (same_name, same_id) = (known.username == org.username, known.sub() == org.sub());
                if same_name && !same_id {
                    let reason =
                        "for another user this organisation has another id: give every member's the same";
                    return Err(Mistake::new("sub", reason).within("orgs", index));
                }
                if same_id && !same_name {
                    let reason = "another organisation has this id";
                    return Err(Mistake::new("sub", reason).within("orgs", index));
                }
            }
        }
    }
    Ok(())
}

pub(crate) fn check_user(user: &UserConfig) -> Result<(), Mistake> {
    check_name(&user.username).map_err(|reason| Mistake::new("username", reason))?;
    check_id(user.sub.as_deref()).map_err(|reason| Mistake::new("sub", reason))?;
    if user.email.as_ref().is_some_and(|email| !email.contains('@')) {
        return Err(Mistake::new("email", "this is no address: it has no `@`"));
    }
    if user.email_verified.is_some() && user.email.is_none() {
        return Err(Mistake::new("email_verified", "there is no `email` to verify"));
    }
    check_link(user.picture.as_deref(), true).map_err(|reason| Mistake::new("picture", reason))?;
    check_link(user.website.as_deref(), false).map_err(|reason| Mistake::new("website", reason))?;
    if user.session.as_ref().is_some_and(|session| session.is_empty() || !session.bytes().all(cookie_octet)) {
        return Err(Mistake::new("session", "a cookie cannot hold this value"));
    }
    let mut subs = HashSet::new();
    for (index, org) in user.orgs.iter().enumerate() {
        check_org(org).map_err(|mistake| mistake.within("orgs", index))?;
        if !subs.insert(org.sub()) {
            return Err(Mistake::new("username", "this organisation is listed twice").within("orgs", index));
        }
    }
    Ok(())
}

fn check_org(org: &OrgConfig) -> Result<(), Mistake> {
    check_name(&org.username).map_err(|reason| Mistake::new("username", reason))?;
    check_id(org.sub.as_deref()).map_err(|reason| Mistake::new("sub", reason))?;
    one_of(&org.role, &["admin", "write", "contributor", "read"])
        .map_err(|reason| Mistake::new("role", reason))?;
    for (index, restriction) in org.security_restrictions.iter().enumerate() {
        one_of(restriction, &["mfa", "sso", "ip", "token-policy"])
            .map_err(|reason| Mistake::item("security_restrictions", index, reason))?;
    }
    Ok(())
}

pub(crate) fn check_app(app: &AppConfig) -> Result<(), Mistake> {
    if app.client_id.is_empty() || !app.client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Mistake::new(
            "client_id",
            "an id is visible ASCII without blanks (RFC 6749 appendix A.1)",
        ));
    }
    if let Some(secret) = &app.client_secret
        && (secret.is_empty() || !secret.bytes().all(|byte| (0x20..0x7f).contains(&byte)))
    {
        return Err(Mistake::new("client_secret", "a secret is visible ASCII (RFC 6749 appendix A.2)"));
    }
    if app.redirect_uris.is_empty() {
        return Err(Mistake::new("redirect_uris", "an app needs at least one redirect URI"));
    }
    for (index, redirect_uri) in app.redirect_uris.iter().enumerate() {
        check_redirect_uri(redirect_uri, app.space)
            .map_err(|reason| Mistake::item("redirect_uris", index, reason))?;
    }
    for (index, scope) in app.scopes.iter().enumerate() {
        let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if scope.is_empty() || !scope.bytes().all(allowed) {
            let reason = "a scope is visible ASCII without blanks (RFC 6749 section 3.3); one item each";
            return Err(Mistake::item("scopes", index, reason));
        }
    }
    if app.expiration_minutes.is_some_and(|minutes| !(1..=43_200).contains(&minutes)) {
        return Err(Mistake::new("expiration_minutes", "the Hub allows 1 to 43200 minutes"));
    }
    if let Some(index) = app.authorized_org.iter().position(String::is_empty) {
        return Err(Mistake::item("authorized_org", index, "an organisation has a name"));
    }
    Ok(())
}

fn check_redirect_uri(redirect_uri: &str, space: bool) -> Result<(), &'static str> {
    if !redirect_uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a redirect URI is visible ASCII without blanks");
    }
    let url = Url::parse(redirect_uri).map_err(|_| "a redirect URI is an absolute URL")?;
    if url.fragment().is_some() {
        return Err("a redirect URI has no fragment (RFC 6749 section 3.1.2)");
    }
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    if !web && (space || !url.scheme().contains('.')) {
        return Err(
            "a redirect URI is http, https, or an app's own scheme with a dot (RFC 8252 section 7.1)",
        );
    }
    Ok(())
}

/// A host as `SPACE_HOST` lists it.
fn check_host(host: &str) -> Result<(), &'static str> {
    let written = Url::parse(&format!("https://{host}")).ok().map(|url| url.origin().ascii_serialization());
    if host.contains(',') || written.is_none_or(|origin| origin != format!("https://{host}")) {
        return Err(
            "a custom domain is a host such as app.example.com, in small letters, with its port if it has one",
        );
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > 96 || !name.bytes().all(allowed) {
        return Err("a name has 1 to 96 letters, digits, `-`, `_` or `.`");
    }
    Ok(())
}

fn check_id(id: Option<&str>) -> Result<(), &'static str> {
    match id {
        Some(id) if id.is_empty() || id.len() > 255 || !id.is_ascii() => {
            Err("an id has 1 to 255 ASCII characters (OpenID Connect Core section 2)")
        }
        _ => Ok(()),
    }
}

fn check_link(link: Option<&str>, relative: bool) -> Result<(), &'static str> {
    let Some(link) = link else { return Ok(()) };
    match Url::parse(link) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
        Err(url::ParseError::RelativeUrlWithoutBase) if relative => Ok(()),
        _ if relative => Err("this is neither an http(s) URL nor a path on the hub"),
        _ => Err("this is no http(s) URL"),
    }
}

fn one_of(value: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&value) { Ok(()) } else { Err(format!("expected one of: {}", known.join(", "))) }
}

/// RFC 6265 section 4.1.1.
fn cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}
