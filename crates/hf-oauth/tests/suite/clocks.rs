//! A machine whose clock is wrong, or jumps.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hf_oauth::*;
use hf_oauth_hub::LocalHub;

use crate::support::*;

/// A client whose clock is so many seconds ahead of the Hub's; the number can be changed while it runs.
fn ahead(hub: &LocalHub, seconds: i64) -> (Client, Arc<AtomicI64>) {
    let offset = Arc::new(AtomicI64::new(seconds));
    let (clock, moved) = (hub.clock().clone(), offset.clone());
    let now = move || i64::try_from(clock.now()).unwrap().saturating_add(moved.load(Ordering::SeqCst));
    (client(hub).with_clock(move || UnixTime::from_secs(now())), offset)
}

#[tokio::test]
async fn row_061_a_clock_ten_minutes_off_is_named_with_both_times() {
    for seconds in [600, -600, 86_400, -86_400, 10 * 365 * 86_400] {
        let hub = hub().await;
        let (client, _) = ahead(&hub, seconds);
        let error = failed(&client, &hub).await;
        let LoginError::IdToken(IdTokenError::ClockSkew { local, hub: theirs }) = &error else {
            panic!("{seconds}: {error:?}")
        };
        let now = i64::try_from(NOW).unwrap();
        assert_eq!((local.as_secs(), theirs.as_secs()), (now + seconds, now));
        let text = error.to_string();
        assert!(
            text.contains(&seconds.abs().to_string()) && text.contains("set this machine's clock"),
            "{text}"
        );
        assert_eq!(asked(&hub, USERINFO), 0);
    }
}

#[tokio::test]
async fn row_061_a_clock_a_minute_off_is_good_enough() {
    for seconds in [60, -60, 1, -1] {
        let hub = hub().await;
        login(&ahead(&hub, seconds).0, &hub).await.unwrap();
    }
}

#[tokio::test]
async fn row_061_a_clock_that_jumps_between_the_steps_breaks_nothing_but_that_login() {
    let hub = hub().await;
    let (client, offset) = ahead(&hub, 0);
    let (subject, tokens) = tokens(&client, &hub).await;
    let mut tokens = tokens;
    for jump in [86_400, -86_400, i64::MAX, i64::MIN, 600, -600] {
        let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
        let redirect = hub.approve(&url, "ada").await.unwrap();
        offset.store(jump, Ordering::SeqCst);
        let (pending, secrets) = secrets_of(pending, &redirect);
        let error = client.handle_redirect(&redirect, pending).await.unwrap_err();
        no_secret_in(&error, &secrets);
        assert!(
            matches!(
                error,
                LoginError::Callback(CallbackError::StateExpired, Some(_))
                    | LoginError::IdToken(IdTokenError::ClockSkew { .. })
            ),
            "{jump}: {error:?}"
        );
        offset.store(0, Ordering::SeqCst);
        login(&client, &hub).await.unwrap();
        tokens = client.refresh(&subject, tokens).await.unwrap().tokens;
    }
    assert_eq!((asked(&hub, DISCOVERY), asked(&hub, JWKS)), (1, 1), "deadlines and ages are monotonic");
}

#[tokio::test]
async fn row_061_the_hubs_own_clock_may_jump_as_well() {
    let hub = hub().await;
    let fixed = client(&hub).with_clock(|| UnixTime::from_secs(i64::try_from(NOW).unwrap()));
    for jump in [86_400, -86_400, 600] {
        hub.clock().set(NOW);
        hub.clock().advance(jump);
        let error = failed(&fixed, &hub).await;
        assert_kind(&error, "IdToken(ClockSkew", &jump.to_string());
    }
    hub.clock().set(NOW);
    login(&fixed, &hub).await.unwrap();
}
