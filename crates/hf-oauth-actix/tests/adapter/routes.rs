//! The crate's own routes in actix's router.

use reqwest::Method;

use crate::world::{LOGIN, World};

#[actix_web::test]
async fn head_is_answered_where_get_is_and_begins_nothing() {
    let world = World::new().await;
    let mut browser = world.browser();
    for path in ["page.css", "page.js", "button.css"] {
        let path = format!("/oauth/huggingface/{path}");
        let (get, head) = (browser.get(&path).await, browser.send(Method::HEAD, &path, &[]).await);
        assert_eq!((get.status, head.status, head.body.as_str()), (200, 200, ""), "{path}");
        assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
    }
    for path in [LOGIN, "/oauth/huggingface/callback?code=a&state=b", "/oauth/huggingface/logout"] {
        let head = browser.send(Method::HEAD, path, &[]).await;
        assert!(![404, 405].contains(&head.status), "{path}: {}", head.status);
        assert_eq!(head.header("location"), "", "{path}");
        assert!(head.set_cookies().is_empty(), "{path}");
    }
}

#[actix_web::test]
async fn other_methods_are_told_which_there_are() {
    let world = World::new().await;
    for (path, method, allowed) in [
        (LOGIN, Method::POST, vec!["GET", "HEAD"]),
        ("/oauth/huggingface/logout", Method::DELETE, vec!["GET", "HEAD", "POST"]),
    ] {
        let answer = world.browser().send(method, path, &[]).await;
        assert_eq!(answer.status, 405, "{path}");
        let mut told: Vec<_> = answer.header("allow").split(", ").collect();
        told.sort_unstable();
        assert_eq!(told, allowed, "{path}");
    }
}

#[actix_web::test]
async fn a_scope_that_knows_nothing_of_its_prefix_says_so() {
    let world = World::new().await;
    let mut browser = world.browser();
    for path in [LOGIN, "/oauth/huggingface/callback?code=a&state=b"] {
        let answer = browser.get(&format!("/app{path}")).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.body.contains("with_prefix") && answer.set_cookies().is_empty(), "{}", answer.body);
    }
    assert_eq!(browser.get(LOGIN).await.status, 303, "the outermost ones work");
}

#[actix_web::test]
async fn a_path_in_another_spelling_is_not_found() {
    let world = World::new().await;
    let answer = world.browser().get("/oauth/huggingface/l%6Fgin").await;
    assert_eq!((answer.status, answer.body.as_str()), (404, ""));
}
