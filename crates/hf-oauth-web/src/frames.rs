//! Which pages may show the app in a frame, and how somebody signs in there.

use hf_oauth::Origin;

use crate::fetch_metadata::{is_framed, is_own_navigation};
use crate::request::Request;

/// How somebody signs in where the app is shown in a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameSignIn {
    /// The frame itself goes to the Hub and back. Cookies are partitioned: they are kept for the app in this frame.
    #[default]
    InFrame,
    /// A new tab is opened, for a provider that refuses to be framed. The tab is signed in, and the frame is not:
    /// people go on in the tab.
    NewTab,
}

/// What one request says about the frame that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// A tab, a script, or a browser that does not say.
    Unframed,
    /// A frame, and nothing says that it is of somebody who may not show the app.
    Framed,
    /// A frame of somebody who may not show the app.
    Foreign,
}

/// Who may show the app in a frame.
#[derive(Clone, Debug)]
pub(crate) struct Frames {
    /// Other sites. Without any nobody may, the app itself included.
    ancestors: Vec<Origin>,
    /// Whose pages lead into a frame that may be: the other sites, the issuer and the app's own addresses.
    leads_in: Vec<Origin>,
    policy: String,
    pub(crate) sign_in: FrameSignIn,
}

impl Frames {
    /// `own` are the app's addresses.
    pub(crate) fn new(ancestors: Vec<Origin>, issuer: &Origin, own: &[Origin], sign_in: FrameSignIn) -> Self {
        let policy = if ancestors.is_empty() {
            "frame-ancestors 'none'".to_owned()
        } else {
            ancestors
                .iter()
                .fold("frame-ancestors 'self'".to_owned(), |policy, origin| format!("{policy} {origin}"))
        };
        let leads_in = ancestors.iter().chain([issuer]).chain(own).cloned().collect();
        Self { ancestors, leads_in, policy, sign_in }
    }

    /// True where another site may show the app: then its cookies are `SameSite=None`, and come along with requests of
    /// every site.
    pub(crate) fn are_possible(&self) -> bool {
        !self.ancestors.is_empty()
    }

    /// The directive of `Content-Security-Policy` for pages of the app.
    pub(crate) fn policy(&self) -> &str {
        &self.policy
    }

    /// Whose frame a request is for. A page that loads the app into a frame is named by `Referer`, unless it hides: then
    /// the browser holds it to [`policy`](Self::policy).
    pub(crate) fn framing(&self, request: &Request<'_>) -> Framing {
        if !is_framed(request) {
            return Framing::Unframed;
        }
        if !self.are_possible() {
            return Framing::Foreign;
        }
        if is_own_navigation(request) {
            return Framing::Framed;
        }
        match request.header("referer").and_then(origin_of) {
            Some(origin) if !self.leads_in.contains(&origin) => Framing::Foreign,
            None if request.has("referer") => Framing::Foreign,
            _ => Framing::Framed,
        }
    }
}

/// The origin of a page's address.
fn origin_of(url: &str) -> Option<Origin> {
    let start = url.find("://")? + "://".len();
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    url[..end].parse().ok()
}

/// Whether a value of `Content-Security-Policy`, which may be a list, has the directive (CSP 3 section 2.2.1).
pub(crate) fn has_frame_ancestors(policies: &[u8]) -> bool {
    policies.split(|byte| matches!(byte, b',' | b';')).any(|directive| {
        let name = directive.trim_ascii().split(u8::is_ascii_whitespace).next().unwrap_or_default();
        name.eq_ignore_ascii_case(b"frame-ancestors")
    })
}

/// Whether a value of `X-Frame-Options` is one that browsers go by (HTML section 7.6).
pub(crate) fn refuses_frames(options: &[u8]) -> bool {
    options
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .any(|option| option.eq_ignore_ascii_case(b"deny") || option.eq_ignore_ascii_case(b"sameorigin"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Pairs;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    fn frames(ancestors: &[&str]) -> Frames {
        let ancestors = ancestors.iter().map(|text| origin(text)).collect();
        let own = [origin("https://ada-app.hf.space")];
        Frames::new(ancestors, &origin("https://huggingface.co"), &own, FrameSignIn::InFrame)
    }

    fn framing(frames: &Frames, headers: &[(&str, &str)]) -> Framing {
        frames.framing(&Request::new("GET", "/", &Pairs(headers)))
    }

    #[test]
    fn row_175_only_a_page_that_may_show_the_app_leads_into_a_frame() {
        let portal = frames(&["https://portal.example:8443"]);
        assert_eq!(portal.policy(), "frame-ancestors 'self' https://portal.example:8443");
        let from = |referer| {
            let headers =
                [("sec-fetch-dest", "iframe"), ("sec-fetch-site", "cross-site"), ("referer", referer)];
            framing(&portal, &headers)
        };
        for known in [
            "https://portal.example:8443/some/page?x#y",
            "https://huggingface.co/oauth/authorize",
            "https://ada-app.hf.space",
        ] {
            assert_eq!(from(known), Framing::Framed, "{known}");
        }
        for stranger in [
            "https://evil.example/",
            "https://portal.example/",
            "http://portal.example:8443/",
            "https://huggingface.co.evil.example/",
            "https://huggingface.co@evil.example/",
            "https://evil.example?https://huggingface.co/",
            "about:blank",
            "null",
            "",
        ] {
            assert_eq!(from(stranger), Framing::Foreign, "{stranger}");
        }
    }

    #[test]
    fn a_page_that_hides_is_left_to_the_browser_and_the_own_page_is_no_stranger() {
        let space = frames(&["https://huggingface.co"]);
        let cross = [("sec-fetch-dest", "iframe"), ("sec-fetch-site", "cross-site")];
        assert_eq!(framing(&space, &cross), Framing::Framed);
        let own = [("sec-fetch-dest", "iframe"), ("sec-fetch-site", "same-origin"), ("referer", "about:x")];
        assert_eq!(framing(&space, &own), Framing::Framed);
        assert_eq!(framing(&space, &[("sec-fetch-dest", "document")]), Framing::Unframed);
        assert_eq!(framing(&space, &[]), Framing::Unframed);
    }

    #[test]
    fn without_ancestors_nobody_frames_the_app_itself_included() {
        let nobody = frames(&[]);
        assert_eq!(nobody.policy(), "frame-ancestors 'none'");
        assert!(!nobody.are_possible());
        let own = [("sec-fetch-dest", "iframe"), ("sec-fetch-site", "same-origin")];
        assert_eq!(framing(&nobody, &own), Framing::Foreign);
    }

    #[test]
    fn row_175_what_an_answer_says_itself_is_a_directive_and_no_word_in_another_one() {
        for said in [
            "frame-ancestors 'none'",
            "default-src 'self';\tFRAME-ANCESTORS 'self'",
            "default-src 'self', ;frame-ancestors\n*",
            "frame-ancestors",
        ] {
            assert!(has_frame_ancestors(said.as_bytes()), "{said}");
        }
        for silent in [
            "",
            "report-uri /csp?frame-ancestors",
            "img-src https://cdn.example/frame-ancestors; report-to frame-ancestors",
            "frame-ancestors-x 'none'",
            "x-frame-ancestors 'none'",
        ] {
            assert!(!has_frame_ancestors(silent.as_bytes()), "{silent}");
        }
        for said in ["DENY", "deny", " SameOrigin ", "ALLOWALL, DENY"] {
            assert!(refuses_frames(said.as_bytes()), "{said}");
        }
        // Browsers pass over these.
        for silent in ["", "ALLOWALL", "ALLOW-FROM https://huggingface.co", "denyed"] {
            assert!(!refuses_frames(silent.as_bytes()), "{silent}");
        }
    }
}
