//! Sessions: whose they are, and that nobody else can make, read or move one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hf_oauth_hub::{AppConfig, OrgConfig, UserConfig};
use hf_oauth_web::SignInError;
use http::Method;

use crate::adapter::Adapter;
use crate::browser::{Browser, FETCH};
use crate::world::{CALLBACK, LOGIN, SECRET, World};

async fn row_073_a_planted_session_is_replaced_by_the_login(adapter: Adapter) {
    for world in [World::new(adapter).await, World::space(adapter).await] {
        let planted = world.signed_in("grace").await;
        let mut browser = world.browser();
        browser.jar = planted.jar.clone();
        browser.forget("_login_");
        let before = browser.cookies();
        assert_eq!(world.sign_in(&mut browser, "ada", "/me").await.location(), "/me");
        assert_eq!(browser.fetch("/me").await.json()["name"], "ada");
        assert!(before.iter().all(|cookie| !browser.cookies().contains(cookie)), "new values throughout");
        // A second one under the same name, as in another jar, does not win against the newer sign-in.
        let old = &before[0];
        let answer = browser.send(http::Method::GET, "/me", &[FETCH, &[("cookie", old)]].concat(), "").await;
        assert_eq!(answer.json()["name"], "ada");
    }
}

async fn row_078_a_session_cookie_says_nothing_and_no_byte_of_it_can_be_changed(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let me = browser.fetch("/me").await.json();
    browser.forget("_login_");
    let (key, value) = browser.jar.iter().next().map(|(key, value)| (key.clone(), value.clone())).unwrap();
    let decoded = URL_SAFE_NO_PAD.decode(&value[1..]).unwrap();
    let readable = String::from_utf8_lossy(&decoded).into_owned();
    for secret in [me["token"].as_str().unwrap(), "ada", "Ada Lovelace"] {
        assert!(!value.contains(secret) && !readable.contains(secret));
    }
    for position in 0..value.len() {
        let mut bytes = value.clone().into_bytes();
        // Another letter of the alphabet that differs in more than the unused bits at the end.
        bytes[position] = if bytes[position] == b'Q' { b'k' } else { b'Q' };
        let mut forged = browser.clone();
        forged.jar.insert(key.clone(), String::from_utf8(bytes).unwrap());
        let answer = forged.fetch("/me").await;
        assert_eq!(answer.status, 401, "byte {position} of {}", value.len());
        // The first two letters say the format: a newer one is another version's, and kept for it.
        assert!(forged.jar.is_empty() || matches!(position, 1 | 2), "and it is deleted: {position}");
    }
}

async fn row_078_session_and_pending_cookies_do_not_stand_for_each_other(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    browser.forget("_login_");
    let started = browser.get(LOGIN).await;
    let back = world.hub.approve(started.location(), "grace").await.unwrap();
    let session = browser.jar[&("hf_oauth_7860".to_owned(), false)].clone();
    let (pending_name, pending) = browser
        .jar
        .iter()
        .find(|((name, _), _)| name.contains("_login_"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .unwrap();
    let mut swapped = world.browser();
    swapped.jar.insert(("hf_oauth_7860".to_owned(), false), format!("1{pending}"));
    assert_eq!(swapped.fetch("/me").await.status, 401);
    swapped.jar.insert(pending_name, session);
    let answer = swapped.get(&back).await;
    assert_eq!(answer.status, 303, "as without a pending login: one restart");
    assert!(answer.location().starts_with(&world.hub.url("/oauth/authorize")));
    assert_eq!(world.token_requests(), 1, "that of the first sign-in");
}

async fn row_078_parts_of_two_sessions_do_not_fit_together(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut many = UserConfig::new("many");
    many.orgs = (0..600).map(|number| OrgConfig::new(format!("org-{number}"))).collect();
    world.hub.add_user(many);
    let (one, other) = (world.signed_in("many").await, world.signed_in("many").await);
    let second = ("hf_oauth_7860_2".to_owned(), false);
    if let Some(part) = other.jar.get(&second) {
        let mut mixed = one.clone();
        mixed.jar.insert(second, part.clone());
        assert_eq!(mixed.fetch("/me").await.status, 401);
        assert!(!mixed.jar.keys().any(|(name, _)| !name.contains("_login_")));
    } else {
        panic!("600 organisations take two parts");
    }
}

async fn row_078_the_end_is_inside_the_seal(adapter: Adapter) {
    let world = World::new(adapter).await;
    world.hub.add_app(
        AppConfig::confidential("app", SECRET)
            .redirect_uri(format!("http://localhost{CALLBACK}"))
            .refresh(false),
    );
    let mut browser = world.signed_in("ada").await;
    world.clock.advance(28_799);
    assert_eq!(browser.fetch("/me").await.status, 200);
    world.clock.advance(1);
    // The jar of this test never forgets by time, like a client that edits `Max-Age`.
    let answer = browser.fetch("/me").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (401, "unauthenticated"));
    assert!(!browser.cookie_names().contains(&"hf_oauth_7860"));
}

async fn row_078_a_session_of_another_app_or_port_is_none(adapter: Adapter) {
    let world = World::new(adapter).await;
    let browser = world.signed_in("ada").await;
    let mut other_port = browser.clone().at("localhost:7861");
    assert_eq!(other_port.fetch("/me").await.status, 401);
    let value = browser.jar[&("hf_oauth_7860".to_owned(), false)].clone();
    other_port.jar.insert(("hf_oauth_7861".to_owned(), false), value);
    assert_eq!(other_port.fetch("/me").await.status, 401);
}

async fn row_095_a_name_that_changes_hands_takes_nothing_with_it(adapter: Adapter) {
    let allowed = UserConfig::new("ada").sub();
    let owner = allowed.clone();
    let world = World::with(adapter, |settings| {
        settings.on_sign_in(move |user, _tokens| {
            let allowed = user.sub == owner;
            async move { if allowed { Ok(()) } else { Err(SignInError::refused("Only the first <Ada>.")) } }
        })
    })
    .await;
    assert_eq!(world.signed_in("ada").await.fetch("/me").await.json()["sub"], allowed);
    // She renames herself, and somebody else takes the name.
    let mut renamed = UserConfig::new("countess");
    renamed.sub = Some(allowed.clone());
    let mut other = UserConfig::new("ada");
    other.sub = Some("cccccccccccccccccccccccc".to_owned());
    world.hub.add_user(renamed);
    world.hub.add_user(other);
    let me = world.signed_in("countess").await.fetch("/me").await.json();
    assert_eq!((me["sub"].as_str(), me["name"].as_str()), (Some(allowed.as_str()), Some("countess")));

    let mut browser = world.browser();
    let page = world.sign_in(&mut browser, "ada", "/me").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "sign_in_refused"));
    assert!(page.body.contains("Only the first &#60;Ada&#62;."), "{}", page.body);
    assert!(page.body.contains("/oauth/huggingface/login/switch"), "{}", page.body);
    assert_eq!(browser.fetch("/me").await.status, 401);
}

async fn whoever_is_refused_stays_who_they_were(adapter: Adapter) {
    let world = World::with(adapter, |settings| {
        settings.on_sign_in(async |user, _| match user.preferred_username.as_deref() {
            Some("grace") => Err(SignInError::refused("Not you.")),
            _ => Ok(()),
        })
    })
    .await;
    let mut browser = world.signed_in("ada").await;
    let page = world.sign_in(&mut browser, "grace", "/").await;
    assert_eq!(page.code(), "sign_in_refused");
    assert_eq!(browser.fetch("/me").await.json()["name"], "ada");
}

async fn the_account_can_be_switched(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    let started = browser.get(&format!("{}?_target_url=/me", world.auth.switch_account_path())).await;
    assert!(started.location().contains("prompt=select_account"), "{}", started.location());
    assert_eq!(world.come_back(&mut browser, started.location(), "grace").await.location(), "/me");
    assert_eq!(browser.fetch("/me").await.json()["name"], "grace");
}

async fn headers_alone_tell_who_is_signed_in(adapter: Adapter) {
    let world = World::new(adapter).await;
    let browser = world.signed_in("ada").await;
    let lax = async |browser: &Browser| browser.ask(Method::GET, "/lax", &[], "").await.json();
    assert!(lax(&world.browser()).await.is_null());
    assert_eq!(lax(&browser).await, serde_json::json!({ "name": "ada", "scope": "openid profile" }));
    assert!(lax(&browser.clone().at("evil.example")).await.is_null());
    world.clock.advance(28_800);
    assert!(lax(&browser).await.is_null(), "never a token that has ended");
}

async fn two_apps_on_one_host_leave_each_other_alone(adapter: Adapter) {
    let world = World::https(adapter).await;
    let other = world
        .restarted(|settings| {
            let ours = settings.with_public_url("https://app.example.com").with_prefix("/b");
            ours.with_callback_path(crate::world::CALLBACK)
                .with_keys(crate::world::keys("b"))
                .with_cookie_name("b")
        })
        .await;
    let mut browser = world.signed_in("ada").await;
    let mut tab = crate::browser::Browser::new(&other).at("app.example.com");
    tab.jar = browser.jar.clone();
    assert_eq!(tab.get("/").await.set_cookies(), Vec::<&str>::new(), "nothing of the other app is touched");
    browser.jar = tab.jar;
    assert_eq!(browser.fetch("/me").await.status, 200);
    let bad =
        crate::world::settings(&world.hub, &world.clock).with_cookie_name("a;b").start().await.unwrap_err();
    assert!(bad.to_string().contains("cookie name"), "{bad}");
}

on_every_adapter! {
    row_073_a_planted_session_is_replaced_by_the_login,
    row_078_a_session_cookie_says_nothing_and_no_byte_of_it_can_be_changed,
    row_078_session_and_pending_cookies_do_not_stand_for_each_other,
    row_078_parts_of_two_sessions_do_not_fit_together,
    row_078_the_end_is_inside_the_seal,
    row_078_a_session_of_another_app_or_port_is_none,
    row_095_a_name_that_changes_hands_takes_nothing_with_it,
    whoever_is_refused_stays_who_they_were,
    the_account_can_be_switched,
    headers_alone_tell_who_is_signed_in,
    two_apps_on_one_host_leave_each_other_alone,
}
