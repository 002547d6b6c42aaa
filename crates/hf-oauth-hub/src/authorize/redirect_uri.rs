//! Which redirect URIs belong to an app.

use url::Url;

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
            || app.port_is_free && loopback(registered).is_some_and(|parts| Some(parts) == loopback(sent))
            || app.space && same_origin(registered, sent, app.port_is_free)
    })
}

/// Host and what follows the port of an `http` URL on a loopback host.
fn loopback(url: &str) -> Option<(&str, &str)> {
    let (authority, rest) = split(url, "http://")?;
    let host = *LOOPBACK.iter().find(|host| authority.strip_prefix(**host).is_some_and(is_port))?;
    Some((host, rest))
}

/// Scheme and authority as they are written; the port of a loopback host may be free here too.
fn same_origin(registered: &str, sent: &str, port_is_free: bool) -> bool {
    if port_is_free && let (Some((one, _)), Some((other, _))) = (loopback(registered), loopback(sent)) {
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

/// `redirect_uri` with `params` appended, as a browser's URL parser writes it (<https://url.spec.whatwg.org>): an address
/// without path gets its slash. What the query had stays, in its place and encoding (RFC 6749 section 4.1.2).
pub(super) fn append(redirect_uri: &str, params: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    // `+` for a blank is right in forms only; `%20` is right for every reader of a query.
    let query = query.replace('+', "%20");
    match Url::parse(redirect_uri) {
        Ok(mut url) => {
            url.set_query(Some(&joined(url.query(), &query)));
            url.into()
        }
        // Only an app that was registered in Rust, unchecked, has such a one.
        Err(_) => match redirect_uri.split_once('?') {
            Some((before, old)) => format!("{before}?{}", joined(Some(old), &query)),
            None => format!("{redirect_uri}?{query}"),
        },
    }
}

fn joined(old: Option<&str>, new: &str) -> String {
    match old {
        None | Some("") => new.to_owned(),
        Some(old) if old.ends_with('&') => format!("{old}{new}"),
        Some(old) => format!("{old}&{new}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_181_a_redirect_is_written_as_a_browser_writes_it() {
        for (redirect_uri, written) in [
            ("http://localhost:3000", "http://localhost:3000/?code=x"),
            ("http://localhost:3000?a=b", "http://localhost:3000/?a=b&code=x"),
            ("https://App.example:443/a/../b", "https://app.example/b?code=x"),
            ("http://a/b?'", "http://a/b?%27&code=x"),
            ("http://a/b?_t=%2F%3f&c=d+e", "http://a/b?_t=%2F%3f&c=d+e&code=x"),
            ("http://a/b?", "http://a/b?code=x"),
            ("http://a/b?a&", "http://a/b?a&code=x"),
            ("com.example.app:/cb", "com.example.app:/cb?code=x"),
            ("com.example.app://cb", "com.example.app://cb?code=x"),
            ("no url?a", "no url?a&code=x"),
            ("no url", "no url?code=x"),
        ] {
            assert_eq!(append(redirect_uri, &[("code", "x")]), written);
        }
    }

    #[test]
    fn values_are_encoded_for_every_reader_of_a_query() {
        assert_eq!(append("http://a/b", &[("code", "x y")]), "http://a/b?code=x%20y");
        assert_eq!(append("http://a/b?", &[("code", "+&")]), "http://a/b?code=%2B%26");
        assert_eq!(append("http://a/b", &[("state", "é'#")]), "http://a/b?state=%C3%A9%27%23");
    }
}
