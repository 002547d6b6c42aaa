//! The local Hub's own pages in a real browser.

use crate::support::browser::Browser;
use crate::support::hub::Hub;

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
