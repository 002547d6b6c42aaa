//! The module called twice, copied twice, and beside `@huggingface/hub` in the same browser.

use std::path::Path;

use serde_json::{Value, json};

use super::files::{self, File, serve};
use super::steps::{configured, hub};
use crate::support::browser::{Browser, Settings};
use crate::support::folder::Folder;
use crate::support::hub::Hub;
use crate::support::program::{Program, bare};
use crate::support::{environment, eventually};

const PAGE: &str = "<!DOCTYPE html><html lang=\"en\"><title>A page</title><script src=\"config.js\"></script>\
                    <script type=\"module\" src=\"run.js\"></script><button id=\"go\">Sign in</button>";

/// Calls the module twice in each of two copies, all at once, as StrictMode and two bundles do.
const TWICE: &str = "import * as one from './hf-sign-in.js'; import * as two from './copy.js';\n\
    const calls = [one, one, two, two].map((it) => it.init());\n\
    document.getElementById('go').onclick = () => one.signIn();\n\
    Promise.allSettled(calls).then((all) => { window.all = all.map((it) => it.value ? it.value.accessToken : it.reason?.rule ?? it.value); });";

async fn seen(browser: &Browser) -> Value {
    let seen = async || Some(browser.script("return window.all ?? null").await).filter(|all| !all.is_null());
    eventually("the page's results", seen).await
}

#[tokio::test]
async fn row_202_two_calls_in_two_copies_redeem_once_and_all_get_the_same() {
    let hub = hub("");
    let copy = files::example("hf-sign-in.js").unwrap();
    let page = serve(vec![
        ("index.html", PAGE.to_owned()),
        ("config.js", configured(&hub)),
        ("run.js", TWICE.to_owned()),
        ("copy.js", copy),
    ]);
    Browser::run("page-copies", async |browser| {
        browser.open(&page).await;
        assert_eq!(seen(browser).await, json!([null, null, null, null]));
        browser.click("#go").await;
        browser.click("button.person[value=grace]").await;
        browser.click("button[value=approve]").await;
        let all = seen(browser).await;
        let all = all.as_array().unwrap();
        assert!(all[0].as_str().unwrap().starts_with("hf_oauth_local_"), "{all:?}");
        assert!(all.iter().all(|it| it == &all[0]), "{all:?}");
        assert_eq!(hub.requests_to("/oauth/token").await.len(), 1);
        browser.reload().await;
        assert_eq!(seen(browser).await, json!(all), "after a reload too");
    })
    .await;
}

/// A page's module in one file, by esbuild; what it says where it cannot.
pub(super) fn bundled(packages: &Path, entry: &str) -> Result<String, String> {
    let esbuild = concat!(env!("CARGO_MANIFEST_DIR"), "/../../browser/node_modules/esbuild/bin/esbuild");
    let folder = Folder::new();
    let entry = folder.file("entry.js", entry);
    let mut command = bare("node");
    command.arg(esbuild).arg(&entry).args([
        "--bundle",
        "--format=esm",
        "--platform=browser",
        "--log-level=error",
        "--loader:.js=jsx",
        "--jsx=automatic",
        "--define:process.env.NODE_ENV=\"development\"",
    ]);
    command.env("NODE_PATH", packages);
    let (status, out, err) = Program::start(command).end();
    if status.success() { Ok(out) } else { Err(err) }
}

/// `@huggingface/hub` in one file; none where Node was left out.
fn peer() -> Option<String> {
    let packages = environment::node()?.join("node_modules");
    let names = "export { oauthLoginUrl, oauthHandleRedirectIfPresent } from";
    // By its name it does not go into a page with esbuild: its `exports` lead to the build for Node.
    let failed = bundled(&packages, &format!("{names} '@huggingface/hub';")).unwrap_err();
    assert!(failed.contains("Could not resolve \"os\""), "{failed}");
    let ours = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/page/hf-sign-in.js");
    bundled(&packages, &format!("{names} '{ours}';")).unwrap();
    let browsers = packages.join("@huggingface/hub/dist/browser/index.mjs");
    Some(bundled(&packages, &format!("{names} '{}';", browsers.display())).unwrap())
}

/// The same page, by whichever module stands in `peer.js`: it signs in by a click and says what came back.
const SIDE: &str = "import { oauthLoginUrl, oauthHandleRedirectIfPresent } from './peer.js';\n\
    const hubUrl = window.HF_OPENID_PROVIDER_URL;\n\
    document.getElementById('go').onclick = async () => {\n\
      try { location.href = await oauthLoginUrl({ clientId: 'page', hubUrl, scopes: 'openid profile', redirectUrl: location.origin + '/' }); }\n\
      catch (error) { window.all = String(error.message ?? error); } };\n\
    oauthHandleRedirectIfPresent({ hubUrl }).then((it) => { window.all = it ? it.userInfo.preferred_username : it; }, (error) => { window.all = String(error.message ?? error); });";

const OURS: &str = "export { oauthLoginUrl, oauthHandleRedirectIfPresent } from './hf-sign-in.js';";

fn side(hub: &Hub, module: &str) -> String {
    let files: Vec<File> = vec![
        ("index.html", PAGE.to_owned()),
        ("config.js", configured(hub)),
        ("run.js", SIDE.to_owned()),
        ("peer.js", module.to_owned()),
    ];
    serve(files)
}

/// What each of two tabs has that were begun one after the other, and what a reload has.
async fn two_tabs(module: &str, name: &str) -> (Vec<Value>, Value) {
    let hub = hub("");
    let page = side(&hub, module);
    let mut results = (Vec::new(), Value::Null);
    Browser::run(name, async |browser| {
        let mut tabs = Vec::new();
        for _ in 0..2 {
            tabs.push(browser.new_tab().await);
            browser.open(&page).await;
            assert_eq!(seen(browser).await, false, "no redirect, no sign-in");
            browser.click("#go").await;
            browser.find("button.person[value=grace]").await;
        }
        browser.go_to_tab(&tabs[0]).await;
        browser.click("button.person[value=grace]").await;
        browser.click("button[value=approve]").await;
        results.0.push(seen(browser).await);
        browser.go_to_tab(&tabs[1]).await;
        browser.reload().await;
        results.0.push(seen(browser).await);
        browser.reload().await;
        results.1 = seen(browser).await;
    })
    .await;
    results
}

#[tokio::test]
async fn row_202_two_tabs_and_a_reload_side_by_side_with_huggingface_hub() {
    let Some(peer) = peer() else { return };
    let (ours, reload) = two_tabs(OURS, "side-ours").await;
    if ours.is_empty() {
        return;
    }
    assert_eq!(ours, ["grace", "grace"], "both tabs finish");
    assert_eq!(reload, false, "after a reload there is no redirect any more; what was signed in is `init`'s");
    let (theirs, reload) = two_tabs(&peer, "side-theirs").await;
    // One record in localStorage for all tabs: the first to come back finds the second one's nonce.
    assert_ne!(theirs, ["grace", "grace"], "it has one place for all tabs' logins");
    println!("@huggingface/hub in two tabs: {theirs:?}; after a reload: {reload}");
    assert_ne!(reload, "grace", "nothing is kept");
}

#[tokio::test]
async fn plain_http_on_a_local_network_side_by_side_with_huggingface_hub() {
    let Some(peer) = peer() else { return };
    let hub = hub("");
    for (module, works) in [(OURS.to_owned(), true), (peer, false)] {
        let page = side(&hub, &module).replace("localhost", "hf-page.test");
        let app = json!({ "client_id": "page", "redirect_uris": [format!("{page}/")] });
        hub.control("apps", app).await;
        let settings = Settings { name_of_this_machine: Some("hf-page.test"), ..Settings::default() };
        Browser::run_with(settings, &format!("side-http-{works}"), async |browser| {
            browser.open(&page).await;
            assert_eq!(
                browser.script("return [isSecureContext, typeof crypto.subtle]").await,
                json!([false, "undefined"])
            );
            assert_eq!(seen(browser).await, false);
            browser.script("window.all = undefined").await;
            browser.click("#go").await;
            if works {
                browser.click("button.person[value=grace]").await;
                browser.click("button[value=approve]").await;
                assert_eq!(seen(browser).await, "grace");
            } else {
                let said = seen(browser).await;
                assert!(
                    said.as_str().unwrap().contains("crypto.randomUUID"),
                    "it needs what only https pages have: {said}"
                );
            }
        })
        .await;
    }
}
