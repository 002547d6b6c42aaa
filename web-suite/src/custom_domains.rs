//! A Space with custom domains: what begins on one ends there, and nothing but the redirect goes from one to another.

use http::Method;

use crate::adapter::Adapter;
use crate::browser::{Browser, FETCH, NAVIGATION};
use crate::frame::{click, go, in_frame_of, state_of};
use crate::world::{CALLBACK, LOGIN, World};

const HOME: &str = "ada-app.hf.space";
const DOMAIN: &str = "app.example.com";

/// A tab of one browser at one of the Space's addresses: cookies are kept by host.
struct Tab {
    home: Browser,
    domain: Browser,
}

impl Tab {
    fn new(world: &World) -> Self {
        Self { home: Browser::new(&world.app).at(HOME), domain: Browser::new(&world.app).at(DOMAIN) }
    }

    fn at(&mut self, url: &str) -> &mut Browser {
        let rest = url.strip_prefix("https://").unwrap_or_else(|| panic!("no address of the app: {url}"));
        match rest.split('/').next().unwrap() {
            HOME => &mut self.home,
            DOMAIN => &mut self.domain,
            other => panic!("sent to {other}"),
        }
    }
}

fn redirect_uri(authorize_url: &str) -> String {
    let url = url::Url::parse(authorize_url).unwrap();
    url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned()
}

async fn row_016_a_login_on_a_custom_domain_ends_there_in_the_frame_and_outside(adapter: Adapter) {
    let world = World::space(adapter).await;
    let outside: Vec<_> = NAVIGATION.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    for headers in [outside, in_frame_of(world.hub.issuer())] {
        let mut tab = Tab::new(&world);
        let started = go(&mut tab.domain, Method::GET, &format!("{LOGIN}?_target_url=/me"), &headers).await;
        let uri = redirect_uri(started.location());
        assert_eq!(
            uri,
            format!("https://{HOME}{CALLBACK}?_host={DOMAIN}"),
            "the Hub knows the first host alone"
        );
        let back = world.hub.approve(started.location(), "ada").await.unwrap();
        let on = go(tab.at(&back), Method::GET, &back, &headers).await;
        assert_eq!(on.status, 303);
        assert!(on.location().starts_with(&format!("https://{DOMAIN}{CALLBACK}?")), "{}", on.location());
        assert!(on.set_cookies().is_empty() && on.body.is_empty(), "no session crosses");
        assert_eq!(on.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(on.header("cache-control"), Some("no-store, private"));
        let done = go(tab.at(on.location()), Method::GET, on.location(), &headers).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/me"));
        assert_eq!(tab.domain.fetch("/me").await.json()["name"], "ada");
        assert!(tab.home.jar.is_empty(), "each address has its own");
        assert_eq!(tab.home.fetch("/me").await.status, 401);
        // Forms and sockets of that domain are the app's own.
        let form = [("origin", "https://app.example.com")];
        assert_eq!(tab.domain.send(Method::POST, "/form", &form, "").await.status, 200);
        let form = [("origin", "https://ada-app.hf.space")];
        assert_ne!(tab.domain.send(Method::POST, "/form", &form, "").await.status, 200);
    }
}

async fn row_016_the_first_host_of_a_space_is_the_redirect_host_everywhere(adapter: Adapter) {
    let world = World::space(adapter).await;
    for host in [HOME, DOMAIN, "ADA-APP.hf.space", "App.Example.com"] {
        let started = Browser::new(&world.app).at(host).get(LOGIN).await;
        let uri = redirect_uri(started.location());
        assert!(uri.starts_with(&format!("https://{HOME}{CALLBACK}")), "{host}: {uri}");
        assert!(started.location().contains("scope=openid+profile+inference-api"), "{}", started.location());
    }
}

async fn row_016_a_redirect_goes_on_to_no_address_that_is_not_set_up_and_once(adapter: Adapter) {
    let world = World::space(adapter).await;
    let state = state_of(Browser::new(&world.app).at(DOMAIN).get(LOGIN).await.location());
    for host in [
        "evil.example",
        "app.example.com.evil.example",
        "app.example.com%40evil.example",
        "app.example.com%2F%40evil.example",
        "app.example.com:8443",
        "APP.example.com",
        "//app.example.com",
        "ada-app.hf.space",
        "",
        "app.example.com&_host=evil.example",
        "evil.example&_host=app.example.com",
        "app.example.com&_here=1",
    ] {
        let link = format!("{CALLBACK}?_host={host}&code=c&state={state}");
        let answer = Browser::new(&world.app).at(HOME).get(&link).await;
        let location = answer.header("location").unwrap_or_default();
        let to_hub = location.starts_with(&world.hub.url("/oauth/authorize?"));
        assert!(location.is_empty() || to_hub, "{host}: {location}");
    }
    // Behind a proxy that says another host the browser seems never to arrive: it is not sent about.
    let link = format!("{CALLBACK}?_host={DOMAIN}&code=c&state={state}");
    let on = Browser::new(&world.app).at(HOME).get(&link).await;
    let again = Browser::new(&world.app).at(HOME).get(on.location()).await;
    let location = again.header("location").unwrap_or_default();
    assert!(!location.contains(DOMAIN) || location.starts_with(world.hub.issuer()), "{location}");
    assert_eq!(world.token_requests(), 0);
}

async fn row_016_a_domain_whose_cookie_is_lost_ends_after_two_visits(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut tab = Tab::new(&world);
    tab.domain.keeps_cookies = false;
    let mut answer = tab.domain.get(&format!("{LOGIN}?_target_url=/me")).await;
    let (mut visits, mut steps) = (0, 0);
    while answer.status == 303 {
        steps += 1;
        assert!(steps < 10, "{}", answer.location());
        let next = if answer.location().starts_with(world.hub.issuer()) {
            visits += 1;
            world.hub.approve(answer.location(), "ada").await.unwrap()
        } else {
            answer.location().to_owned()
        };
        answer = tab.at(&next).get(&next).await;
    }
    assert_eq!((visits, answer.status.as_u16(), answer.code().as_str()), (2, 400, "login_lost"));
}

async fn row_206_another_address_of_the_app_finishes_no_login_of_a_domain(adapter: Adapter) {
    let world = World::space(adapter).await;
    let mut victim = Tab::new(&world);
    let started = victim.domain.get(LOGIN).await;
    let back = world.hub.approve(started.location(), "ada").await.unwrap();
    // Somebody who saw the way back tries it at every address, before the person does.
    for host in [HOME, DOMAIN, "www.app.example.com"] {
        let mut thief = Browser::new(&world.app).at(host);
        let on = thief.get(&back).await;
        if on.status == 303 && on.location().contains(CALLBACK) {
            let mut there = Browser::new(&world.app).at(DOMAIN);
            there.get(on.location()).await;
            assert_eq!(there.fetch("/me").await.status, 401, "{host}");
        }
        assert_eq!(thief.send(Method::GET, "/me", FETCH, "").await.status, 401, "{host}");
    }
    assert_eq!(world.token_requests(), 0, "no code is used up by it");
    let on = victim.home.get(&back).await;
    assert_eq!(victim.domain.get(on.location()).await.location(), "/");
    assert_eq!(click(&mut victim.domain, "/me").await.json()["name"], "ada");
}

#[tokio::test]
async fn row_016_a_custom_domain_that_is_no_host_stops_the_start() {
    for hosts in ["a.hf.space,evil.example/path@", "a.hf.space,https://b.example", "a.hf.space,b c"] {
        let settings = hf_oauth_web::HuggingFace::from_vars(|name| {
            Some(match name {
                "SPACE_HOST" => hosts.to_owned(),
                "OPENID_PROVIDER_URL" => "https://huggingface.co".to_owned(),
                other => format!("{other}-4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c"),
            })
        });
        let error = settings.start().await.unwrap_err();
        assert!(error.to_string().contains("SPACE_HOST"), "{hosts}: {error}");
    }
}

on_every_adapter! {
    row_016_a_login_on_a_custom_domain_ends_there_in_the_frame_and_outside,
    row_016_the_first_host_of_a_space_is_the_redirect_host_everywhere,
    row_016_a_redirect_goes_on_to_no_address_that_is_not_set_up_and_once,
    row_016_a_domain_whose_cookie_is_lost_ends_after_two_visits,
    row_206_another_address_of_the_app_finishes_no_login_of_a_domain,
}
