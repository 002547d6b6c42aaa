//! Who gets a redirect, who a page, who JSON.

use http::{Method, Request};

use crate::adapter::{Adapter, Shape};
use crate::browser::{self, Browser, NAVIGATION};
use crate::world::{LOGIN, World};

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Is {
    /// 303 to the login.
    Sent,
    /// 401 as a page.
    Page,
    /// A page that says where to sign in: inside a frame the Hub would not be shown.
    Framed,
    /// 401 as JSON.
    Json,
    /// 401 as JSON with `HX-Redirect`.
    Htmx,
}

/// Method, `Accept`, `Sec-Fetch-Mode`, further headers.
type Case = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], Is);

#[rustfmt::skip]
const TABLE: &[Case] = &[
    // Browsers that tell what they are doing.
    ("GET", HTML, "navigate", &[("sec-fetch-dest", "document")], Is::Sent),
    ("GET", HTML, "navigate", &[("sec-fetch-dest", "iframe")], Is::Framed),
    ("HEAD", HTML, "navigate", &[("sec-fetch-dest", "document")], Is::Sent),
    ("HEAD", HTML, "", &[], Is::Sent),
    ("GET", HTML, "navigate", &[("sec-fetch-site", "cross-site")], Is::Sent),
    ("GET", HTML, "navigate", &[("sec-fetch-user", "?1")], Is::Sent),
    ("GET", "*/*", "navigate", &[], Is::Sent),
    ("GET", "application/json", "navigate", &[], Is::Sent),
    ("POST", HTML, "navigate", &[("content-type", "application/x-www-form-urlencoded")], Is::Page),
    ("POST", HTML, "navigate", &[("content-type", "multipart/form-data; boundary=x")], Is::Page),
    ("POST", HTML, "navigate", &[("sec-fetch-site", "cross-site")], Is::Page),
    ("PUT", HTML, "navigate", &[], Is::Page),
    ("GET", "*/*", "cors", &[("sec-fetch-dest", "empty")], Is::Json),
    ("GET", HTML, "cors", &[("sec-fetch-dest", "empty")], Is::Json),
    ("GET", "application/json", "cors", &[], Is::Json),
    ("GET", "text/event-stream", "cors", &[("sec-fetch-dest", "empty")], Is::Json),
    ("GET", HTML, "same-origin", &[("sec-fetch-dest", "empty")], Is::Json),
    ("GET", "*/*", "no-cors", &[("sec-fetch-dest", "script")], Is::Json),
    ("GET", "image/avif,*/*", "no-cors", &[("sec-fetch-dest", "image")], Is::Json),
    ("GET", "text/css,*/*", "no-cors", &[("sec-fetch-dest", "style")], Is::Json),
    ("GET", HTML, "no-cors", &[("sec-fetch-dest", "image")], Is::Json),
    ("GET", "*/*", "websocket", &[("upgrade", "websocket"), ("connection", "Upgrade")], Is::Json),
    ("POST", "application/json", "cors", &[("content-type", "application/json")], Is::Json),
    ("POST", HTML, "cors", &[("content-type", "application/x-www-form-urlencoded")], Is::Json),
    ("POST", "*/*", "no-cors", &[("content-type", "text/plain")], Is::Json),
    ("DELETE", "*/*", "cors", &[], Is::Json),
    ("PATCH", "*/*", "cors", &[("content-type", "application/json")], Is::Json),
    ("OPTIONS", "*/*", "cors", &[("access-control-request-method", "POST"), ("origin", "https://x.example")], Is::Json),
    ("HEAD", HTML, "cors", &[], Is::Json),
    // Browsers that do not tell.
    ("GET", HTML, "", &[], Is::Sent),
    ("GET", "text/html", "", &[("user-agent", "Mozilla/5.0")], Is::Sent),
    ("GET", "TEXT/HTML;q=1", "", &[], Is::Sent),
    ("POST", HTML, "", &[("content-type", "application/x-www-form-urlencoded")], Is::Page),
    ("GET", HTML, "", &[("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "empty")], Is::Json),
    ("GET", HTML, "", &[("upgrade", "websocket"), ("connection", "Upgrade")], Is::Json),
    ("GET", "text/htmlx", "", &[], Is::Json),
    // Programs.
    ("GET", "*/*", "", &[("user-agent", "curl/8.17.0")], Is::Json),
    ("GET", "", "", &[], Is::Json),
    ("GET", "application/json, text/plain, */*", "", &[("x-requested-with", "XMLHttpRequest")], Is::Json),
    ("POST", "*/*", "", &[("content-type", "application/json")], Is::Json),
    ("PUT", "", "", &[("content-type", "text/plain")], Is::Json),
    ("DELETE", "", "", &[], Is::Json),
    // HTMX.
    ("GET", "*/*", "cors", &[("hx-request", "true"), ("hx-current-url", "http://localhost:7860/list?p=2")], Is::Htmx),
    ("POST", HTML, "cors", &[("hx-request", "true"), ("hx-current-url", "https://evil.example//evil")], Is::Htmx),
    ("GET", HTML, "", &[("hx-request", "true"), ("hx-boosted", "true")], Is::Htmx),
    ("GET", "*/*", "cors", &[("hx-request", "false")], Is::Json),
];

async fn row_070_only_somebody_who_follows_a_link_is_redirected(adapter: Adapter) {
    assert!(TABLE.len() >= 40);
    let world = World::new(adapter).await;
    let browser = world.browser();
    for path in ["/me?x=1", "/closed?x=1"] {
        for case @ (method, accept, mode, more, expected) in TABLE {
            let (method, mut headers) = (Method::from_bytes(method.as_bytes()).unwrap(), more.to_vec());
            if path == "/me?x=1" && !matches!(method, Method::GET | Method::HEAD) {
                continue; // The route itself would say 405.
            }
            if !accept.is_empty() {
                headers.push(("accept", accept));
            }
            if !mode.is_empty() {
                headers.push(("sec-fetch-mode", mode));
            }
            let body = if method == Method::POST { "a=b" } else { "" };
            let answer = browser.ask(method.clone(), path, &headers, body).await;
            assert!(answer.set_cookies().is_empty(), "{case:?}");
            let location = answer.header("location");
            let to_here = format!("{LOGIN}?_target_url={}", crate::world::encoded(path));
            if *expected == Is::Sent {
                assert_eq!((answer.status.as_u16(), location), (303, Some(to_here.as_str())), "{case:?}");
                continue;
            }
            if *expected == Is::Framed {
                assert_eq!((answer.status.as_u16(), answer.code().as_str()), (200, "framed"), "{case:?}");
                continue;
            }
            assert_eq!((answer.status.as_u16(), location), (401, None), "{case:?}");
            assert!(answer.header("www-authenticate").unwrap().starts_with("HuggingFace "), "{case:?}");
            let is_html = answer.header("content-type").unwrap().starts_with("text/html");
            assert_eq!(is_html, *expected == Is::Page, "{case:?}");
            if method != Method::HEAD {
                assert_eq!(answer.code(), "unauthenticated", "{case:?}");
            }
            if !is_html && method != Method::HEAD {
                assert_eq!(answer.json()["login_url"], LOGIN, "{case:?}: the return target is nobody else's");
            }
            let onward = more.iter().find(|(name, _)| *name == "hx-current-url").map(|(_, url)| *url);
            let htmx = match (expected, onward) {
                (Is::Htmx, Some("http://localhost:7860/list?p=2")) => {
                    Some("/oauth/huggingface/login?_target_url=%2Flist%3Fp%3D2")
                }
                (Is::Htmx, _) => Some(LOGIN),
                _ => None,
            };
            assert_eq!(answer.header("hx-redirect"), htmx, "{case:?}");
        }
    }
    assert_eq!(world.token_requests(), 0);
}

async fn row_070_a_post_is_never_redirected_to_the_provider(adapter: Adapter) {
    let world = World::new(adapter).await;
    for path in ["/form", "/closed", "/me", LOGIN, "/oauth/huggingface/callback?code=a&state=b"] {
        for mode in ["navigate", "cors"] {
            let headers = [("accept", HTML), ("sec-fetch-mode", mode)];
            let answer = world.browser().send(Method::POST, path, &headers, "a=b").await;
            assert!(matches!(answer.status.as_u16(), 401 | 405), "{path}: {}", answer.status);
            assert!(answer.header("location").is_none());
        }
    }
}

async fn row_099_strange_authorization_headers_let_nobody_in(adapter: Adapter) {
    let world = World::new(adapter).await;
    let huge = format!("Bearer {}", "a".repeat(100_000));
    for headers in [
        vec![("authorization", "Bearer %E0%A4%A")],
        vec![("authorization", huge.as_str())],
        vec![("authorization", "Bearer a"), ("authorization", "Bearer b")],
        vec![("authorization", "Basic Og==")],
        vec![("cookie", "hf_oauth_7860=%E0%A4%A; hf_oauth_7860=1; hf_oauth_7860_2=\"")],
        vec![("cookie", huge.as_str())],
        vec![("cookie", "=; ;; =a")],
    ] {
        let answer = world.browser().send(Method::GET, "/me", &headers, "").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "unauthenticated"));
        let answer = world.browser().send(Method::GET, "/", &headers, "").await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "nobody"));
    }
    let bytes = http::HeaderValue::from_bytes(b"hf_oauth_7860=\xff\xfe; a=\x80").unwrap();
    let request = Request::get("/me").header("host", "localhost:7860").header("cookie", bytes);
    let answer = browser::send(&world.app, request.body("".into()).unwrap()).await;
    assert_eq!(answer.status, 401);
}

async fn row_099_without_the_layer_nobody_is_anybody(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut signed_in = world.signed_in("ada").await;
    assert_eq!(signed_in.get("/me").await.status, 200);
    let bare = world.attached(Shape::WithoutMiddleware);
    let mut browser = Browser::new(&bare);
    browser.jar = signed_in.jar.clone();
    for (path, status) in [("/me", 401), ("/closed", 401), ("/", 200)] {
        let answer = browser.fetch(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(status == 401 || answer.body == "nobody");
    }
    // A login would end here again, without end.
    let page = browser.send(Method::GET, "/closed", NAVIGATION, "").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (401, "unauthenticated"));
    browser.forget("_login_");
    let sent = browser.send(Method::GET, "/closed", NAVIGATION, "").await;
    assert_eq!(sent.status, 303);
}

async fn a_nested_router_comes_back_to_where_the_visitor_was(adapter: Adapter) {
    let world = World::new(adapter).await;
    let answer = world.browser().get("/admin/list?p=2").await;
    assert_eq!(answer.location(), format!("{LOGIN}?_target_url=%2Fadmin%2Flist%3Fp%3D2"));
}

on_every_adapter! {
    row_070_only_somebody_who_follows_a_link_is_redirected,
    row_070_a_post_is_never_redirected_to_the_provider,
    row_099_strange_authorization_headers_let_nobody_in,
    row_099_without_the_layer_nobody_is_anybody,
    a_nested_router_comes_back_to_where_the_visitor_was,
}
