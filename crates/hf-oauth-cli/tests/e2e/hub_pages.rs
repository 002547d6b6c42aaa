//! The local Hub's own pages in a real browser.

use crate::support::browser::{Browser, Key};
use crate::support::http;
use crate::support::hub::Hub;
use crate::support::steps::APPROVE;

const HUB: &str = r#"
    [[apps]]
    client_id = "an-app"
    name = "An app"
    redirect_uris = ["http://localhost/cb"]
"#;

const ASKED: &str = "response_type=code&client_id=an-app&scope=openid+profile+inference-api+write-repos&state=s\
                     &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

#[tokio::test]
async fn every_page_of_the_hub_fits_a_phone_by_day_and_by_night() {
    let hub = Hub::start(HUB);
    Browser::run("hub-pages", async |browser| {
        let asked = format!("{}/oauth/authorize?{ASKED}&redirect_uri=http://localhost:9/cb", hub.url);
        for dark in [false, true] {
            let light = if dark { "dark" } else { "light" };
            let look = async |page: &str| {
                for (width, height) in [(390, 844), (1280, 900)] {
                    browser.screen(width, height).await;
                    browser.fits(&format!("hub {page}")).await;
                    browser.picture(&format!("hub-{page}-{light}-{width}")).await;
                }
            };
            browser.delete_all_cookies().await;
            browser.dark(dark).await;
            browser.open(&asked).await;
            browser.reads(&["Who do you want to be?", "An app", "Ada Lovelace", "not huggingface.co"]).await;
            look("personas").await;
            browser.click("button[value=linus]").await;
            browser.reads(&["An app asks for access", "Laboratory 200", "write-repos"]).await;
            look("consent").await;
            browser.open(&hub.url).await;
            browser.reads(&["A Hub of your own", "Signed in as Linus Pauling"]).await;
            look("home").await;
            browser.open(&asked.replace(":9/cb", ":9/elsewhere")).await;
            browser.reads(&["an-app", "http://localhost:9/elsewhere", "http://localhost/cb"]).await;
            assert!(browser.url().await.starts_with(&hub.url), "never a redirect");
            look("wrong-redirect-uri").await;
        }
        let outside: Vec<String> = browser.requests().await;
        assert!(outside.iter().all(|url| url.starts_with(&hub.url)), "{outside:?}");
    })
    .await;
}

/// A device that waits, as the Hub's own command line begins; gives the code to type.
async fn waiting_device(hub: &Hub) -> String {
    let asked = http::client().post(format!("{}/oauth/device", hub.url));
    let asked = asked.form(&[("client_id", hf_oauth::App::HUB_CLI_CLIENT_ID)]).send().await.unwrap();
    http::json(asked).await["user_code"].as_str().unwrap().to_owned()
}

/// What the focused element is called by whoever cannot see it: its label, and what describes it.
const CALLED: &str = "const it = document.activeElement; const description = it.getAttribute('aria-describedby'); \
    return [it.id, it.labels[0].textContent, it.getAttribute('aria-invalid'), \
            description && document.getElementById(description).textContent];";

#[tokio::test]
async fn every_page_of_the_device_flow_fits_a_phone_by_day_and_by_night() {
    let hub = Hub::start("");
    Browser::run("device-pages", async |browser| {
        let page = format!("{}/oauth/device", hub.url);
        for dark in [false, true] {
            let light = if dark { "dark" } else { "light" };
            let look = async |page: &str| {
                for (width, height) in [(390, 844), (1280, 900)] {
                    browser.screen(width, height).await;
                    browser.fits(&format!("device {page}")).await;
                    browser.full_picture(&format!("device-{page}-{light}-{width}")).await;
                }
            };
            browser.delete_all_cookies().await;
            browser.dark(dark).await;

            browser.open(&page).await;
            browser.reads(&["Connect a device", "Type the code"]).await;
            look("code").await;
            let called = browser.script(CALLED).await;
            assert_eq!(called, serde_json::json!(["user_code", "Code", null, null]));

            browser.type_into("#user_code", "wxyz-2345").await;
            browser.press(&[Key::Enter]).await;
            browser.reads(&["No device waits under wxyz-2345"]).await;
            look("wrong-code").await;
            let called = browser.script(CALLED).await;
            assert_eq!((&called[0], &called[2]), (&"user_code".into(), &"true".into()), "{called}");
            assert!(called[3].as_str().unwrap().contains("No device waits"), "{called}");

            // As people type it: in small letters, without the hyphen; the wrong one is not in the way.
            let code = waiting_device(&hub).await;
            browser.type_into("#user_code", &code.to_lowercase().replace('-', " ")).await;
            browser.press(&[Key::Enter]).await;
            browser.reads(&["Who do you want to be?", "Hugging Face CLI"]).await;
            look("personas").await;
            browser.tab_to("button.person[value=ada]").await;
            browser.press(&[Key::Enter]).await;
            browser.reads(&["asks for access", &code, "Ada Lovelace", "you started this yourself"]).await;
            look("consent").await;
            // Nobody approves by pressing Enter where they happen to be.
            let focus = browser.script("return document.activeElement.tagName").await;
            assert_eq!(focus, "BODY");
            browser.tab_to(APPROVE).await;
            browser.press(&[Key::Enter]).await;
            browser.reads(&["Your device is connected", "You can close this page"]).await;
            look("connected").await;

            browser.open(&format!("{page}?user_code={code}")).await;
            browser.reads(&["No device waits under"]).await;
            look("used-code").await;

            // Consent is asked for every time.
            let code = waiting_device(&hub).await;
            browser.open(&format!("{page}?user_code={code}")).await;
            browser.reads(&["asks for access", &code]).await;
            browser.tab_to("button[value=deny]").await;
            browser.press(&[Key::Enter]).await;
            browser.reads(&["Denied", "gets no access"]).await;
            look("denied").await;

            let code = waiting_device(&hub).await;
            browser.open(&format!("{page}?user_code={code}")).await;
            browser.find(APPROVE).await;
            hub.control("clock", serde_json::json!({ "advance": 301 })).await;
            browser.click(APPROVE).await;
            browser.reads(&["No device waits under", "expired"]).await;
            look("expired").await;
        }
        let outside: Vec<String> = browser.requests().await;
        assert!(outside.iter().all(|url| url.starts_with(&hub.url)), "{outside:?}");
    })
    .await;
}
