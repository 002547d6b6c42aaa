//! Every page that is ours in the eyes of axe-core and html-validate, on a screen and on a phone, by day and by night.

use crate::support::browser::{Browser, Inspection, Key};
use crate::support::demo::Demo;
use crate::support::http;
use crate::support::hub::Hub;
use crate::support::others::page_of_others;
use crate::support::steps::{APPROVE, SIGN_IN};

/// Runs `test` with a browser and an inspection, and fails with everything that it found.
async fn inspect(name: &str, test: impl AsyncFnOnce(&Browser, &mut Inspection<'_>)) {
    Browser::run(name, async |browser| {
        let Some(mut inspection) = Inspection::new(browser) else { return };
        test(browser, &mut inspection).await;
        inspection.end();
    })
    .await;
}

#[tokio::test]
async fn every_page_of_the_demo_is_accessible_and_valid() {
    let demo = Demo::start();
    inspect("accessible-demo", async |browser, inspection| {
        browser.open(&demo.url).await;
        browser.find(SIGN_IN).await;
        inspection.page("demo-signed-out").await;
        browser.sign_in(&demo, "ada").await;
        inspection.page("demo-signed-in").await;
        browser.ask("Why is the sky blue?").await;
        inspection.page("demo-answered").await;
    })
    .await;
}

#[tokio::test]
async fn every_page_of_the_web_layer_is_accessible_and_valid() {
    let demo = Demo::start();
    // Another site than the demo's.
    let others = format!("http://127.0.0.1:{}/", page_of_others("<p>Others."));
    inspect("accessible-web", async |browser, inspection| {
        browser.open(&demo.at("/oauth/huggingface/callback?error=server_error&state=unknown")).await;
        browser.reads(&["Your browser did not keep the sign-in cookie"]).await;
        inspection.page("web-lost-login").await;
        browser.go_to_consent(&demo, "ada").await;
        browser.click("button[value=deny]").await;
        browser.reads(&["You did not give access"]).await;
        inspection.page("web-denied").await;
        browser.go_to_consent_again(&demo).await;
        browser.approve().await;
        browser.open(&others).await;
        browser.script(&format!("location.href = {:?}", demo.at("/oauth/huggingface/logout"))).await;
        browser.reads(&["Sign out?"]).await;
        inspection.page("web-logout-asked").await;
        browser.open(&others).await;
        let form =
            "const form = document.createElement('form'); form.method = 'post'; document.body.append(form);";
        let logout = demo.at("/oauth/huggingface/logout");
        browser.script(&format!("{form} form.action = {logout:?}; form.submit();")).await;
        browser.reads(&["cross_site_logout"]).await;
        inspection.page("web-cross-site-logout").await;
    })
    .await;
}

#[tokio::test]
async fn the_page_of_a_provider_that_is_away_is_accessible_and_valid() {
    // Nobody listens there.
    let demo = Demo::of_provider("http://127.0.0.1:9", "demo", &[]);
    inspect("accessible-away", async |browser, inspection| {
        browser.open(&demo.at("/oauth/huggingface/login")).await;
        browser.find("main h1").await;
        inspection.page("web-provider-away").await;
    })
    .await;
}

#[tokio::test]
async fn the_page_in_a_foreign_frame_is_accessible_and_valid() {
    let demo = Demo::start();
    let frame =
        format!("<iframe title=\"The app\" src=\"{}\" style=\"width:100%;height:80vh\"></iframe>", demo.url);
    let others = format!("http://127.0.0.1:{}/", page_of_others(&frame));
    inspect("accessible-frame", async |browser, inspection| {
        browser.open(&others).await;
        let framed = http::client().get(&demo.url).header("sec-fetch-dest", "iframe");
        let framed = framed.header("sec-fetch-mode", "navigate").header("sec-fetch-site", "cross-site");
        let framed = framed.send().await.unwrap().text().await.unwrap();
        inspection.frame("web-framed", &framed).await;
    })
    .await;
}

const HUB: &str = r#"
    [[apps]]
    client_id = "an-app"
    name = "An app"
    redirect_uris = ["http://localhost/cb"]
"#;

const ASKED: &str = "response_type=code&client_id=an-app&scope=openid+profile+inference-api+write-repos&state=s\
                     &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

#[tokio::test]
async fn every_page_of_the_hub_is_accessible_and_valid() {
    let hub = Hub::start(HUB);
    let app = format!("http://localhost:{}/cb", page_of_others("<p>Back at the app."));
    inspect("accessible-hub", async |browser, inspection| {
        let asked = format!("{}/oauth/authorize?{ASKED}&redirect_uri={app}", hub.url);
        browser.open(&hub.url).await;
        browser.reads(&["A Hub of your own"]).await;
        inspection.page("hub-home").await;
        browser.open(&asked).await;
        browser.reads(&["Who do you want to be?"]).await;
        inspection.page("hub-sign-in").await;
        browser.click("button[value=linus]").await;
        browser.reads(&["An app asks for access", "Laboratory 200"]).await;
        inspection.page("hub-consent").await;
        browser.open(&hub.url).await;
        browser.reads(&["Signed in as Linus Pauling"]).await;
        inspection.page("hub-home-signed-in").await;
        browser.open(&asked.replace("/cb", "/elsewhere")).await;
        browser.reads(&[&app.replace("/cb", "/elsewhere")]).await;
        inspection.page("hub-wrong-redirect-uri").await;
        browser.open(&format!("{}/settings/connected-applications", hub.url)).await;
        browser.reads(&["No app has access"]).await;
        inspection.page("hub-no-application").await;
        browser.open(&asked).await;
        browser.click(APPROVE).await;
        browser.reads(&["Back at the app."]).await;
        browser.open(&format!("{}/settings/connected-applications", hub.url)).await;
        browser.find("button[value=an-app]").await;
        inspection.page("hub-an-application").await;
        browser.open(&format!("{}/linus", hub.url)).await;
        browser.reads(&["Linus Pauling"]).await;
        inspection.page("hub-profile").await;
    })
    .await;
}

#[tokio::test]
async fn every_page_of_spaces_is_accessible_and_valid() {
    let frames = [(); 2].map(|()| format!("http://127.0.0.1:{}", page_of_others("<h1>An app</h1>")));
    let none = Hub::start("");
    let hub = Hub::start_with("", &["--space", &frames[0], "--space", &frames[1]]);
    inspect("accessible-spaces", async |browser, inspection| {
        browser.open(&format!("{}/spaces", none.url)).await;
        browser.reads(&["--space"]).await;
        inspection.page("spaces-none").await;
        browser.open(&format!("{}/spaces", hub.url)).await;
        browser.reads(&["local/space-2"]).await;
        inspection.page("spaces").await;
        browser.open(&format!("{}/spaces/local/space", hub.url)).await;
        browser.reads(&["Nobody is signed in"]).await;
        inspection.page("space").await;
        browser.click_words("Choose a person").await;
        browser.click("button.person[value=ada]").await;
        browser.reads(&["Ada Lovelace", "Sign out"]).await;
        inspection.page("space-signed-in").await;
        browser.open(&format!("{}/spaces/side-by-side", hub.url)).await;
        browser.reads(&["Side by side", "Ada Lovelace"]).await;
        inspection.page("spaces-side-by-side").await;
    })
    .await;
}

#[tokio::test]
async fn every_page_of_the_device_flow_is_accessible_and_valid() {
    let hub = Hub::start("");
    let page = format!("{}/oauth/device", hub.url);
    let waiting = async || {
        let asked = http::client().post(&page).form(&[("client_id", hf_oauth::App::HUB_CLI_CLIENT_ID)]);
        http::json(asked.send().await.unwrap()).await["user_code"].as_str().unwrap().to_owned()
    };
    inspect("accessible-device", async |browser, inspection| {
        browser.open(&page).await;
        browser.reads(&["Connect a device"]).await;
        inspection.page("device-code").await;
        browser.type_into("#user_code", "wxyz-2345").await;
        browser.press(&[Key::Enter]).await;
        browser.reads(&["No device waits under wxyz-2345"]).await;
        inspection.page("device-wrong-code").await;
        browser.open(&format!("{page}?user_code={}", waiting().await)).await;
        browser.reads(&["Who do you want to be?"]).await;
        browser.click("button.person[value=ada]").await;
        browser.find(APPROVE).await;
        inspection.page("device-consent").await;
        browser.click(APPROVE).await;
        browser.reads(&["Your device is connected"]).await;
        inspection.page("device-connected").await;
        browser.open(&format!("{page}?user_code={}", waiting().await)).await;
        browser.find(APPROVE).await;
        browser.click("button[value=deny]").await;
        browser.reads(&["gets no access"]).await;
        inspection.page("device-denied").await;
    })
    .await;
}
