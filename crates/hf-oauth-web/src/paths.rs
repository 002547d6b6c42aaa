//! The crate's own paths below the app's origin.

use form_urlencoded::byte_serialize;
use hf_oauth::{CALLBACK_PATH, ReturnPath};

/// Where in the app a link to the login leads in the end.
pub(crate) const TARGET: &str = "_target_url";
/// In a link to the login: it was opened from a frame.
pub(crate) const TAB: &str = "_tab=1";
/// In a link to the login: the Hub asks, whatever was granted before.
pub(crate) const ASK: &str = "_ask=1";
/// The browser was sent to this address by another one of the app's: it is not sent on any more. Behind some proxies every
/// request seems to come by another address.
pub(crate) const AT_HOME: &str = "_here=1";
/// In a redirect URI: the custom domain on which the login began.
const HOST: &str = "_host";

/// Where the Hub's documentation has the document of an app that nobody registered: at the root, whatever the prefix
/// (RFC 8615 section 3).
pub(crate) const CLIENT_METADATA: &str = "/.well-known/oauth-cimd";

#[derive(Clone, Debug)]
pub(crate) struct Paths {
    pub(crate) login: String,
    pub(crate) switch: String,
    pub(crate) callback: String,
    pub(crate) logout: String,
    /// What somebody sees who signed in in a tab that was opened from a frame.
    pub(crate) tab: String,
    pub(crate) page_style: String,
    pub(crate) page_script: String,
    pub(crate) button_style: String,
}

impl Paths {
    /// `None` when prefix or callback are no plain paths.
    pub(crate) fn new(prefix: &str, callback: Option<&str>) -> Option<Self> {
        let prefix = prefix.trim_end_matches('/');
        if !(prefix.is_empty() || is_plain(prefix)) || callback.is_some_and(|path| !is_plain(path)) {
            return None;
        }
        let paths = Self {
            login: format!("{prefix}/oauth/huggingface/login"),
            switch: format!("{prefix}/oauth/huggingface/login/switch"),
            callback: callback.map_or_else(|| format!("{prefix}{CALLBACK_PATH}"), str::to_owned),
            logout: format!("{prefix}/oauth/huggingface/logout"),
            tab: format!("{prefix}/oauth/huggingface/tab"),
            page_style: format!("{prefix}/oauth/huggingface/page.css"),
            page_script: format!("{prefix}/oauth/huggingface/page.js"),
            button_style: format!("{prefix}/oauth/huggingface/button.css"),
        };
        let at_callback = paths.all().into_iter().filter(|path| **path == paths.callback).count();
        (at_callback == 1 && paths.callback != CLIENT_METADATA).then_some(paths)
    }

    /// True for the crate's own routes, in any spelling that a router may take for them: never a place to return to.
    pub(crate) fn is_own(&self, path: &str) -> bool {
        let decoded = percent_decoded(path);
        let path = decoded.trim_end_matches('/');
        self.all()
            .into_iter()
            .map(String::as_str)
            .chain([CLIENT_METADATA])
            .any(|own| path.eq_ignore_ascii_case(own))
    }

    fn all(&self) -> [&String; 8] {
        let Self { login, switch, callback, logout, tab, page_style, page_script, button_style } = self;
        [login, switch, callback, logout, tab, page_style, page_script, button_style]
    }

    /// A wish to return somewhere, or the front page: only what stays on this origin and is none of the crate's own routes.
    pub(crate) fn return_path(&self, wish: &str) -> ReturnPath {
        ReturnPath::parse(wish).ok().filter(|path| !self.is_own(path.path())).unwrap_or_default()
    }

    /// The return path that a query names, decoded once; two are none.
    pub(crate) fn return_path_of_query(&self, query: Option<&str>) -> ReturnPath {
        let query = query.unwrap_or_default().as_bytes();
        let mut wishes = form_urlencoded::parse(query).filter(|(name, _)| name == TARGET);
        match (wishes.next(), wishes.next()) {
            (Some((_, wish)), None) => self.return_path(&wish),
            _ => ReturnPath::root(),
        }
    }

    pub(crate) fn login_to(&self, return_path: &ReturnPath) -> String {
        self.beginning_at(&self.login, return_path)
    }

    pub(crate) fn switch_to(&self, return_path: &ReturnPath) -> String {
        self.beginning_at(&self.switch, return_path)
    }

    /// Signs in in a tab that is opened from a frame: it ends with a page that says to go on there.
    pub(crate) fn login_in_tab_to(&self, return_path: &ReturnPath) -> String {
        self.login_to(&self.tab_to(return_path))
    }

    /// The page of a tab that was opened from a frame. One of the crate's own routes, which no link can name as its target.
    pub(crate) fn tab_to(&self, return_path: &ReturnPath) -> ReturnPath {
        if return_path.path() == self.tab {
            return return_path.clone();
        }
        ReturnPath::parse(&with_target(&self.tab, return_path)).unwrap_or_default()
    }

    fn beginning_at(&self, path: &str, return_path: &ReturnPath) -> String {
        if return_path.path() != self.tab {
            return with_target(path, return_path);
        }
        let query = return_path.as_str().split_once('?').map(|(_, query)| query);
        with_mark(&with_target(path, &self.return_path_of_query(query)), TAB)
    }

    pub(crate) fn logout_to(&self, return_path: &ReturnPath) -> String {
        with_target(&self.logout, return_path)
    }
}

fn with_target(path: &str, return_path: &ReturnPath) -> String {
    match return_path.as_str() {
        "/" => path.to_owned(),
        target => format!("{path}?{TARGET}={}", byte_serialize(target.as_bytes()).collect::<String>()),
    }
}

/// A path or URL whose query has this mark as well.
pub(crate) fn with_mark(path: &str, mark: &str) -> String {
    format!("{path}{}{mark}", if path.contains('?') { '&' } else { '?' })
}

/// True when a query has this mark.
pub(crate) fn has_mark(query: Option<&str>, mark: &str) -> bool {
    query.unwrap_or_default().split('&').any(|pair| pair == mark)
}

/// A redirect URI of a login that began on the custom domain `host`.
pub(crate) fn with_host(redirect_uri: &str, host: &str) -> String {
    with_mark(redirect_uri, &format!("{HOST}={}", byte_serialize(host.as_bytes()).collect::<String>()))
}

/// The custom domain that a redirect is for; two are none.
pub(crate) fn host_of_query(query: Option<&str>) -> Option<String> {
    let query = query.unwrap_or_default().as_bytes();
    let mut hosts = form_urlencoded::parse(query).filter(|(name, _)| name == HOST);
    match (hosts.next(), hosts.next()) {
        (Some((_, host)), None) => Some(host.into_owned()),
        _ => None,
    }
}

/// A path that reads the same to routers and browsers: no parameter, no dots, no encoding.
fn is_plain(path: &str) -> bool {
    let segment = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
    };
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment))
}

fn percent_decoded(path: &str) -> String {
    // `+` is a plus sign in a path.
    let escaped = path.replace('+', "%2B");
    form_urlencoded::parse(escaped.replace('&', "%26").replace('=', "%3D").as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_069_no_return_path_leads_to_our_own_routes() {
        let paths = Paths::new("", None).unwrap();
        for own in [
            "/oauth/huggingface/login",
            "/oauth/huggingface/login?_target_url=/oauth/huggingface/login",
            "/oauth/huggingface/login/",
            "/oauth/huggingface/login/switch",
            "/oauth/huggingface/%6cogin#x",
            "/OAuth/huggingface/logout",
            "/oauth/huggingface/tab?_target_url=/x",
            "/oauth/huggingface/callback?code=1&state=2",
        ] {
            assert_eq!(paths.return_path(own).as_str(), "/", "{own}");
        }
        assert_eq!(paths.return_path("/oauth/huggingface/loginx").as_str(), "/oauth/huggingface/loginx");
    }

    #[test]
    fn one_target_is_decoded_once_and_two_are_none() {
        let paths = Paths::new("/", None).unwrap();
        let of = |query| paths.return_path_of_query(Some(query)).as_str().to_owned();
        assert_eq!(of("_target_url=%2Fa%3Fb%3D%2520c%23d"), "/a?b=%20c#d");
        assert_eq!(of("_target_url=/a&_target_url=/b"), "/");
        assert_eq!(of("target_url=/a"), "/");
        let back = paths.login_to(&ReturnPath::parse("/a?b=%20c&d=+#e").unwrap());
        assert_eq!(of(back.split_once('?').unwrap().1), "/a?b=%20c&d=+#e");
    }

    #[test]
    fn a_tab_keeps_its_mark_and_its_target_whatever_fails() {
        let paths = Paths::new("/x", None).unwrap();
        let target = ReturnPath::parse("/a?b=c").unwrap();
        let tab = paths.tab_to(&target);
        assert_eq!(tab.as_str(), "/x/oauth/huggingface/tab?_target_url=%2Fa%3Fb%3Dc");
        assert_eq!(paths.tab_to(&tab), tab);
        let login = paths.login_in_tab_to(&target);
        assert_eq!(login, "/x/oauth/huggingface/login?_target_url=%2Fa%3Fb%3Dc&_tab=1");
        assert_eq!(paths.login_to(&tab), login);
        assert_eq!(paths.login_in_tab_to(&ReturnPath::root()), "/x/oauth/huggingface/login?_tab=1");
        assert!(paths.switch_to(&tab).ends_with("/login/switch?_target_url=%2Fa%3Fb%3Dc&_tab=1"));
    }

    #[test]
    fn row_016_a_redirect_is_for_one_host_and_decoded_once() {
        let uri = with_host("https://a.hf.space/cb?x=y", "b.example:8443");
        assert_eq!(uri, "https://a.hf.space/cb?x=y&_host=b.example%3A8443");
        assert_eq!(host_of_query(Some("_host=b.example%3A8443&code=c")).as_deref(), Some("b.example:8443"));
        for none in [None, Some(""), Some("host=a"), Some("_host=a&_host=b"), Some("_host=a&%5Fhost=b")] {
            assert_eq!(host_of_query(none), None, "{none:?}");
        }
        assert_eq!(host_of_query(Some("_host=%2562")).as_deref(), Some("%62"));
    }

    #[test]
    fn prefixes_and_callback_paths_are_plain() {
        assert_eq!(Paths::new("/x", None).unwrap().login, "/x/oauth/huggingface/login");
        assert_eq!(Paths::new("/x", Some("/login/callback")).unwrap().callback, "/login/callback");
        for bad in ["x", "//x", "/{y}", "/a/../b", "/a b", "/%61", "https://x"] {
            assert!(Paths::new(bad, None).is_none(), "{bad}");
            assert!(Paths::new("", Some(bad)).is_none(), "{bad}");
        }
        assert!(Paths::new("", Some("/")).is_none());
        assert!(Paths::new("", Some("/oauth/huggingface/login")).is_none());
    }
}
