//! What others plant: cookies, addresses, and whatever may stand in the app's own pages.

use super::{BLOCKING, FRAME, SIGN_IN, ends_at, in_frame_and_tab, open, people, sign_in, who};
use crate::support::browser::{Browser, Settings};
use crate::support::others::page_of_others;
use crate::support::space::{Plan, Spaces};
use crate::support::tls::Authority;

#[tokio::test]
async fn row_206_a_return_path_leads_to_no_other_host_from_the_frame() {
    let Spaces { hub: _hub, apps: [app] } = Spaces::start(Plan::default()).await;
    let stranger = format!("stranger.localhost:{}", page_of_others("<h1>Stranger"));
    Browser::run_with(BLOCKING, "space-return-paths", async |browser| {
        open(browser, &app).await;
        sign_in(browser, "ada").await;
        for target in [
            format!("http://{stranger}/"),
            format!("//{stranger}/"),
            format!("/\\{stranger}/"),
            format!("\\/{stranger}/"),
            format!("/%09/{stranger}/"),
            format!("/x/..//{stranger}/"),
            format!("http:{stranger}"),
            format!("/oauth/huggingface/tab?_target_url=//{stranger}/"),
            "javascript:document.title='owned'".to_owned(),
        ] {
            let query: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
            for path in [
                format!("/oauth/huggingface/login?_target_url={query}"),
                format!("/oauth/huggingface/tab?_target_url={query}"),
                format!("/oauth/huggingface/login?_tab=1&_target_url={query}"),
                format!("/oauth/huggingface/callback?code=c&state=s&_host={stranger}&_target_url={query}"),
            ] {
                let go = format!("location.href = {path:?}");
                ends_at(browser, &app.origin, async || drop(browser.script(&go).await)).await;
                browser.leave_frame().await;
                open(browser, &app).await;
                assert_eq!(who(browser).await.as_deref(), Some("ada"), "{path}");
            }
        }
    })
    .await;
}

/// A neighbour below the app's own name may set cookies for it, but none with the prefix `__Host-`.
#[tokio::test]
async fn row_206_a_pending_login_that_a_neighbour_plants_is_none() {
    let authority = Authority::new();
    let Spaces { hub, apps: [app] } = Spaces::start(Plan { tls: Some(&authority), ..Plan::default() }).await;
    let neighbour = authority.front("app.localhost");
    let evil = format!("https://evil.app.localhost:{}/", neighbour.port);
    neighbour.before(page_of_others("<h1>Neighbour"));
    let settings = Settings { any_certificate: true, ..BLOCKING };
    Browser::run_two(settings, "space-neighbour", async |person, attacker| {
        // What the attacker's browser keeps of a login that waits, and of a session.
        attacker.open(&app.origin).await;
        attacker.click(SIGN_IN).await;
        attacker.reads(&["Who do you want to be?"]).await;
        let waiting = attacker.cookie_values(&app.origin).await;
        let begun = hub.requests_to("/oauth/authorize").await;
        let state = begun.last().unwrap().param("state").unwrap().to_owned();
        attacker.click("button.person[value=linus]").await;
        attacker.approve().await;
        let session = attacker.cookie_values(&app.origin).await;
        let planted: Vec<_> = waiting.into_iter().chain(session).collect();
        assert!(planted.iter().all(|(name, _)| name.starts_with("__Host-")), "{planted:?}");

        person.open(&evil).await;
        for (name, value) in &planted {
            for name in [name.as_str(), name.trim_start_matches("__Host-")] {
                let line = format!("{name}={value}; Domain=app.localhost; Path=/; Secure; SameSite=None");
                person.script(&format!("document.cookie = {line:?}")).await;
            }
        }
        let kept = person.cookie_values(&app.origin).await;
        assert!(!kept.is_empty() && kept.iter().all(|(name, _)| !name.starts_with("__Host-")), "{kept:?}");
        person.open(&app.origin).await;
        assert_eq!(who(person).await, None, "no session came of it");
        person.open(&app.at(&format!("/oauth/huggingface/callback?code=planted&state={state}"))).await;
        person.reads(&["Who do you want to be?"]).await;
        assert_eq!(in_frame_and_tab(person, &app).await, people("", ""));
        assert_eq!(in_frame_and_tab(attacker, &app).await, people("", "linus"));
    })
    .await;
}

/// Cookies are sealed for one app: under the name of another's, or of another kind, they are nothing.
#[tokio::test]
async fn row_206_the_cookies_of_one_space_are_nothing_in_another_one() {
    let Spaces { hub: _hub, apps: [one, other] } = Spaces::<2>::start(Plan::default()).await;
    Browser::run_two(BLOCKING, "space-cookies-elsewhere", async |person, attacker| {
        open(person, &one).await;
        sign_in(person, "ada").await;
        let taken = person.all_cookies().await;
        let port = |app: &crate::support::space::App| app.origin.rsplit(':').next().unwrap().to_owned();
        let (from, to) = (port(&one), port(&other));
        let session = format!("__Host-hf_oauth_{from}");
        let taken: Vec<_> = taken.into_iter().filter(|(name, _)| name.starts_with(&session)).collect();
        assert!(!taken.is_empty());
        for (name, value) in &taken {
            attacker.set_cookie(&other.origin, &name.replace(&from, &to), value).await;
        }
        attacker.open(&other.origin).await;
        assert_eq!(who(attacker).await, None);
        assert_eq!(in_frame_and_tab(attacker, &other).await, people("", ""));
        // A session is no login that waits, and so finishes none.
        for (_, value) in &taken {
            attacker.set_cookie(&one.origin, &format!("{session}_login_planted"), value).await;
        }
        attacker.open(&one.at("/oauth/huggingface/callback?code=planted&state=planted")).await;
        attacker.open(&one.origin).await;
        assert_eq!(who(attacker).await, None);
        person.leave_frame().await;
        person.reload().await;
        person.enter_frame(FRAME).await;
        assert_eq!(who(person).await.as_deref(), Some("ada"));
    })
    .await;
}
