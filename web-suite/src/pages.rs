//! Pages: for people, and safe.

use hf_oauth_web::{FailureCode, sign_in_button};
use http::Method;

use crate::adapter::Adapter;
use crate::world::{CALLBACK, LOGIN, World, encoded};

const HOSTILE: &str =
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}gnp.exe\r\nSet-Cookie: x=1\0";

async fn row_094_what_others_say_is_shown_as_text(adapter: Adapter) {
    let world = World::new(adapter).await;
    for parameter in ["error", "error_description"] {
        let mut browser = world.browser();
        let started = browser.get(LOGIN).await;
        let url = url::Url::parse(started.location()).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let error = if parameter == "error" { String::new() } else { "error=access_denied&".to_owned() };
        let page =
            browser.get(&format!("{CALLBACK}?{error}{parameter}={}&state={state}", encoded(HOSTILE))).await;
        assert!(page.status.is_client_error() || page.status.as_u16() == 502, "{}", page.status);
        assert!(!page.body.contains("<img"), "{}", page.body);
        assert_eq!(page.body.matches("<script").count(), 1, "that of the page itself: {}", page.body);
        assert!(!page.body.contains('\u{202e}') && !page.body.contains('\0'));
        assert!(page.set_cookies().iter().all(|line| line.starts_with("hf_oauth")));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self'; ")
                && !policy.contains("unsafe"),
            "{policy}"
        );
    }
}

async fn row_094_hostile_names_and_pictures_break_nothing(adapter: Adapter) {
    let world = World::new(adapter).await;
    let drift = serde_json::json!({ "name": HOSTILE, "picture": HOSTILE, "preferred_username": HOSTILE, "profile": HOSTILE });
    world.hub.fault(hf_oauth_hub::Fault::json(drift).on(hf_oauth_hub::Endpoint::Userinfo));
    let mut browser = world.signed_in("ada").await;
    let body = browser.get("/name").await.body;
    assert!(body.starts_with("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img"), "{body}");
    assert!(!body.contains(['<', '>', '"', '\'', '\u{202e}', '\r', '\n', '\0']), "{body}");
    assert_eq!(
        browser.fetch("/me").await.json()["name"],
        HOSTILE,
        "as it came, for those who escape themselves"
    );
}

#[tokio::test]
async fn every_failure_has_a_code_of_its_own_and_none_is_a_500() {
    let codes: std::collections::BTreeSet<_> = FailureCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), FailureCode::ALL.len());
    for code in FailureCode::ALL {
        let status = code.status();
        assert!(status == 200 || (400..500).contains(&status) || (502..=504).contains(&status), "{code}");
        assert!(code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    }
}

async fn programs_get_the_same_code_as_json(adapter: Adapter) {
    let world = World::new(adapter).await;
    for (target, status, code) in [
        (format!("{CALLBACK}?code=a"), 400, "state_missing"),
        (format!("{CALLBACK}?code=a&code=b"), 400, "malformed_redirect"),
        (format!("{CALLBACK}?error=x&state=y"), 400, "login_lost"),
        ("/me".to_owned(), 401, "unauthenticated"),
    ] {
        let json = world.browser().send(Method::GET, &target, &[("accept", "application/json")], "").await;
        assert_eq!((json.status.as_u16(), json.code().as_str()), (status, code));
        assert_eq!(json.header("content-type"), Some("application/json"));
        assert!(json.json()["message"].as_str().unwrap().len() > 10);
        assert!(json.json()["login_url"].as_str().unwrap().starts_with(LOGIN));
        let page = world.browser().send(Method::POST, &target, &[("sec-fetch-mode", "navigate")], "").await;
        assert!(page.status == 405 || page.code() == code);
    }
}

async fn pages_are_for_everybody(adapter: Adapter) {
    let world = World::new(adapter).await;
    let page = world.browser().get(&format!("{CALLBACK}?code=a")).await.body;
    let style = world.browser().fetch("/oauth/huggingface/page.css").await.body;
    for part in [
        "<html lang=\"en\">",
        "name=\"viewport\"",
        "name=\"color-scheme\" content=\"light dark\"",
        "<main>",
        "<h1>",
        "<title>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    for part in ["prefers-color-scheme:dark", "focus-visible", "unicode-bidi:isolate"] {
        assert!(style.contains(part), "{part}");
    }
}

async fn the_button_is_a_link_that_leads_nowhere_else(adapter: Adapter) {
    let world = World::space(adapter).await;
    let html = world.auth.sign_in_button("/a?b=\"><script>");
    assert!(html.contains(&format!("href=\"{LOGIN}?_target_url=%2Fa%3Fb%3D%22%3E%3Cscript%3E\"")), "{html}");
    assert!(html.contains("target=\"_blank\" rel=\"noopener\""), "a Space is shown in a frame");
    assert!(html.contains("aria-hidden=\"true\""));
    assert!(!sign_in_button("/").contains("_blank"));
    for evil in ["//evil.example", "https://evil.example", "javascript:alert(1)", LOGIN] {
        assert!(sign_in_button(evil).contains(&format!("href=\"{LOGIN}\"")), "{evil}");
    }
}

on_every_adapter! {
    row_094_what_others_say_is_shown_as_text,
    row_094_hostile_names_and_pictures_break_nothing,
    programs_get_the_same_code_as_json,
    pages_are_for_everybody,
    the_button_is_a_link_that_leads_nowhere_else,
}
