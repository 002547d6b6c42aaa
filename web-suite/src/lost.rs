//! A login whose way back does not fit its beginning: it ends with a page, after two visits to the provider at most.

use url::Url;

use crate::adapter::{Adapter, App};
use crate::browser::{Answer, Browser};
use crate::log::listen;
use crate::world::{CALLBACK, LOGIN, World, keys};

/// What becomes of `state` on the way, given which login this is.
type Change = fn(&str, usize) -> String;

const CHANGES: &[(&str, Change)] = &[
    ("constant", |_, _| "constant".to_owned()),
    ("empty", |_, _| String::new()),
    ("cut by one", |state, _| state[..state.len() - 1].to_owned()),
    ("cut to 32", |state, _| state[..32].to_owned()),
    ("cut in front", |state, _| state[1..].to_owned()),
    ("padded", |state, _| format!("{state}=")),
    ("with a blank", |state, _| format!("{state} ")),
    ("quoted", |state, _| format!("\"{state}\"")),
    ("lower case", |state, _| state.to_ascii_lowercase()),
    ("upper case", |state, _| state.to_ascii_uppercase()),
    ("one other letter", |state, _| {
        format!("{}{}", if state.starts_with('A') { 'B' } else { 'A' }, &state[1..])
    }),
    ("a counter", |state, visit| format!("{visit}{state}")),
    ("doubled", |state, _| format!("{state}{state}")),
    ("long", |_, _| "x".repeat(5_000)),
];

fn with_state(back: &str, change: impl Fn(&str) -> String) -> String {
    let mut url = Url::parse(back).unwrap();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            let value = if name == "state" { change(&value) } else { value.into_owned() };
            (name.into_owned(), value)
        })
        .collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

/// Signs in by a way back that `arrives` otherwise, as often as the app sends the browser to the provider: how often
/// that was, and the page at the end.
async fn visits(
    world: &World,
    browser: &mut Browser,
    mut arrives: impl FnMut(&mut Browser, &str, usize) -> String,
) -> (usize, Answer) {
    let mut answer = browser.get(&format!("{LOGIN}?_target_url=/me")).await;
    let mut visits = 0;
    while answer.status == 303 && answer.location().starts_with(&world.hub.url("/oauth/authorize?")) {
        visits += 1;
        assert!(visits < 20, "no end of it");
        let back = world.hub.approve(answer.location(), "ada").await.unwrap();
        let back = arrives(browser, &back, visits);
        answer = browser.get(&back).await;
    }
    (visits, answer)
}

async fn row_162_a_changed_state_ends_with_a_page_after_two_visits(adapter: Adapter) {
    for world in [World::new(adapter).await, World::space(adapter).await] {
        for keeps_cookies in [true, false] {
            for (what, change) in CHANGES {
                let mut browser = world.browser();
                browser.keeps_cookies = keeps_cookies;
                let way = |_: &mut Browser, back: &str, visit| with_state(back, |state| change(state, visit));
                let (visits, page) = visits(&world, &mut browser, way).await;
                assert!(visits <= 2, "{what}, cookies kept: {keeps_cookies}: {visits}");
                let code = page.code();
                assert_eq!(page.status, 400, "{what}: {code}");
                assert!(matches!(code.as_str(), "login_lost" | "state_missing"), "{what}: {code}");
                assert_eq!(browser.fetch("/me").await.status, 401);
            }
        }
        assert_eq!(world.token_requests(), 0);
    }
}

async fn row_162_a_state_that_is_always_the_same_first_one_leads_in_no_circle(adapter: Adapter) {
    let world = World::new(adapter).await;
    let constant = first_state(&world).await;
    for keeps_cookies in [true, false] {
        let mut browser = world.browser();
        browser.keeps_cookies = keeps_cookies;
        let way = |_: &mut Browser, back: &str, _| with_state(back, |_| constant.clone());
        let (visits, page) = visits(&world, &mut browser, way).await;
        assert!(visits <= 2, "cookies kept: {keeps_cookies}: {visits}");
        assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "login_lost"));
    }
    assert_eq!(world.token_requests(), 0);
}

async fn row_162_whoever_tries_again_and_again_gets_no_pile_of_cookies(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.browser();
    for round in 0..30 {
        world.clock.advance(20);
        let way = |_: &mut Browser, back: &str, _| with_state(back, str::to_ascii_lowercase);
        let (visits, page) = visits(&world, &mut browser, way).await;
        assert!(visits <= 2, "{round}: {visits}");
        assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "login_lost"));
        // Ten logins at most, and the note.
        assert!(browser.jar.len() <= 11, "{round}: {:?}", browser.cookie_names());
        assert!(browser.cookies().join("; ").len() < 6_500);
    }
    // Where `state` comes back as it was again, so does the person.
    assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me");
    assert!(
        !browser.cookie_names().iter().any(|name| name.ends_with("_restart")),
        "{:?}",
        browser.cookie_names()
    );
}

async fn row_162_a_forged_note_or_mark_costs_a_page_and_nothing_more(adapter: Adapter) {
    let world = World::new(adapter).await;
    // The note, as the app itself sets it.
    let mut browser = world.browser();
    let restarted = browser.get(&format!("{CALLBACK}?code=a&state={}", first_state(&world).await)).await;
    assert_eq!(restarted.status, 303, "a first attempt without its cookie begins once more");
    let note = browser.cookies().into_iter().find(|pair| !pair.contains("_login_")).unwrap();
    let (name, value) = note.split_once('=').unwrap();
    assert!(
        restarted.set_cookies().iter().any(|line| line.starts_with(&note) && line.contains("Max-Age=60;"))
    );

    // With it from somebody else, a login that is not lost ends as ever, and takes it away.
    let mut noted = world.browser();
    noted.jar.insert((name.to_owned(), false), value.to_owned());
    assert_eq!(world.sign_in(&mut noted, "ada", "/me").await.location(), "/me");
    assert!(!noted.cookie_names().contains(&name));
    // One that is lost has a page instead of the restart.
    let mut noted = world.browser();
    noted.jar.insert((name.to_owned(), false), value.to_owned());
    let page = noted.get(&format!("{CALLBACK}?code=a&state={}", first_state(&world).await)).await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "login_lost"));
    // A mark that another login was given, or that somebody made up, is a page, too; nothing is exchanged for either.
    let marked = state_of(restarted.location());
    for forged in [marked.as_str(), "2", "1", "x2", &"2".repeat(48)] {
        let page = world.browser().get(&format!("{CALLBACK}?code=a&state={forged}")).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "login_lost"), "{forged}");
    }
    assert_eq!(world.token_requests(), 1);
}

/// The `state` of a login that some other browser began.
async fn first_state(world: &World) -> String {
    let started = world.browser().get(LOGIN).await;
    state_of(started.location())
}

fn state_of(authorize_url: &str) -> String {
    let url = Url::parse(authorize_url).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

/// Sends every request to the next of several instances, as a load balancer does.
async fn in_turns(world: &World, instances: &[App], first: usize) -> (usize, Answer) {
    let mut browser = world.browser();
    browser.through(&instances[first % instances.len()]);
    let way = |browser: &mut Browser, back: &str, visit: usize| {
        browser.through(&instances[(first + visit) % instances.len()]);
        back.to_owned()
    };
    visits(world, &mut browser, way).await
}

async fn row_163_two_instances_with_different_keys_end_with_a_page_and_a_warning(adapter: Adapter) {
    let (log, _listening) = listen();
    let world = World::with(adapter, |settings| settings.with_keys(keys("one"))).await;
    let instances = [world.app.clone(), world.restarted(|settings| settings.with_keys(keys("two"))).await];
    for first in [0, 1] {
        log.take();
        let (visits, page) = in_turns(&world, &instances, first).await;
        assert_eq!(visits, 2);
        assert_eq!((page.status.as_u16(), page.code().as_str()), (400, "login_lost"));
        assert!(page.body.contains("runs several times with different"), "{}", page.body);
        let said = log.text();
        let warning = said.lines().find(|line| line.contains("WARN") && line.contains("instances"));
        assert!(warning.is_some_and(|line| line.contains("OAUTH_SESSION_KEYS")), "{warning:?}");
    }
    assert_eq!(world.token_requests(), 0);
}

async fn row_163_a_session_that_the_other_instance_cannot_read_begins_no_second_login_unasked(
    adapter: Adapter,
) {
    let (log, _listening) = listen();
    let world = World::with(adapter, |settings| settings.with_keys(keys("one"))).await;
    let other = world.restarted(|settings| settings.with_keys(keys("two"))).await;
    let mut browser = world.browser();
    // The login and its way back come to one instance, what is asked for to the other.
    for round in 0..3 {
        browser.through(&world.app);
        assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me", "{round}");
        browser.through(&other);
        log.take();
        let page = browser.get("/me").await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (401, "unauthenticated"), "{round}");
        assert!(page.body.contains(&format!("{LOGIN}?_target_url=%2Fme")), "a way on: {}", page.body);
        let said = log.text();
        assert!(
            said.lines().any(|line| line.contains("WARN") && line.contains("OAUTH_SESSION_KEYS")),
            "{said}"
        );
    }
    // Whoever comes back later is sent to the sign-in as ever.
    world.clock.advance(60);
    assert_eq!(browser.get("/me").await.status, 303);
}

async fn row_163_two_instances_with_the_same_keys_sign_in_in_turns(adapter: Adapter) {
    let world = World::with(adapter, |settings| settings.with_keys(keys("same"))).await;
    let instances = [world.app.clone(), world.restarted(|settings| settings.with_keys(keys("same"))).await];
    for first in [0, 1] {
        let (visits, answer) = in_turns(&world, &instances, first).await;
        assert_eq!((visits, answer.status.as_u16(), answer.location()), (1, 303, "/me"));
    }
    let mut browser = world.signed_in("ada").await;
    for turn in 0..6 {
        browser.through(&instances[turn % 2]);
        assert_eq!(browser.fetch("/me").await.status, 200, "{turn}");
    }
}

on_every_adapter! {
    row_162_a_changed_state_ends_with_a_page_after_two_visits,
    row_162_a_state_that_is_always_the_same_first_one_leads_in_no_circle,
    row_162_whoever_tries_again_and_again_gets_no_pile_of_cookies,
    row_162_a_forged_note_or_mark_costs_a_page_and_nothing_more,
    row_163_two_instances_with_different_keys_end_with_a_page_and_a_warning,
    row_163_a_session_that_the_other_instance_cannot_read_begins_no_second_login_unasked,
    row_163_two_instances_with_the_same_keys_sign_in_in_turns,
}
