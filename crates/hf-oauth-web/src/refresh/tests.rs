use hf_oauth::{App, Issuer, OAuthUserInfo, Scopes, Tokens};
use hf_oauth_hub::{AppConfig, Clock, LocalHub};

use super::memory::Lease;
use super::*;
use hf_oauth::refresh::{Backend as _, Change};

const NOW: u64 = 1_800_000_000;
const LIFE: i64 = 28_800;

fn at(clock: &Clock) -> UnixTime {
    UnixTime::from_secs(i64::try_from(clock.now()).unwrap())
}

/// A session of this person, told apart by its token.
fn session(subject: &str, token: usize) -> Session {
    let now = UnixTime::from_secs(NOW as i64);
    let token = format!("{subject} {token}");
    let tokens = Tokens::new(token.as_str().into(), Some(token.as_str().into()), now, Scopes::default());
    Session::dangerously_unverified(OAuthUserInfo::new(subject), tokens, now)
}

fn refresher() -> Refresher {
    let now = UnixTime::from_secs(NOW as i64);
    Refresher::new(Client::new(App::new("app")).with_clock(move || now))
}

#[test]
fn row_168_nobodys_sign_out_is_forgotten_for_thousands_of_another() {
    let refresher = refresher();
    let ada = session("ada", 0);
    refresher.sign_out(&ada);
    let mallory = session("mallory", 0);
    (0..4_200).for_each(|_| refresher.sign_out(&mallory));
    assert!(refresher.has_ended(&ada), "after thousands of sign-outs of one session");
    for number in 0..4_200 {
        let mallory = session("mallory", number);
        refresher.replace(&mallory);
        refresher.sign_out(&mallory);
    }
    assert!(refresher.has_ended(&ada), "after thousands of sign-ins and sign-outs of one person");
    assert!(refresher.has_ended(&session("mallory", 4_199)) && !refresher.has_ended(&session("grace", 0)));
}

struct World {
    clock: Clock,
    hub: LocalHub,
    refresher: Refresher,
    session: Session,
}

/// Ada is signed in, and her access token has ended.
async fn ended() -> World {
    let clock = Clock::manual(NOW);
    let hub = LocalHub::builder().clock(clock.clone()).start().await.unwrap();
    hub.add_app(AppConfig::public("app").redirect_uri("http://localhost/cb"));
    let ours = clock.clone();
    let app = App::new("app").with_redirect_uri(hf_oauth::RedirectUri::parse("http://localhost/cb").unwrap());
    let client =
        Client::new(app).with_issuer(Issuer::parse(hub.issuer()).unwrap()).with_clock(move || at(&ours));
    let (url, pending) = client.login_url(&hf_oauth::LoginOptions::new()).await.unwrap();
    let login = client.handle_redirect(&hub.approve(&url, "ada").await.unwrap(), pending).await.unwrap();
    let session = Session::begin(login, client.now());
    clock.advance(LIFE);
    hub.clear_journal();
    World { clock, hub, refresher: Refresher::new(client), session }
}

impl World {
    fn tokens_kept(&self) -> usize {
        self.refresher.memory.known().tokens_kept()
    }

    fn sent(&self) -> usize {
        self.hub.journal().count("/oauth/token")
    }
}

#[tokio::test]
async fn row_180_what_a_task_left_unconfirmed_is_confirmed_and_not_sent_again() {
    let world = ended().await;
    let Refresher { client, memory, .. } = &world.refresher;
    let unconfirmed =
        client.send_refresh(world.session.subject(), world.session.tokens().clone()).await.unwrap();
    let mut dies = SessionInMemory::new(memory.clone(), client.clone(), world.session.clone());
    let lease: Lease = dies.acquire(Duration::from_secs(60)).await.unwrap().lease;
    dies.write(&lease, Change::Unconfirmed(&unconfirmed)).await.unwrap();
    drop((lease, dies));
    let Freshness::Renewed(renewed) = world.refresher.fresh(world.session.clone()).await else { panic!() };
    assert_eq!(world.sent(), 1);
    assert_eq!(renewed.tokens(), &unconfirmed.into_parts().unconfirmed_tokens);
    assert_eq!(renewed.held().obtained_at, Some(at(&world.clock)));
    assert_eq!(world.tokens_kept(), 1, "what is confirmed is not kept as unconfirmed");
}

#[tokio::test]
async fn row_218_tokens_of_a_session_that_was_signed_out_are_dropped_at_once() {
    let world = ended().await;
    assert!(matches!(world.refresher.fresh(world.session.clone()).await, Freshness::Renewed(_)));
    assert_eq!(world.tokens_kept(), 1);
    world.refresher.sign_out(&world.session);
    assert_eq!(world.tokens_kept(), 0);
    let ended = world.refresher.fresh(world.session.clone()).await;
    assert!(matches!(ended, Freshness::Ended(EndReason::SignedOut)));
}

/// A provider may give one refresh token to every sign-in of a person.
#[tokio::test]
async fn two_sign_ins_with_one_refresh_token_are_not_taken_for_one_another() {
    let world = ended().await;
    let one = &world.session;
    let mut tokens = one.tokens().clone();
    tokens.access_token = "of another browser".into();
    let other = Session::dangerously_unverified(one.user_info().clone(), tokens, at(&world.clock));
    let Freshness::Renewed(renewed) = world.refresher.fresh(one.clone()).await else { panic!() };
    assert_eq!(renewed.id(), one.id());
    let known = world.refresher.memory.known();
    assert!(known.newer(one, at(&world.clock)).is_some());
    assert!(known.newer(&other, at(&world.clock)).is_none(), "it is none of the other's");
}

#[tokio::test]
async fn row_218_tokens_pass_without_another_refresh() {
    let world = ended().await;
    assert!(matches!(world.refresher.fresh(world.session.clone()).await, Freshness::Renewed(_)));
    world.clock.advance(601);
    let other = session("grace", 0);
    let _ = world.refresher.fresh(other).await;
    assert_eq!(world.tokens_kept(), 0);
}

#[tokio::test]
async fn row_166_an_untrusted_answer_ends_the_session_with_its_reason_whatever_cookie_comes_next() {
    let world = ended().await;
    world.hub.fault(hf_oauth_hub::Fault::claims(serde_json::json!({ "sub": "somebody-else" })).always());
    for _ in 0..3 {
        let ended = world.refresher.fresh(world.session.clone()).await;
        assert!(matches!(ended, Freshness::Ended(EndReason::Untrusted)));
        assert!(world.refresher.has_ended(&world.session));
    }
    assert_eq!((world.sent(), world.tokens_kept()), (1, 0));
}

#[tokio::test]
async fn row_107_a_sign_out_while_the_answer_is_under_way_keeps_no_tokens_and_touches_no_cookie() {
    let world = ended().await;
    let slow = hf_oauth_hub::Fault::latency(Duration::from_millis(300)).on(hf_oauth_hub::Endpoint::Jwks);
    world.hub.fault(slow.times(1));
    // Keys are kept from the login: a key id that is not known asks for them.
    world.hub.rotate_keys();
    let (refresher, session) = (world.refresher.clone(), world.session.clone());
    let under_way = tokio::spawn(async move { refresher.fresh(session).await });
    while world.tokens_kept() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.refresher.sign_out(&world.session);
    assert!(matches!(under_way.await.unwrap(), Freshness::Replaced));
    assert_eq!(world.tokens_kept(), 0);
}
