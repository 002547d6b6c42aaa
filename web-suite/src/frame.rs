//! A frame of a browser: what it sends, and how somebody signs in there.

use http::Method;

use crate::browser::{Answer, Browser};
use crate::world::{LOGIN, World, encoded};

pub(crate) const TAB: &str = "/oauth/huggingface/tab";
pub(crate) const SPACE: &str = "; Path=/; Secure; HttpOnly; SameSite=None; Partitioned";

pub(crate) type Headers = Vec<(&'static str, String)>;

pub(crate) fn framed(site: &str, referer: Option<&str>) -> Headers {
    let mut headers: Headers = vec![
        ("accept", "text/html".to_owned()),
        ("sec-fetch-mode", "navigate".to_owned()),
        ("sec-fetch-dest", "iframe".to_owned()),
        ("sec-fetch-site", site.to_owned()),
    ];
    headers.extend(referer.map(|page| ("referer", page.to_owned())));
    headers
}

/// A link of the app's own page, in the frame.
pub(crate) fn own_in_frame() -> Headers {
    framed("same-origin", None)
}

/// Loaded into a frame by this page, or sent back into it from there.
pub(crate) fn in_frame_of(page: &str) -> Headers {
    framed("cross-site", Some(page))
}

pub(crate) async fn go(browser: &mut Browser, method: Method, target: &str, headers: &Headers) -> Answer {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.send(method, target, &headers, "").await
}

/// Follows a link of the app's own page in the frame.
pub(crate) async fn click(browser: &mut Browser, target: &str) -> Answer {
    go(browser, Method::GET, target, &own_in_frame()).await
}

/// The provider approves, and sends the frame back.
pub(crate) async fn approved(world: &World, frame: &mut Browser, authorize_url: &str, who: &str) -> Answer {
    let back = world.hub.approve(authorize_url, who).await.unwrap();
    go(frame, Method::GET, &back, &in_frame_of(&world.hub.url("/oauth/authorize"))).await
}

/// Signs in in the frame, by the button.
pub(crate) async fn sign_in_framed(world: &World, frame: &mut Browser, who: &str, target: &str) -> Answer {
    let started = click(frame, &format!("{LOGIN}?_target_url={}", encoded(target))).await;
    approved(world, frame, started.location(), who).await
}

pub(crate) fn policy(answer: &Answer) -> &str {
    answer.header("content-security-policy").unwrap()
}

pub(crate) fn state_of(authorize_url: &str) -> String {
    let url = url::Url::parse(authorize_url).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}
