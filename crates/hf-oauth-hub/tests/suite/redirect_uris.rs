use hf_oauth_hub::{AppConfig, LocalHub};

use crate::support::*;

async fn status(hub: &LocalHub, client_id: &str, redirect_uri: &str) -> u16 {
    let url = authorize_url(hub, &[("client_id", client_id), ("redirect_uri", redirect_uri)]);
    let response = client().get(url).send().await.unwrap();
    assert!(response.headers().get("location").is_none(), "{redirect_uri}");
    response.status().as_u16()
}

#[tokio::test]
async fn row_155_redirect_uris_match_whole_but_for_a_loopback_port() {
    let hub = hub().await;
    hub.add_app(
        AppConfig::public("many")
            .redirect_uri("http://localhost/cb?x=1")
            .redirect_uri("http://127.0.0.1:4000/cb")
            .redirect_uri("http://[::1]/cb")
            .redirect_uri("https://app.example:8443/cb")
            .redirect_uri("https://localhost/cb"),
    );
    let good = [
        "http://localhost/cb?x=1",
        "http://localhost:1/cb?x=1",
        "http://localhost:65535/cb?x=1",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:9/cb",
        "http://[::1]:8080/cb",
        "https://app.example:8443/cb",
        "https://localhost/cb",
    ];
    for redirect_uri in good {
        assert_eq!(status(&hub, "many", redirect_uri).await, 200, "{redirect_uri}");
    }
    let bad = [
        "http://localhost/cb",
        "http://localhost/cb?x=2",
        "http://localhost/cb?x=1&y=2",
        "http://localhost/CB?x=1",
        "http://LOCALHOST/cb?x=1",
        "http://localhost/cb/?x=1",
        "http://localhost/cb%3Fx=1",
        "http://localhost/cb?x=1#f",
        "http://user@localhost/cb?x=1",
        "http://localhost:80@evil.example/cb?x=1",
        "http://localhost.evil.example/cb?x=1",
        "http://localhost:/cb?x=1",
        "http://localhost:99999/cb?x=1",
        "http://localhost:1a/cb?x=1",
        "http://localhost:+1/cb?x=1",
        "HTTP://localhost/cb?x=1",
        "https://localhost/cb?x=1",
        "http://127.0.0.1/cb?x=1",
        "http://127.0.0.2/cb",
        "http://2130706433/cb",
        "http://[0:0:0:0:0:0:0:1]/cb",
        "http://localhost/cb\u{0}?x=1",
        "http://localhost/cb?x=1\r\nx: y",
        "http:\\\\localhost\\cb?x=1",
        "https://app.example/cb",
        "https://app.example:8444/cb",
        "https://app.example:8443/cb/../cb",
        "https://localhost:1/cb",
        "javascript:alert(1)",
        "//localhost/cb",
        "/cb",
        " http://[::1]/cb",
    ];
    for redirect_uri in bad {
        assert_eq!(status(&hub, "many", redirect_uri).await, 400, "{redirect_uri:?}");
    }
}

#[tokio::test]
async fn row_155_a_space_may_use_any_path_of_its_origin_and_no_other() {
    let hub = hub().await;
    hub.add_app(
        AppConfig::public("space")
            .space(true)
            .redirect_uri("https://me-demo.hf.space/")
            .redirect_uri("http://localhost/x"),
    );
    let good = [
        "https://me-demo.hf.space/oauth/huggingface/callback?_target_url=%2F%3F",
        "https://me-demo.hf.space",
        "https://me-demo.hf.space?x",
        "http://localhost:7860/login/callback?_target_url=%2F",
    ];
    for redirect_uri in good {
        assert_eq!(status(&hub, "space", redirect_uri).await, 200, "{redirect_uri}");
    }
    let bad = [
        "http://me-demo.hf.space/",
        "https://me-demo.hf.space:8443/",
        "https://me-demo.hf.space.evil.example/",
        "https://me-demo.hf.space@evil.example/",
        "https://evil@me-demo.hf.space/",
        "https://me-demo.hf.space\\@evil.example/",
        "https://me-demo.hf.space/#x",
        "https://other.hf.space/",
        "http://127.0.0.1:7860/x",
    ];
    for redirect_uri in bad {
        assert_eq!(status(&hub, "space", redirect_uri).await, 400, "{redirect_uri:?}");
    }
}

#[tokio::test]
async fn row_155_the_page_names_both_values_escaped_and_what_is_registered() {
    let hub = hub().await;
    let hostile = "http://evil.example/\"><script>alert(1)</script>";
    let url = authorize_url(&hub, &[("redirect_uri", hostile)]);
    let response = client().get(url).send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let page = response.text().await.unwrap();
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("http://evil.example/&#34;&#62;&#60;script&#62;"), "{page}");
    assert!(
        page.contains("<code class=\"wrap\">app</code>") && page.contains("http://localhost/cb"),
        "{page}"
    );

    let url = authorize_url(&hub, &[("client_id", "<b>nobody</b>")]);
    let page = client().get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("&#60;b&#62;nobody&#60;/b&#62;") && page.contains(CALLBACK), "{page}");
}

#[tokio::test]
async fn row_155_bad_apps_get_a_page_before_anything_else_is_looked_at() {
    let hub = hub().await;
    let urls = [
        authorize_url(&hub, &[("client_id", "")]),
        authorize_url(&hub, &[("client_id", "nobody"), ("response_type", "token")]),
        authorize_url(&hub, &[("redirect_uri", "http://evil.example/"), ("prompt", "none")]),
        authorize_url(&hub, &[]) + "&client_id=app",
        authorize_url(&hub, &[]) + "&redirect_uri=http://evil.example/",
    ];
    for url in urls {
        let response = client().get(&url).send().await.unwrap();
        assert_eq!(response.status(), 400, "{url}");
        assert!(response.headers().get("location").is_none(), "{url}");
    }
}

#[tokio::test]
async fn a_redirect_uri_may_be_left_out_in_both_requests_by_an_app_that_has_one() {
    let hub = hub().await;
    let url = authorize_url(&hub, &[("redirect_uri", "")]);
    let location = hub.approve(&url, "ada").await.unwrap();
    assert!(location.starts_with("http://localhost/cb?code="), "{location}");
    let code = param(&location, "code").unwrap();
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", "http://localhost/cb"),
    ];
    assert_eq!(error(post_token(&hub, &form).await, 400).await, "invalid_grant");
    form.pop();
    ok(post_token(&hub, &form).await).await;

    hub.add_app(
        AppConfig::public("two").redirect_uri("http://localhost/a").redirect_uri("http://localhost/b"),
    );
    let url = authorize_url(&hub, &[("client_id", "two"), ("redirect_uri", "")]);
    assert_eq!(client().get(url).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn what_a_redirect_uri_had_stays_as_it_was_written() {
    let hub = hub().await;
    hub.add_app(AppConfig::public("query").redirect_uri("http://localhost/cb?_target_url=%2F%3f&a=b+c"));
    let redirect_uri = "http://localhost:7860/cb?_target_url=%2F%3f&a=b+c";
    let url =
        authorize_url(&hub, &[("client_id", "query"), ("redirect_uri", redirect_uri), ("state", "a b&c=é")]);
    let location = hub.approve(&url, "ada").await.unwrap();
    assert!(location.starts_with(&format!("{redirect_uri}&code=local_code_")), "{location}");
    assert_eq!(param(&location, "state").as_deref(), Some("a b&c=é"));
}
