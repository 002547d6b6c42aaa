//! Where people come back to: this site, and nowhere else.

use std::fs;

use http::Method;
use url::Url;

use crate::adapter::Adapter;
use crate::browser::Browser;
use crate::world::{CALLBACK, LOGIN, LOGOUT, World, encoded};

const BASE: &str = "http://localhost:7860";

/// Resolved by a browser from any of our routes, it stays on our origin.
fn assert_ours(location: &str, wish: &str) {
    for route in [LOGIN, CALLBACK, LOGOUT] {
        let base = Url::parse(&format!("{BASE}{route}?a=b")).unwrap();
        let resolved =
            base.join(location).unwrap_or_else(|error| panic!("{error}: {location:?} of {wish:?}"));
        assert_eq!(resolved.origin(), base.origin(), "{wish:?} led to {location:?}");
    }
}

async fn logout_to(browser: &Browser, query: &str) -> Option<String> {
    let target = format!("{LOGOUT}?{query}");
    target.parse::<http::Uri>().ok()?;
    let answer = browser.ask(Method::POST, &target, &[("sec-fetch-site", "same-origin")], "").await;
    if answer.is_the_server_s_own_refusal() {
        return None;
    }
    assert_eq!(answer.status, 303, "{target}");
    Some(answer.location().to_owned())
}

/// Where a whole login with this wish ends.
async fn login_to(world: &World, query: &str) -> String {
    let mut browser = world.browser();
    let started = browser.get(&format!("{LOGIN}?{query}")).await;
    assert_eq!(started.status, 303, "{query}");
    let back = world.hub.approve(started.location(), "grace").await.unwrap();
    // The callback's own query has no say.
    let answer = browser.get(&format!("{back}&{query}")).await;
    assert_eq!(answer.status, 303, "{query}");
    answer.location().to_owned()
}

/// Prefixes, hosts and suffixes that browsers and servers have read differently.
fn generated() -> Vec<String> {
    let starts = [
        "//",
        "///",
        "////",
        "/\\",
        "\\\\",
        "\\/",
        "/\t/",
        "/\n/",
        "/\r/",
        "\t//",
        " //",
        "/ /",
        "/%2f",
        "/%5c",
        "/%09/",
        "/%0a/",
        "/%00/",
        "/.//",
        "/./",
        "/..//",
        "/../",
        "/a/..//",
        "/%2e%2e//",
        "/;//",
        "/?//",
        "//;@",
        "https:",
        "https:/",
        "https://",
        "HTTPS://",
        "http:\\\\",
        "javascript:",
        "JaVaScRiPt://",
        "data:text/html,",
        "//user@",
        "//localhost:7860@",
        "http://localhost:7860@",
        "http://localhost:7860.",
        "/\u{3000}/",
        "\u{2028}//",
        "/\u{ff0f}",
        "/%E3%80%82/",
        "\u{0}//",
        "/\u{7f}/",
        "/%u002f",
    ];
    let hosts =
        ["evil.example", "evil%2eexample", "[::1]", "2130706433", "evil.example:80", "evil\u{3002}example"];
    let ends = ["", "/", "/%2f..", "?x", "#x", "/.."];
    starts
        .iter()
        .flat_map(|start| hosts.iter().map(move |host| format!("{start}{host}")))
        .flat_map(|text| ends.iter().map(move |end| format!("{text}{end}")))
        .collect()
}

const OWN_LIST: &[&str] = &[
    "////evil",
    "/\\evil",
    "/%5Cevil",
    "/\t/evil",
    "https:evil",
    "/.//evil",
    "//evil.example/..;/",
    "/https://evil.example",
    "/\\/evil",
    "///\\;@evil.example",
    "https:///evil.example/%2e%2e",
    "/%2f%2fevil",
    "//%2fevil",
    "/\\t/evil",
    "/\u{a0}/evil",
    "http:evil",
    "//evil%E3%80%82example",
    "/<>//evil",
    "/%0d%0aLocation:%20//evil",
    "\\evil",
    "..//evil",
    ".//evil",
    "evil.example",
    "@evil.example",
    ":evil",
    "?//evil",
    "#//evil",
    "blob:https://evil.example/x",
    "//\\evil",
    "/%01//evil",
    "/\u{1}//evil",
    "//[evil",
    "http://[::1]evil",
    "/oauth/huggingface/login?_target_url=//evil",
];

/// One payload a line, where the lists are beside the project.
fn foreign_lists() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/payloads");
    let files = ["open-redirect-mod_auth_openidc.txt", "open-redirect-oauth2-proxy.txt"];
    let texts = files.iter().filter_map(|file| fs::read(format!("{folder}/{file}")).ok());
    texts
        .flat_map(|text| String::from_utf8_lossy(&text).lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

async fn row_068_no_wish_leads_off_this_site_at_the_logout(adapter: Adapter) {
    let world = World::new(adapter).await;
    let browser = world.browser();
    let own = OWN_LIST.iter().map(|wish| (*wish).to_owned());
    let mut asked = 0;
    for wish in own.chain(generated()).chain(foreign_lists()) {
        // As a link would have it, and as a careless one would.
        for query in [format!("_target_url={}", encoded(&wish)), format!("_target_url={wish}")] {
            if let Some(location) = logout_to(&browser, &query).await {
                assert_ours(&location, &wish);
                asked += 1;
            }
        }
    }
    assert!(asked > 2_000, "{asked}");
}

async fn row_068_no_wish_leads_off_this_site_at_the_login_and_its_callback(adapter: Adapter) {
    let world = World::new(adapter).await;
    let own = OWN_LIST.iter().map(|wish| (*wish).to_owned());
    let sample = generated().into_iter().step_by(23);
    for wish in own.chain(sample).chain(foreign_lists()) {
        assert_ours(&login_to(&world, &format!("_target_url={}", encoded(&wish))).await, &wish);
    }
}

async fn row_068_honest_paths_come_back_byte_for_byte(adapter: Adapter) {
    let world = World::new(adapter).await;
    for path in [
        "/",
        "/models?sort=new&q=a%20b+c#top",
        "/a//b",
        "/%E2%9C%93",
        "/x?next=https://other.example/%2F..",
        "/a.b/..c/~d;e=1,2",
        "/?//x",
    ] {
        let query = format!("_target_url={}", encoded(path));
        assert_eq!(login_to(&world, &query).await, path);
        assert_eq!(logout_to(&world.browser(), &query).await.unwrap(), path);
    }
}

async fn row_069_what_no_header_can_carry_falls_back_to_the_front_page(adapter: Adapter) {
    let world = World::new(adapter).await;
    let browser = world.browser();
    let long = format!("_target_url=/{}", "a".repeat(16_384));
    for query in [
        "_target_url=/a%0d%0aSet-Cookie:%20x=1",
        "_target_url=/a%0dx",
        "_target_url=/a%0ax",
        "_target_url=/a%00",
        "_target_url=/caf%C3%A9",
        "_target_url=/caf%E9",
        "_target_url=%252F%252Fevil.example",
        "_target_url=/a&_target_url=/b",
        "_target_url",
        "_target_url=",
        "_target_url=/oauth/huggingface/login?_target_url=/x",
        "_target_url=/oauth/huggingface/callback",
        "_target_url=/oauth/huggingface/logout",
        "_target_url=/oauth/huggingface/login/switch",
        long.as_str(),
    ] {
        assert_eq!(logout_to(&browser, query).await.as_deref(), Some("/"), "{query:.60}");
        assert_eq!(login_to(&world, query).await, "/", "{query:.60}");
    }
    // Decoded once: what is encoded twice is a path with percent signs.
    assert_eq!(login_to(&world, "_target_url=/a%252Fb").await, "/a%2Fb");
}

async fn row_069_links_do_not_nest(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let mut link = format!("{LOGIN}?_target_url=/me");
    let longest = link.len();
    for _ in 0..20 {
        link = format!("{LOGIN}?_target_url={}", encoded(&link));
        let started = browser.get(&link).await;
        assert_eq!(started.status, 303);
        let denied = world.hub.deny(started.location(), "ada").await.unwrap();
        let page = browser.get(&denied).await.body;
        let next = page.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(next.len() <= longest, "{next}");
        link = next.to_owned();
    }
}

async fn row_014_a_link_decides_where_to_come_back_to_and_nothing_else(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    let evil = "scope=manage-repos&orgIds=x&prompt=none&client_id=evil&redirect_uri=https://evil.example/&state=s\
                &nonce=n&code_challenge=c&code_challenge_method=plain&response_type=token&iss=x&response_mode=fragment";
    let started = browser.get(&format!("{LOGIN}?{evil}&_target_url=/me")).await;
    let url = Url::parse(started.location()).unwrap();
    let mut names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "client_id",
            "code_challenge",
            "code_challenge_method",
            "nonce",
            "redirect_uri",
            "response_type",
            "scope",
            "state"
        ],
        "each once"
    );
    let get = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(get("client_id"), "app");
    assert_eq!(get("scope"), "openid profile");
    assert_eq!(get("code_challenge_method"), "S256");
    assert_eq!(get("response_type"), "code");
    assert_eq!(get("redirect_uri"), format!("{BASE}{CALLBACK}"));
    assert!(!started.location().contains("evil"));
}

on_every_adapter! {
    row_068_no_wish_leads_off_this_site_at_the_logout,
    row_068_no_wish_leads_off_this_site_at_the_login_and_its_callback,
    row_068_honest_paths_come_back_byte_for_byte,
    row_069_what_no_header_can_carry_falls_back_to_the_front_page,
    row_069_links_do_not_nest,
    row_014_a_link_decides_where_to_come_back_to_and_nothing_else,
}
