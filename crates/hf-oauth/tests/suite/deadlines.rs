//! Providers that are slow, in real time: sockets do not wait for a clock that is moved.

use std::time::{Duration, Instant};

use hf_oauth::*;
use tokio::task::JoinSet;

use crate::raw::*;
use crate::support::*;

const SECOND: Duration = Duration::from_secs(1);
const SLACK: Duration = Duration::from_secs(4);

/// Performs a step that must end at its deadline, neither before nor long after.
async fn times_out(step: Step, say: Say) {
    let raw = failing_at(step, say).await;
    let begun = Instant::now();
    let error = perform(step, &raw).await;
    let elapsed = begun.elapsed();
    assert_eq!(error.fault, BackchannelFault::Timeout { after: step.deadline() }, "{step:?}");
    assert!(error.is_retryable());
    assert!(elapsed >= step.deadline() && elapsed < step.deadline() + SLACK, "{step:?}: {elapsed:?}");
}

async fn all(waiting: impl IntoIterator<Item = (Step, Say)>) {
    let mut set = JoinSet::new();
    for (step, say) in waiting {
        set.spawn(times_out(step, say));
    }
    set.join_all().await;
}

fn quick() -> impl Iterator<Item = Step> {
    STEPS.into_iter().filter(|step| *step != Step::Refresh)
}

#[tokio::test]
async fn row_059_a_silent_provider_costs_one_deadline() {
    assert_eq!(Step::CodeExchange.deadline(), 10 * SECOND);
    all(quick().map(|step| (step, Say::Silence))).await;
}

#[tokio::test]
async fn row_059_one_byte_a_second_in_the_headers_costs_one_deadline() {
    let headers = b"HTTP/1.1 200 OK\r\nx-filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_vec();
    all(quick().map(|step| (step, Say::Drip(Vec::new(), headers.clone(), SECOND)))).await;
}

#[tokio::test]
async fn row_059_one_byte_a_second_in_the_body_costs_one_deadline() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{".to_vec();
    all(quick().map(|step| (step, Say::Drip(head.clone(), b" ".to_vec(), SECOND)))).await;
}

#[tokio::test]
async fn row_059_a_refresh_waits_longer_because_its_answer_may_be_the_only_one() {
    assert_eq!(Step::Refresh.deadline(), 30 * SECOND);
    all([(Step::Refresh, Say::Silence)]).await;
}

#[tokio::test]
async fn row_059_logins_that_wait_for_the_same_silence_wait_once() {
    for step in [Step::Discovery, Step::Keys] {
        let raw = failing_at(step, Say::Silence).await;
        let client = Client::new(app()).with_issuer(Issuer::parse(&raw.issuer()).unwrap());
        let begun = Instant::now();
        let mut logins = JoinSet::new();
        for _ in 0..50 {
            let client = client.clone();
            logins.spawn(async move {
                let (url, pending) = client.login_url(&LoginOptions::new()).await?;
                let redirect = format!("{CALLBACK}?code=c&state={}", param(&url, "state").unwrap());
                client.handle_redirect(&redirect, pending).await
            });
        }
        for result in logins.join_all().await {
            let error = result.unwrap_err();
            assert!(
                matches!(error.backchannel().unwrap().fault, BackchannelFault::Timeout { .. }),
                "{error:?}"
            );
        }
        assert!(begun.elapsed() < step.deadline() + SLACK, "{step:?}: {:?}", begun.elapsed());
        let path = if step == Step::Discovery { DISCOVERY } else { JWKS };
        assert_eq!(raw.requests().iter().filter(|line| line.contains(path)).count(), 1, "{step:?}");
    }
}

#[tokio::test]
async fn row_059_a_silent_provider_holds_nobody_else_up() {
    let hub = hub().await;
    let answering = client(&hub);
    let silent = failing_at(Step::Userinfo, Say::Silence).await;
    let stuck = tokio::spawn(async move { perform(Step::Userinfo, &silent).await });
    // The same provider, stuck at one question for one person.
    hub.fault(hf_oauth_hub::Fault::latency(60 * SECOND).on(hf_oauth_hub::Endpoint::Userinfo).times(1));
    let (url, pending) = answering.login_url(&LoginOptions::new()).await.unwrap();
    let redirect = hub.approve(&url, "grace").await.unwrap();
    let same = answering.clone();
    let unlucky = tokio::spawn(async move { same.handle_redirect(&redirect, pending).await.map(|_| ()) });
    while asked(&hub, USERINFO) == 0 {
        tokio::task::yield_now().await;
    }
    let begun = Instant::now();
    for _ in 0..5 {
        login(&answering, &hub).await.unwrap();
    }
    assert!(begun.elapsed() < 5 * SECOND, "{:?}", begun.elapsed());
    assert!(!stuck.is_finished() && !unlucky.is_finished());
    let error = unlucky.await.unwrap().unwrap_err();
    assert!(matches!(error.backchannel().unwrap().fault, BackchannelFault::Timeout { .. }), "{error:?}");
}
