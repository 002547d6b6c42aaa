//! What `docs/page.md` tells people to paste is pasted here, and works.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::copies::bundled;
use super::files::{example, serve};
use super::steps::{configured, hub};
use crate::support::browser::Browser;
use crate::support::environment;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const CDN: &str = "https://cdn.jsdelivr.net/npm/hf-oauth@0.1.0/dist/hf-sign-in.js";

/// The blocks of that language, in their order.
fn blocks(language: &str) -> Vec<String> {
    let guide = fs::read_to_string(Path::new(ROOT).join("docs/page.md")).unwrap();
    let begin = format!("```{language}\n");
    let blocks = guide.split(&begin).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned());
    blocks.collect()
}

const HEAD: &str =
    "<!DOCTYPE html><html lang=\"en\"><title>A page</title><script src=\"config.js\"></script>";

impl Browser {
    async fn approve_as_ada(&self) {
        self.click("button.person[value=ada]").await;
        self.click("button[value=approve]").await;
    }

    /// Clicks within the element's own tree.
    async fn click_part(&self, part: &str) {
        let script =
            format!("document.querySelector('hf-sign-in').shadowRoot.querySelector({part:?}).click()");
        self.script(&script).await;
    }
}

#[tokio::test]
async fn the_guides_script_tag_signs_in_on_a_blog_by_a_file_with_that_hash() {
    let hub = hub("");
    let html = blocks("html");
    assert!(html[0].contains(CDN) && html[0].contains("integrity=\"sha384-"), "{}", html[0]);
    let tag = html[0].replace(CDN, "hf-sign-in.js").replace("YOUR-CLIENT-ID", "page");
    let config = format!("window.HF_OPENID_PROVIDER_URL = {:?};", hub.url);
    let page = serve(vec![("index.html", format!("{HEAD}{}{tag}", html[1])), ("config.js", config)]);
    Browser::run("guide-blog", async |browser| {
        browser.open(&page).await;
        browser.reads(&["Nobody is signed in."]).await;
        browser.find("hf-sign-in").await;
        browser.click("hf-sign-in").await;
        browser.approve_as_ada().await;
        browser.reads(&["Hello ada"]).await;
        browser.picture("guide-blog").await;
        browser.reload().await;
        browser.reads(&["Hello ada"]).await;
        browser.click("hf-sign-in").await;
        browser.picture("guide-blog-menu").await;
        browser.click_part("button[part=item]").await;
        browser.reads(&["Nobody is signed in."]).await;
    })
    .await;
}

#[tokio::test]
async fn the_guides_static_space_asks_a_model() {
    let hub = hub("");
    let (html, js) = (blocks("html"), blocks("js"));
    let variables = json!({ "OAUTH_CLIENT_ID": "page", "OAUTH_SCOPES": "openid profile inference-api", "OPENID_PROVIDER_URL": hub.url });
    // What a Space puts in front of a page's own scripts.
    let config = format!(
        "window.huggingface = {{ variables: {variables} }}; window.HF_INFERENCE_ENDPOINT = {:?};",
        hub.url
    );
    let index = html[2].replacen("<title>", "<script src=\"config.js\"></script>\n<title>", 1);
    let page = serve(vec![("index.html", index), ("config.js", config), ("app.js", js[0].clone())]);
    Browser::run("guide-space", async |browser| {
        browser.open(&page).await;
        browser.type_into("input", "Who am I?").await;
        browser.click("#ask button").await;
        browser.reads(&["Sign in first."]).await;
        browser.click("hf-sign-in > button").await;
        browser.approve_as_ada().await;
        let signed_in = async || browser.module("return it.token()").await.is_string().then_some(());
        crate::support::eventually("a token", signed_in).await;
        browser.type_into("input", "Who am I?").await;
        browser.click("#ask button").await;
        browser.reads(&["Hello Ada Lovelace!", "Who am I?"]).await;
    })
    .await;
    let metadata = &blocks("yaml")[0];
    assert!(example("README.md").unwrap().contains(metadata.as_str()), "the example is a Space of that kind");
}

#[tokio::test]
async fn the_guides_react_app_signs_in_once_in_strict_mode() {
    let Some(node) = environment::node() else { return };
    let hub = hub("");
    let ours = format!("{ROOT}/examples/page/hf-sign-in.js");
    let main = "import { StrictMode } from 'react'; import { createRoot } from 'react-dom/client';\n\
                createRoot(document.getElementById('root')).render(<StrictMode><Account options={{ scopes: 'openid profile' }} /></StrictMode>);";
    let entry = format!("{}\n{main}", blocks("jsx")[0]).replace("\"hf-oauth\"", &format!("{ours:?}"));
    let app = bundled(&node.join("node_modules"), &entry).unwrap();
    let index = format!("{HEAD}<div id=\"root\"></div><script type=\"module\" src=\"app.js\"></script>");
    let page = serve(vec![("index.html", index), ("config.js", configured(&hub)), ("app.js", app)]);
    Browser::run("guide-react", async |browser| {
        browser.open(&page).await;
        browser.reads(&["Sign in with Hugging Face"]).await;
        browser.click("#root button").await;
        browser.approve_as_ada().await;
        browser.reads(&["Hello ada"]).await;
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1, "StrictMode runs effects twice");
        browser.reload().await;
        browser.reads(&["Hello ada"]).await;
        browser.click("#root button").await;
        browser.reads(&["Sign in with Hugging Face"]).await;
    })
    .await;
}

#[tokio::test]
async fn the_guides_page_of_huggingface_hub_works_with_another_import() {
    let hub = hub("");
    let moved = blocks("js")[1].replace("\"hf-oauth\"", "\"./hf-sign-in.js\"");
    let index = format!("{HEAD}<body><script type=\"module\" src=\"app.js\"></script>");
    let page = serve(vec![("index.html", index), ("config.js", configured(&hub)), ("app.js", moved)]);
    Browser::run("guide-moved", async |browser| {
        browser.open(&page).await;
        browser.click("button").await;
        browser.approve_as_ada().await;
        browser.reads(&["Hello Ada Lovelace"]).await;
    })
    .await;
}

#[test]
fn the_guides_policy_is_the_examples() {
    let policy = &blocks("html")[3];
    assert!(
        policy.starts_with("<meta") && example("index.html").unwrap().contains(policy.as_str()),
        "{policy}"
    );
}
