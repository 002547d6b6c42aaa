//! Device login over the wire, by a clock that the tests move: no test here waits.

use std::sync::mpsc;
use std::time::Duration;

use hf_oauth::*;
use hf_oauth_hub::{AppConfig, Clock, Endpoint, Fault, LocalHub};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::*;

const DEVICE: &str = "/oauth/device";
const SECOND: Duration = Duration::from_secs(1);

/// Keeps the runtime's clock from running ahead of the sockets: it stands still while a blocking task is there.
struct Still(#[expect(dead_code, reason = "dropping it ends the task")] mpsc::Sender<()>);

fn still() -> Still {
    let (alive, ends) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || ends.recv());
    Still(alive)
}

/// What was told, owned.
#[derive(Debug, PartialEq)]
enum Told {
    Code(String),
    Waiting(u64),
    SlowedDown(u64),
    Fault,
}

fn telling(to: UnboundedSender<Told>) -> impl FnMut(DeviceProgress<'_>) {
    move |progress| {
        let _ = to.send(match progress {
            DeviceProgress::Code(code) => Told::Code(code.user_code.clone()),
            DeviceProgress::Waiting { left } => Told::Waiting(left.as_secs_f64().round() as u64),
            DeviceProgress::SlowedDown { interval } => Told::SlowedDown(interval.as_secs()),
            DeviceProgress::Fault(_) => Told::Fault,
            other => panic!("{other:?}"),
        });
    }
}

/// A login under way, and both clocks.
struct Desk {
    hub: LocalHub,
    told: UnboundedReceiver<Told>,
    login: tokio::task::JoinHandle<Result<DeviceSignIn, DeviceError>>,
    user_code: String,
    _still: Still,
}

impl Desk {
    async fn begin(app: App, scopes: Scopes) -> Self {
        let hub = with_apps(LocalHub::builder().clock(Clock::manual(NOW)).start().await.unwrap());
        Self::at(hub, app, scopes).await
    }

    async fn at(hub: LocalHub, app: App, scopes: Scopes) -> Self {
        let still = still();
        let client = client_of(app, &hub);
        let (to, mut told) = unbounded_channel();
        let login = tokio::spawn(async move { client.device_login(&scopes, telling(to)).await });
        let Some(Told::Code(user_code)) = told.recv().await else { panic!("no code") };
        Self { hub, told, login, user_code, _still: still }
    }

    async fn told(&mut self) -> Told {
        self.told.recv().await.expect("the login ended")
    }

    /// Lets so much time pass for both sides. The last second comes after idle connections were closed, as it does
    /// when time passes by itself.
    async fn pass(&self, seconds: u64) {
        self.hub.clock().advance(i64::try_from(seconds).unwrap());
        tokio::time::advance(Duration::from_secs(seconds - 1)).await;
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", self.hub.port())).await.unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
        // The runtime's timers go by milliseconds, and fire after their time.
        tokio::time::advance(SECOND + Duration::from_millis(2)).await;
    }

    fn polls(&self) -> Vec<u64> {
        let journal = self.hub.journal();
        journal.to(TOKEN).map(|entry| entry.at - NOW).collect()
    }

    async fn end(self) -> Result<DeviceSignIn, DeviceError> {
        let result = self.login.await.unwrap();
        result.inspect_err(|error| no_secret_in(error, &[]))
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_approves_and_is_signed_in() {
    for app in [app(), server_app()] {
        let mut desk = Desk::begin(app, Scopes::default()).await;
        assert_eq!(desk.told().await, Told::Waiting(300));
        desk.pass(5).await;
        assert_eq!(desk.told().await, Told::Waiting(295));
        desk.hub.approve_device(&desk.user_code, "ada").await.unwrap();
        desk.pass(5).await;
        assert_eq!(desk.polls(), [5]);
        let signed_in = desk.end().await.unwrap();
        let identity = signed_in.identity.unwrap();
        assert_eq!(identity.user_info().preferred_username.as_deref(), Some("ada"));
        assert!(signed_in.tokens.refresh_token.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn without_scopes_the_hub_grants_what_the_app_may() {
    let hub = hub().await;
    hub.add_app(AppConfig::public("few").scopes(["jobs"]));
    let mut desk = Desk::at(hub, App::new("few"), Scopes::none()).await;
    desk.told().await;
    desk.hub.approve_device(&desk.user_code, "ada").await.unwrap();
    desk.pass(5).await;
    let signed_in = desk.end().await.unwrap();
    assert_eq!(signed_in.tokens.scope, Scopes::from("jobs"));
    assert!(signed_in.identity.is_none());
}

#[tokio::test(start_paused = true)]
async fn row_065_slow_down_is_kept_and_no_poll_is_early() {
    let mut desk = Desk::begin(app(), Scopes::default()).await;
    let slow_down = Fault::body(400, "application/json", r#"{"error":"slow_down"}"#).on(Endpoint::Token);
    // One of the pauses is as long as the Hub keeps an idle connection.
    desk.hub.fault(slow_down.with_header("connection", "close").times(3));
    assert_eq!(desk.told().await, Told::Waiting(300));
    let mut left = 300;
    for (pause, slower) in [(5, Some(10)), (10, Some(15)), (15, Some(20)), (20, None), (20, None)] {
        desk.pass(pause).await;
        left -= pause;
        if let Some(slower) = slower {
            assert_eq!(desk.told().await, Told::SlowedDown(slower));
        }
        assert_eq!(desk.told().await, Told::Waiting(left));
    }
    assert_eq!(desk.polls(), [5, 15, 30, 50, 70]);
    assert!(!desk.login.is_finished());
    desk.login.abort();
}

#[tokio::test(start_paused = true)]
async fn row_066_denial_ends_it_at_once() {
    let mut desk = Desk::begin(app(), Scopes::default()).await;
    desk.told().await;
    desk.hub.deny_device(&desk.user_code, "ada").await.unwrap();
    desk.pass(5).await;
    assert!(matches!(desk.end().await, Err(DeviceError::Declined(_))));
}

#[tokio::test(start_paused = true)]
async fn row_066_the_providers_own_ends() {
    for (code, expected) in [("expired_token", "Expired"), ("brand_new", "Backchannel(")] {
        let mut desk = Desk::begin(app(), Scopes::default()).await;
        desk.told().await;
        let body = format!(r#"{{"error":"{code}"}}"#);
        desk.hub.fault(Fault::body(400, "application/json", body).on(Endpoint::Token));
        desk.pass(5).await;
        let error = desk.end().await.unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn row_066_the_end_by_the_own_clock_is_final() {
    let mut desk = Desk::begin(app(), Scopes::default()).await;
    desk.hub.fault(
        Fault::body(400, "application/json", r#"{"error":"authorization_pending"}"#)
            .on(Endpoint::Token)
            .always(),
    );
    for left in (1..=60).rev() {
        assert_eq!(desk.told().await, Told::Waiting(left * 5));
        desk.pass(5).await;
    }
    let polls = asked(&desk.hub, TOKEN);
    assert_eq!(desk.end().await.unwrap_err(), DeviceError::Expired);
    assert_eq!(polls, 59);
}

#[tokio::test(start_paused = true)]
async fn row_067_faults_in_between_are_told_and_survived() {
    let mut desk = Desk::begin(app(), Scopes::default()).await;
    assert_eq!(desk.told().await, Told::Waiting(300));
    let faults = [
        (Fault::status(500), 10),
        (Fault::html(502), 20),
        (Fault::html(200), 40),
        (Fault::lost_answer(), 60),
        (Fault::status(429).with_header("retry-after", "70"), 70),
    ];
    let (mut pause, mut left) = (5, 300);
    for (fault, next) in faults {
        desk.hub.clear_faults();
        desk.hub.fault(fault.on(Endpoint::Token));
        desk.pass(pause).await;
        left -= pause;
        assert_eq!(desk.told().await, Told::Fault);
        assert_eq!(desk.told().await, Told::Waiting(left));
        pause = next;
    }
    desk.hub.clear_faults();
    desk.hub.approve_device(&desk.user_code, "ada").await.unwrap();
    desk.pass(pause).await;
    desk.end().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn row_067_two_hours_asleep_expire_it_without_a_poll() {
    let mut desk = Desk::begin(app(), Scopes::default()).await;
    desk.told().await;
    desk.pass(7200).await;
    let polls = asked(&desk.hub, TOKEN);
    assert_eq!(desk.end().await.unwrap_err(), DeviceError::Expired);
    assert_eq!(polls, 0);
}

#[tokio::test(start_paused = true)]
async fn a_login_goes_on_with_the_same_code_and_dropping_it_ends_it() {
    let mut desk = Desk::begin(app(), Scopes::default()).await;
    desk.told().await;
    desk.login.abort();
    let polls = asked(&desk.hub, TOKEN);
    desk.pass(60).await;
    assert_eq!(asked(&desk.hub, TOKEN), polls, "nothing goes on behind");

    let client = client(&desk.hub);
    let begun = client.begin_device_login(&Scopes::default()).await.unwrap();
    let user_code = begun.code().user_code.clone();
    let parts = client.device_login_parts(&begun);
    drop(begun);
    desk.pass(100).await;
    let resumed = client.resume_device_login(parts.clone()).unwrap();
    assert_eq!(resumed.code().user_code, user_code);
    assert_eq!(client.device_login_left(&resumed), 200 * SECOND);
    desk.hub.approve_device(&user_code, "ada").await.unwrap();
    let (to, mut told) = unbounded_channel();
    let finishing = tokio::spawn(async move { client.finish_device_login(resumed, telling(to)).await });
    while told.recv().await != Some(Told::Waiting(200)) {}
    desk.pass(5).await;
    finishing.await.unwrap().unwrap();

    let other = client_of(server_app(), &desk.hub).resume_device_login(parts.clone()).unwrap_err();
    assert!(matches!(other, DeviceError::OtherLogin { .. }));
    let elsewhere = Client::new(app()).resume_device_login(parts.clone()).unwrap_err();
    assert_eq!(elsewhere, DeviceError::OtherLogin { issuer: parts.issuer.clone() }, "the code's provider");
    let mut edited = parts;
    edited.issuer.push_str("\u{1b}[2J");
    let edited = Client::new(app()).resume_device_login(edited).unwrap_err();
    assert!(matches!(edited, DeviceError::InvalidParts { .. }) && !edited.to_string().contains('\u{1b}'));
}

#[tokio::test]
async fn an_app_with_a_secret_that_does_not_say_it_is_refused() {
    let hub = hub().await;
    let client = client_of(App::new("server"), &hub);
    let error = client.begin_device_login(&Scopes::none()).await.unwrap_err();
    no_secret_in(&error, &[]);
    assert!(matches!(error, DeviceError::InvalidClient(_)), "{error:?}");
    assert_eq!(asked(&hub, DEVICE), 1);
}

#[tokio::test(start_paused = true)]
async fn row_034_a_nonce_that_nobody_sent_is_refused() {
    let mut desk = Desk::begin(app(), Scopes::default()).await;
    desk.told().await;
    desk.hub.fault(Fault::claims(serde_json::json!({ "nonce": "of another login" })));
    desk.hub.approve_device(&desk.user_code, "ada").await.unwrap();
    desk.pass(5).await;
    assert!(matches!(desk.end().await, Err(DeviceError::IdToken(IdTokenError::Nonce))));
}
