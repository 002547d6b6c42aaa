//! The crate's own paths below the app's origin.

use form_urlencoded::byte_serialize;
use hf_oauth::{CALLBACK_PATH, ReturnPath};

/// The name of the one parameter that a link to the login may have.
pub(crate) const TARGET: &str = "_target_url";

/// Where the Hub's documentation has the document of an app that nobody registered: at the root, whatever the prefix
/// (RFC 8615 section 3).
pub(crate) const CLIENT_METADATA: &str = "/.well-known/oauth-cimd";

#[derive(Clone, Debug)]
pub(crate) struct Paths {
    pub(crate) login: String,
    pub(crate) switch: String,
    pub(crate) callback: String,
    pub(crate) logout: String,
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

    fn all(&self) -> [&String; 7] {
        let Self { login, switch, callback, logout, page_style, page_script, button_style } = self;
        [login, switch, callback, logout, page_style, page_script, button_style]
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
        with_target(&self.login, return_path)
    }

    pub(crate) fn switch_to(&self, return_path: &ReturnPath) -> String {
        with_target(&self.switch, return_path)
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
