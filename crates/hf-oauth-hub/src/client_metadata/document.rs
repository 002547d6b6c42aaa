//! From the text of a document to an app.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use url::Url;

use super::Unusable;
use super::location::Location;
use crate::config::AppConfig;

const MOST_REDIRECT_URIS: usize = 32;
const LONGEST_NAME: usize = 100;
/// Where programs of the person's own machine listen (RFC 8252 section 7.3).
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The app that a document describes (RFC 7591 section 2). Members that are not known are passed over.
pub(super) fn read(location: &Location, body: &[u8]) -> Result<AppConfig, Unusable> {
    let Members(members) = serde_json::from_slice(body)
        .map_err(|error| unusable(&format!("is no JSON object that can be read: {error}")))?;
    if text(&members, "client_id")? != Some(location.text()) {
        return Err(unusable("has another client_id than its own URL"));
    }
    if text(&members, "token_endpoint_auth_method")? != Some("none") {
        return Err(unusable(
            "must say \"token_endpoint_auth_method\": \"none\": nobody gave the app a secret",
        ));
    }
    if let Some(secret) =
        ["client_secret", "client_secret_expires_at"].into_iter().find(|it| members.contains_key(*it))
    {
        return Err(unusable(&format!("has {secret}, which everybody can read there")));
    }
    for name in ["client_uri", "logo_uri", "policy_uri", "tos_uri"] {
        if let Some(link) = text(&members, name)?
            && !is_web(link)
        {
            return Err(unusable(&format!("has a {name} that is no https URL")));
        }
    }
    let name = text(&members, "client_name")?.unwrap_or_default().trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(is_visible) {
        return Err(unusable("needs a client_name of 1 to 100 visible characters"));
    }
    if list(&members, "response_types")?.is_some_and(|types| !types.contains(&"code")) {
        return Err(unusable("has response_types without \"code\""));
    }
    let grant_types = list(&members, "grant_types")?;
    if grant_types.as_ref().is_some_and(|types| !types.contains(&"authorization_code")) {
        return Err(unusable("has grant_types without \"authorization_code\""));
    }
    let mut app = AppConfig::public(location.text())
        // The name is the app's own word; where the document is from is what a person can hold it against.
        .name(format!("{name} ({})", location.authority()))
        .refresh(grant_types.is_none_or(|types| types.contains(&"refresh_token")));
    app.redirect_uris = redirect_uris(location, &members)?;
    app.scopes = text(&members, "scope")?.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    Ok(app)
}

/// On the document's own origin, or on the person's machine. The draft leaves such a rule to the provider (section 8.1);
/// without one a document could borrow a known app's place to come back to.
fn redirect_uris(location: &Location, members: &BTreeMap<String, Value>) -> Result<Vec<String>, Unusable> {
    let uris = list(members, "redirect_uris")?.unwrap_or_default();
    if uris.is_empty() || uris.len() > MOST_REDIRECT_URIS {
        return Err(unusable("needs a list of 1 to 32 redirect_uris"));
    }
    if let Some(stranger) = uris.iter().find(|uri| !fits(location, uri)) {
        let shown: String = stranger.chars().filter(char::is_ascii_graphic).take(120).collect();
        return Err(unusable(&format!(
            "has the redirect URI {shown}, which is neither on its own origin nor http on localhost, 127.0.0.1 or [::1]"
        )));
    }
    Ok(uris.into_iter().map(str::to_owned).collect())
}

/// By its text, so that no two readers of it go to different places.
fn fits(location: &Location, uri: &str) -> bool {
    let plain = uri.bytes().all(|byte| byte.is_ascii_graphic()) && !uri.contains(['\\', '#', '@']);
    let ends_there = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?']);
    let own = location.url().origin().ascii_serialization();
    let is_own = uri.strip_prefix(&own).is_some_and(ends_there);
    let on_loopback = LOOPBACK.iter().any(|host| {
        let rest = uri.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host));
        rest.is_some_and(|rest| ends_there(without_port(rest)))
    });
    plain && (is_own || on_loopback) && Url::parse(uri).is_ok()
}

fn without_port(rest: &str) -> &str {
    let Some(port) = rest.strip_prefix(':') else { return rest };
    port.trim_start_matches(|c: char| c.is_ascii_digit())
}

fn is_web(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| {
        let own = url.host_str().is_some_and(|host| LOOPBACK.contains(&host));
        url.has_host() && (url.scheme() == "https" || url.scheme() == "http" && own)
    })
}

/// No control character, and none that turns or hides what stands beside it.
fn is_visible(c: char) -> bool {
    let turns_or_hides = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !c.is_control() && !turns_or_hides
}

fn text<'m>(members: &'m BTreeMap<String, Value>, name: &str) -> Result<Option<&'m str>, Unusable> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(unusable(&format!("has a {name} that is no text"))),
    }
}

fn list<'m>(members: &'m BTreeMap<String, Value>, name: &str) -> Result<Option<Vec<&'m str>>, Unusable> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let items = value.as_array().and_then(|items| items.iter().map(Value::as_str).collect());
    items.map(Some).ok_or_else(|| unusable(&format!("has {name} that are no list of texts")))
}

fn unusable(reason: &str) -> Unusable {
    Unusable::new(format!("The client_id is the URL of a document, and that {reason}."))
}

/// The members of an object, each of which may stand there once: of two, another reader may take the other one
/// (RFC 8259 section 4).
struct Members(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member stands there twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

#[cfg(test)]
mod tests;
