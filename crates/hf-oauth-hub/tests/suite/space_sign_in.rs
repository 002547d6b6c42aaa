//! Signing in at the hub from the page of a Space, and in its frame.

use hf_oauth_hub::{LocalHub, SameSite, SpaceConfig};

use crate::support::*;

#[tokio::test]
async fn signing_in_from_the_page_of_a_space_leads_back_there_and_nowhere_else() {
    let space = SpaceConfig::new("http://127.0.0.1:7860");
    let hub = LocalHub::builder().space(space).start().await.unwrap();
    for (space, onward) in [
        ("local/space", "/spaces/local/space"),
        ("side-by-side", "/spaces/side-by-side"),
        ("//evil.example", "/"),
        ("../x", "/"),
        ("local/none", "/"),
    ] {
        let mut login = url::Url::parse(&hub.url("/login")).unwrap();
        login.query_pairs_mut().append_pair("space", space);
        let page = client().get(login).send().await.unwrap();
        let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let html = page.text().await.unwrap();
        let field = |name: &str| {
            let from = format!("name=\"{name}\" value=\"");
            let start = html.find(&from).unwrap() + from.len();
            html[start..].split('"').next().unwrap().to_owned()
        };
        let form = [("username", "ada".to_owned()), ("request", field("request")), ("token", field("token"))];
        let sent =
            client().post(hub.url("/login")).header("cookie", &cookie).form(&form).send().await.unwrap();
        assert_eq!(sent.headers()["location"], onward, "{space}");
        // A request that was changed on the way is not the form's.
        let planted = [("username", "ada"), ("request", "space=//evil.example"), ("token", &field("token"))];
        let sent =
            client().post(hub.url("/login")).header("cookie", &cookie).form(&planted).send().await.unwrap();
        assert_eq!(sent.status(), 403, "{space}");
    }
}

/// In the frame of another site a `Lax` cookie is neither sent nor kept, and the form of the page is the hub's own again.
#[tokio::test]
async fn a_form_without_its_lax_cookie_counts_only_from_the_hubs_own_page() {
    let lax = LocalHub::builder().same_site(SameSite::Lax).start().await.unwrap();
    let none = LocalHub::start().await.unwrap();
    for (hub, headers, status) in [
        (&lax, &[("origin", "OWN"), ("sec-fetch-site", "same-origin")][..], 303),
        (&lax, &[("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")], 403),
        (&lax, &[("origin", "OWN"), ("sec-fetch-site", "cross-site")], 403),
        (&lax, &[("origin", "null"), ("sec-fetch-site", "same-origin")], 403),
        (&lax, &[("origin", "OWN")], 403),
        (&lax, &[("sec-fetch-site", "same-origin")], 403),
        (&lax, &[], 403),
        (&none, &[("origin", "OWN"), ("sec-fetch-site", "same-origin")], 403),
    ] {
        let html = client().get(hub.url("/login")).send().await.unwrap().text().await.unwrap();
        let (_, rest) = html.split_once("name=\"token\" value=\"").unwrap();
        let token = rest.split('"').next().unwrap();
        let form = [("username", "ada"), ("request", ""), ("token", token)];
        let request = client().post(hub.url("/login")).form(&form);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, value.replace("OWN", hub.issuer()))
        });
        assert_eq!(request.send().await.unwrap().status(), status, "{headers:?}");
    }
}
