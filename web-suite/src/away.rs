//! The Hub is away when a token ends: nobody looks signed out, and whoever was signed in goes on when it is back.

use hf_oauth_hub::{Endpoint, Fault};

use crate::adapter::Adapter;
use crate::world::World;

const LIFE: i64 = 28_800;

async fn row_167_public_pages_stay_up_and_nobody_looks_signed_out(adapter: Adapter) {
    for fault in [Fault::status(503), Fault::html(502), Fault::lost_answer(), Fault::cut_body()] {
        let world = World::new(adapter).await;
        let mut browser = world.signed_in("ada").await;
        // What is kept of a login that is done goes by itself.
        browser.forget("_login_");
        let cookies = browser.cookies();
        world.hub.fault(fault.clone().on(Endpoint::Token));
        world.clock.advance(LIFE);
        for _ in 0..3 {
            let home = browser.get("/").await;
            assert_eq!(
                (home.status.as_u16(), home.body.as_str()),
                (200, "Ada Lovelace, and the Hub is away")
            );
            assert_eq!(home.set_cookies(), Vec::<&str>::new(), "{fault:?}");
            world.clock.advance(3);
        }
        assert_eq!(browser.cookies(), cookies, "kept");
    }
}

async fn row_167_closed_pages_try_again_by_themselves_and_are_back_in_seconds(adapter: Adapter) {
    let world = World::new(adapter).await;
    let mut browser = world.signed_in("ada").await;
    world.hub.fault(Fault::status(503).on(Endpoint::Token));
    world.clock.advance(LIFE);
    for path in ["/me", "/closed", "/engine"] {
        let page = browser.get(path).await;
        assert_eq!((page.status.as_u16(), page.code().as_str()), (503, "session_unavailable"), "{path}");
        assert_eq!(page.header("refresh"), page.header("retry-after"), "{path}");
        let seconds: u64 = page.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert!(!page.body.contains("Sign in<"), "{}", page.body);
        let program = browser.fetch(path).await;
        assert_eq!(
            (program.status.as_u16(), program.code().as_str()),
            (503, "session_unavailable"),
            "{path}"
        );
        assert!(program.header("retry-after").is_some() && program.header("refresh").is_none(), "{path}");
    }
    world.hub.clear_faults();
    world.clock.advance(10);
    assert_eq!(browser.get("/").await.body, "Ada Lovelace");
    assert_eq!(browser.get("/me").await.status, 200);
}

/// actix turns every error of an `Option` into `None`, so its documentation says not to ask for one.
#[tokio::test]
async fn row_167_an_optional_visitor_of_axum_is_503_and_not_nobody() {
    let world = World::new(Adapter::Axum).await;
    assert_eq!(world.browser().get("/maybe").await.body, "nobody");
    let mut browser = world.signed_in("ada").await;
    assert_eq!(browser.get("/maybe").await.body, "Ada Lovelace");
    browser.forget("_login_");
    world.hub.fault(Fault::status(503).on(Endpoint::Token));
    world.clock.advance(LIFE);
    let page = browser.get("/maybe").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (503, "session_unavailable"));
    assert!(page.header("refresh").is_some() && page.header("retry-after").is_some());
    assert_eq!(page.set_cookies(), Vec::<&str>::new());
    world.hub.clear_faults();
    world.clock.advance(10);
    assert_eq!(browser.get("/maybe").await.body, "Ada Lovelace");
}

on_every_adapter! {
    row_167_public_pages_stay_up_and_nobody_looks_signed_out,
    row_167_closed_pages_try_again_by_themselves_and_are_back_in_seconds,
}
