//! The app's own check of a sign-in: it refuses, or it fails.

use hf_oauth_web::SignInError;

use crate::adapter::Adapter;
use crate::log::listen;
use crate::world::World;

async fn row_177_a_check_that_fails_is_503_and_a_warning_and_never_a_refusal(adapter: Adapter) {
    let (log, _listening) = listen();
    let world = World::with(adapter, |settings| {
        settings.on_sign_in(async |_, _| {
            Err(std::io::Error::other("the database of members is away"))?;
            Ok(())
        })
    })
    .await;
    let mut browser = world.browser();
    let page = world.sign_in(&mut browser, "ada", "/me").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (503, "app_unavailable"));
    assert!(page.header("retry-after").is_some());
    assert!(page.body.contains("_target_url=%2Fme"), "a way on: {}", page.body);
    assert!(!page.body.contains("database") && !page.body.contains("cannot sign in here"), "{}", page.body);
    assert_eq!(browser.fetch("/me").await.status, 401);
    let said = log.text();
    let warning = said.lines().find(|line| line.contains("WARN") && line.contains("on_sign_in"));
    assert!(warning.is_some_and(|line| line.contains("the database of members is away")), "{warning:?}");
}

async fn row_177_a_check_that_panics_is_503_and_the_app_goes_on(adapter: Adapter) {
    let (log, _listening) = listen();
    let world = World::with(adapter, |settings| {
        settings.on_sign_in(async |user, _| {
            assert!(user.preferred_username.as_deref() != Some("grace"), "a bug in the app's check");
            Ok(())
        })
    })
    .await;
    let mut browser = world.browser();
    let page = world.sign_in(&mut browser, "grace", "/me").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (503, "app_unavailable"));
    assert_eq!(browser.fetch("/me").await.status, 401);
    let said = log.text();
    assert!(
        said.lines().any(|line| line.contains("ERROR") && line.contains("broke off")),
        "it is in the log"
    );
    assert_eq!(world.signed_in("ada").await.fetch("/me").await.status, 200);
}

async fn row_177_a_refusal_is_403_with_its_reason(adapter: Adapter) {
    let world = World::with(adapter, |settings| {
        settings.on_sign_in(async |_, _| Err(SignInError::refused("Only members of the choir.")))
    })
    .await;
    let mut browser = world.browser();
    let page = world.sign_in(&mut browser, "ada", "/me").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (403, "sign_in_refused"));
    assert!(page.body.contains("Only members of the choir."), "{}", page.body);
    assert!(page.header("retry-after").is_none());
    assert_eq!(browser.fetch("/me").await.status, 401);
}

on_every_adapter! {
    row_177_a_check_that_fails_is_503_and_a_warning_and_never_a_refusal,
    row_177_a_check_that_panics_is_503_and_the_app_goes_on,
    row_177_a_refusal_is_403_with_its_reason,
}
