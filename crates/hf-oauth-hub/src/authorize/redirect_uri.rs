//! Which redirect URIs belong to an app.

use crate::config::AppConfig;

/// The host names whose port is free (RFC 8252 section 7.3), each for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whole and byte by byte; only a loopback port is free, and a Space's path and query.
pub(super) fn is_registered(app: &AppConfig, sent: &str) -> bool {
    // What could not stand in a `Location` is never sent back to, and has no second reading.
    if !sent.bytes().all(|byte| byte.is_ascii_graphic()) || sent.contains(['\\', '#']) {
        return false;
    }
    app.redirect_uris.iter().any(|registered| {
        registered == sent
            || loopback(registered).is_some_and(|parts| Some(parts) == loopback(sent))
            || app.space && same_origin(registered, sent)
    })
}

/// Host and what follows the port of an `http` URL on a loopback host.
fn loopback(url: &str) -> Option<(&str, &str)> {
    let (authority, rest) = split(url, "http://")?;
    let host = *LOOPBACK.iter().find(|host| authority.strip_prefix(**host).is_some_and(is_port))?;
    Some((host, rest))
}

/// Scheme and authority as they are written; the port of a loopback host is free here too.
fn same_origin(registered: &str, sent: &str) -> bool {
    if let (Some((one, _)), Some((other, _))) = (loopback(registered), loopback(sent)) {
        return one == other;
    }
    ["https://", "http://"].iter().any(|scheme| match (split(registered, scheme), split(sent, scheme)) {
        (Some((one, _)), Some((other, _))) => one == other && !one.contains('@'),
        _ => false,
    })
}

fn split<'a>(url: &'a str, scheme: &str) -> Option<(&'a str, &'a str)> {
    let rest = url.strip_prefix(scheme)?;
    Some(rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())))
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

/// `redirect_uri` with `params` appended; what it had stays as it was written (RFC 6749 section 4.1.2).
pub(super) fn append(redirect_uri: &str, params: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    let separator = match redirect_uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, before)) if before.ends_with('&') => "",
        Some(_) => "&",
    };
    // `+` for a blank is right in forms only; `%20` is right for every reader of a query.
    format!("{redirect_uri}{separator}{}", query.replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params_are_appended_without_touching_what_is_there() {
        assert_eq!(append("http://a/b", &[("code", "x y")]), "http://a/b?code=x%20y");
        assert_eq!(append("http://a/b?_t=%2F%3F", &[("code", "x")]), "http://a/b?_t=%2F%3F&code=x");
        assert_eq!(append("http://a/b?", &[("code", "+&")]), "http://a/b?code=%2B%26");
    }
}
