use std::time::Duration;

use hf_oauth_core::{CallbackError, CallbackParams, Hub, Prompt};
use proptest::prelude::*;

use super::*;
use crate::browser::Browser;
use crate::cookie_sessions::CookieSessions;
use crate::session::MOST_REQUIREMENTS;

mod bounds;
mod restarts;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn keyring(first: char) -> Keyring {
    Keyring::new([format!("{first}-key-0123456789abcdefghijklmnopqrstuv")]).unwrap()
}

fn logins() -> PendingLogins {
    PendingLogins::new(keyring('a'), CookiePolicy::https(), "app", Hub::huggingface().issuer())
}

fn app() -> App {
    App::new("app")
}

fn to(path: &str) -> LoginOptions {
    LoginOptions::new().with_return_path(ReturnPath::parse(path).unwrap())
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Begins one more login in this browser and gives its `state`.
fn begin(logins: &PendingLogins, browser: &mut Browser, options: &LoginOptions, now: UnixTime) -> String {
    let seed = logins.new_seed().unwrap();
    let lines = browser.with(|cookies| logins.begin(options, &seed, &[], cookies, now)).unwrap();
    browser.apply(&lines);
    seed.state()
}

fn finish(
    logins: &PendingLogins,
    browser: &Browser,
    state: &str,
    return_path: &ReturnPath,
    now: UnixTime,
) -> Vec<SetCookie> {
    browser.with(|cookies| logins.finish(state, return_path, cookies, &[], now))
}

fn find(logins: &PendingLogins, browser: &Browser, state: &str, now: UnixTime) -> PendingLookup {
    browser.with(|cookies| logins.find(&app(), state, cookies, now))
}

fn waiting(logins: &PendingLogins, browser: &Browser, state: &str) -> Option<PendingLogin> {
    match find(logins, browser, state, NOW) {
        PendingLookup::Waiting { login, .. } => Some(*login),
        _ => None,
    }
}

#[test]
fn row_170_a_login_after_more_requirements_than_a_session_remembers_comes_back_with_the_newest() {
    let (logins, mut browser) = (logins(), Browser::default());
    let seed = logins.new_seed().unwrap();
    let asked: Vec<_> =
        (0..=MOST_REQUIREMENTS).map(|number| RequirementId::of(&number.to_string())).collect();
    let options = LoginOptions::new();
    let lines = browser.with(|cookies| logins.begin(&options, &seed, &asked, cookies, NOW)).unwrap();
    browser.apply(&lines);
    let found = find(&logins, &browser, &seed.state(), NOW);
    let PendingLookup::Waiting { asked: found, .. } = found else { panic!("{found:?}") };
    assert_eq!(found, asked[1..]);
}

#[test]
fn a_login_comes_back_with_all_that_it_was_begun_with() {
    for issuer in [Issuer::HUGGING_FACE, "https://id.example/realms/one"] {
        let issuer = Issuer::parse(issuer).unwrap();
        let logins = PendingLogins::new(keyring('a'), CookiePolicy::https(), "app", &issuer);
        let options = to("/models?sort=new#top")
            .with_scopes("openid profile jobs brand-new")
            .with_prompt(Prompt::Consent)
            .with_app_state("opened from the menu");
        let seed = logins.new_seed().unwrap();
        let asked: Vec<_> = ["jobs", "5f0c"].into_iter().map(RequirementId::of).collect();
        for (seed, asked) in [(seed.clone(), asked), (seed.for_restart(), Vec::new())] {
            let mut browser = Browser::default();
            browser.apply(&logins.begin(&options, &seed, &asked, &CookieHeaders::none(), NOW).unwrap());
            let begun = PendingLogin::from_seed(&app(), &issuer, &options, &seed, NOW);
            let found = find(&logins, &browser, &seed.state(), NOW);
            let PendingLookup::Waiting { login, asked: found } = found else { panic!("{found:?}") };
            assert_eq!((login.into_parts(), found), (begun.into_parts(), asked));
        }
    }
}

#[test]
fn row_001_a_forged_state_finds_nothing_and_uses_nothing_up() {
    let (logins, mut browser) = (logins(), Browser::default());
    let state = begin(&logins, &mut browser, &to("/a"), NOW);
    for forged in ["", "guessed", &state[1..], &format!("{state}x"), &"x".repeat(100_000)] {
        assert!(matches!(find(&logins, &browser, forged, NOW), PendingLookup::Unknown { .. }));
    }
    assert!(waiting(&logins, &browser, &state).is_some());
}

#[test]
fn row_003_the_same_callback_again_knows_where_the_login_went() {
    let (logins, mut browser) = (logins(), Browser::default());
    let state = begin(&logins, &mut browser, &to("/settings"), NOW);
    let pending = waiting(&logins, &browser, &state).unwrap();
    browser.apply(&finish(&logins, &browser, &state, pending.return_path(), NOW));
    let again = |now| find(&logins, &browser, &state, now);
    assert!(
        matches!(again(NOW + secs(599)), PendingLookup::Finished { return_path } if return_path.as_str() == "/settings")
    );
    assert!(matches!(again(NOW + secs(600)), PendingLookup::Unknown { may_restart: true }));
    assert!(browser.header().len() < 200, "the seed is gone: {}", browser.header());
    browser.apply(&logins.forget(&state));
    assert_eq!(browser, Browser::default());
}

#[test]
fn row_005_a_late_callback_is_told_so_and_keeps_its_return_path() {
    let (logins, mut browser) = (logins(), Browser::default());
    let state = begin(&logins, &mut browser, &to("/late"), NOW);
    let late = NOW + secs(601);
    let PendingLookup::Waiting { login: pending, .. } = find(&logins, &browser, &state, late) else {
        panic!()
    };
    let params = CallbackParams::from_query(&format!("code=abc&state={state}")).unwrap();
    let rejected = pending.accept(&Hub::huggingface(), params, late).unwrap_err();
    assert_eq!(rejected.error, CallbackError::StateExpired);
    assert_eq!(rejected.pending.return_path().as_str(), "/late");
    assert!(matches!(find(&logins, &browser, &state, NOW + secs(1_800)), PendingLookup::Unknown { .. }));
}

#[test]
fn row_007_a_callback_for_another_provider_is_named_as_such() {
    let (logins, mut browser) = (logins(), Browser::default());
    let state = begin(&logins, &mut browser, &to("/"), NOW);
    let other = Issuer::parse("https://id.example").unwrap();
    let moved = PendingLogins::new(keyring('a'), CookiePolicy::https(), "app", &other);
    assert_eq!(waiting(&moved, &browser, &state).unwrap().issuer().as_str(), Issuer::HUGGING_FACE);
}

#[test]
fn row_077_what_does_not_open_is_deleted_when_a_login_begins() {
    let mut browser = Browser::default();
    begin(
        &PendingLogins::new(keyring('z'), CookiePolicy::https(), "app", Hub::huggingface().issuer()),
        &mut browser,
        &to("/"),
        NOW,
    );
    browser.0.insert(("__Host-hf_oauth_login_x".to_owned(), false), "garbage".to_owned());
    let logins = logins();
    let state = begin(&logins, &mut browser, &to("/"), NOW);
    assert_eq!(browser.0.len(), 1);
    assert!(waiting(&logins, &browser, &state).is_some());
}

#[test]
fn row_078_no_byte_of_a_pending_login_can_be_changed_nor_its_name() {
    let (logins, mut browser) = (logins(), Browser::default());
    let state = begin(&logins, &mut browser, &to("/a"), NOW);
    let other = begin(&logins, &mut Browser::default(), &to("/b"), NOW);
    let value = browser.0.values().next().unwrap().clone();
    let sealed = URL_SAFE_NO_PAD.decode(&value).unwrap();
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        let mut browser = browser.clone();
        browser.0.values_mut().for_each(|old| *old = URL_SAFE_NO_PAD.encode(&changed));
        assert!(waiting(&logins, &browser, &state).is_none(), "byte {position}");
    }
    let mut moved = Browser::default();
    moved.0.insert((logins.name(&other), false), value);
    assert!(waiting(&logins, &moved, &other).is_none());
}

#[test]
fn row_078_a_pending_login_is_no_session() {
    let policy = CookiePolicy::https();
    let sessions = CookieSessions::new(keyring('a'), policy.clone(), "app", Hub::huggingface().issuer());
    let mut browser = Browser::default();
    begin(&logins(), &mut browser, &to("/"), NOW);
    let value = browser.0.into_values().next().unwrap();
    let header = format!("{}=1{value}", policy.session_name());
    assert!(sessions.read(&CookieHeaders::new([header.as_bytes()]), NOW).session.is_none());
}

#[test]
fn row_080_a_login_begun_before_a_rotation_finishes_after_it() {
    let mut browser = Browser::default();
    let state = begin(&logins(), &mut browser, &to("/"), NOW);
    let ring = keyring('b').also_opening(keyring('a'));
    let rotated = PendingLogins::new(ring, CookiePolicy::https(), "app", Hub::huggingface().issuer());
    assert!(waiting(&rotated, &browser, &state).is_some());
}

proptest! {
    #[test]
    fn foreign_records_are_refused_without_a_panic(bytes: Vec<u8>) {
        for kind in [Kind::Waiting, Kind::Finished] {
            let _ = Record::read(Label::new(kind, NOW), &bytes);
        }
    }

    #[test]
    fn foreign_labels_are_read_without_a_panic(value in ".*") {
        let _ = Label::of_value(&value).map(|label| label.is_current(NOW));
    }

    #[test]
    fn foreign_cookies_find_nothing(header: Vec<u8>, state in ".*") {
        let cookies = CookieHeaders::new([header.as_slice()]);
        let found = logins().find(&app(), &state, &cookies, NOW);
        prop_assert!(matches!(found, PendingLookup::Unknown { .. }), "{:?}", found);
    }
}
