use hf_oauth_core::{CallbackError, CallbackParams, Hub, Prompt};
use proptest::prelude::*;

use super::*;
use crate::browser::Browser;

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
    let lines = browser.with(|cookies| logins.begin(options, &seed, cookies, now)).unwrap();
    browser.apply(&lines);
    seed.state()
}

fn find(logins: &PendingLogins, browser: &Browser, state: &str, now: UnixTime) -> PendingLookup {
    browser.with(|cookies| logins.find(&app(), state, cookies, now))
}

fn waiting(logins: &PendingLogins, browser: &Browser, state: &str) -> Option<PendingLogin> {
    match find(logins, browser, state, NOW) {
        PendingLookup::Waiting(pending) => Some(*pending),
        _ => None,
    }
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
        let mut browser = Browser::default();
        browser.apply(&logins.begin(&options, &seed, &CookieHeaders::none(), NOW).unwrap());
        let begun = PendingLogin::from_seed(&app(), &issuer, &options, &seed, NOW);
        let found = waiting(&logins, &browser, &seed.state()).unwrap();
        assert_eq!(found.into_parts(), begun.into_parts());
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
    browser.apply(&logins.finish(&state, pending.return_path(), NOW));
    let again = |now| find(&logins, &browser, &state, now);
    assert!(
        matches!(again(NOW + secs(599)), PendingLookup::Finished { return_path } if return_path.as_str() == "/settings")
    );
    assert!(matches!(again(NOW + secs(600)), PendingLookup::Unknown { after_restart: false }));
    assert!(browser.header().len() < 200, "the seed is gone: {}", browser.header());
    browser.apply(&logins.forget(&state));
    assert_eq!(browser, Browser::default());
}

#[test]
fn row_005_a_late_callback_is_told_so_and_keeps_its_return_path() {
    let (logins, mut browser) = (logins(), Browser::default());
    let state = begin(&logins, &mut browser, &to("/late"), NOW);
    let late = NOW + secs(601);
    let PendingLookup::Waiting(pending) = find(&logins, &browser, &state, late) else { panic!() };
    let params = CallbackParams::from_query(&format!("code=abc&state={state}")).unwrap();
    let rejected = pending.accept(&Hub::huggingface(), params, late).unwrap_err();
    assert_eq!(rejected.error, CallbackError::StateExpired);
    assert_eq!(rejected.pending.return_path().as_str(), "/late");
    assert!(matches!(find(&logins, &browser, &state, NOW + KEPT), PendingLookup::Unknown { .. }));
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
fn row_071_ten_logins_begun_at_once_from_an_empty_jar_all_finish() {
    let (logins, mut browser) = (logins(), Browser::default());
    let mut states = Vec::new();
    let mut answers = Vec::new();
    for _ in 0..10 {
        let seed = logins.new_seed().unwrap();
        answers.push(logins.begin(&to("/models"), &seed, &CookieHeaders::none(), NOW).unwrap());
        states.push(seed.state());
    }
    answers.iter().for_each(|lines| browser.apply(lines));
    assert!(browser.header().len() <= PENDING_COOKIES_LIMIT, "{}", browser.header().len());
    browser.apply(&browser.clone().with(|cookies| logins.stale(cookies, NOW)));
    for state in states.iter().rev() {
        let pending = waiting(&logins, &browser, state).unwrap();
        assert_eq!(pending.state().expose(), state);
        browser.apply(&logins.finish(state, pending.return_path(), NOW));
    }
}

#[test]
fn row_072_two_hundred_logins_stay_within_the_bounds_and_the_youngest_stay() {
    for path in ["/", "/a/path/of/some/length?with=a&query=string", &format!("/{}", "x".repeat(1_000))] {
        let (logins, mut browser) = (logins(), Browser::default());
        let mut last = String::new();
        for number in 0..200 {
            last = begin(&logins, &mut browser, &to(path), NOW + secs(number));
            assert!(browser.header().len() <= PENDING_COOKIES_LIMIT, "{}", browser.header().len());
            assert!(browser.0.len() <= MOST_PENDING_LOGINS);
        }
        assert!(waiting(&logins, &browser, &last).is_some());
        assert!(path.len() > 100 || browser.0.len() >= 6, "{} for {path}", browser.0.len());
    }
}

#[test]
fn row_072_the_oldest_goes_and_a_finished_one_before_it() {
    let (logins, mut browser) = (logins(), Browser::default());
    let states: Vec<_> =
        (0..10).map(|number| begin(&logins, &mut browser, &to("/"), NOW + secs(number))).collect();
    browser.apply(&logins.finish(&states[5], &ReturnPath::root(), NOW + secs(20)));
    begin(&logins, &mut browser, &to("/"), NOW + secs(21));
    let is_known = |browser: &Browser, index: usize| {
        !matches!(find(&logins, browser, &states[index], NOW + secs(22)), PendingLookup::Unknown { .. })
    };
    assert!(is_known(&browser, 0) && !is_known(&browser, 5));
    begin(&logins, &mut browser, &to("/"), NOW + secs(22));
    assert!(!is_known(&browser, 0) && is_known(&browser, 1));
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
fn row_080_a_login_begun_before_a_rotation_finishes_after_it() {
    let mut browser = Browser::default();
    let state = begin(&logins(), &mut browser, &to("/"), NOW);
    let ring = keyring('b').also_opening(keyring('a'));
    let rotated = PendingLogins::new(ring, CookiePolicy::https(), "app", Hub::huggingface().issuer());
    assert!(waiting(&rotated, &browser, &state).is_some());
}

#[test]
fn row_091_a_restart_is_known_by_its_state_alone_and_no_ordinary_login_is_one() {
    let logins = logins();
    let after_restart =
        |logins: &PendingLogins, state: &str| match logins.find(&app(), state, &CookieHeaders::none(), NOW) {
            PendingLookup::Unknown { after_restart } => after_restart,
            other => panic!("{other:?}"),
        };
    for _ in 0..50 {
        assert!(!after_restart(&logins, &logins.new_seed().unwrap().state()));
    }
    let restarted = logins.restart_seed().unwrap().state();
    assert!(after_restart(&logins, &restarted));
    let ring = keyring('b').also_opening(keyring('a'));
    let rotated = PendingLogins::new(ring, CookiePolicy::https(), "app", Hub::huggingface().issuer());
    assert!(after_restart(&rotated, &restarted), "also after a rotation");
    let strangers =
        PendingLogins::new(keyring('c'), CookiePolicy::https(), "app", Hub::huggingface().issuer());
    let marked =
        (0..16).filter(|_| after_restart(&strangers, &logins.restart_seed().unwrap().state())).count();
    assert!(marked < 4, "without the key there is no mark: {marked} of 16");
    for forged in ["", "abc", "-1", "1000000000"] {
        let _ = after_restart(&logins, forged);
    }
}

#[test]
fn a_login_that_fits_no_cookie_is_refused_with_what_to_do() {
    let logins = logins();
    let seed = logins.new_seed().unwrap();
    let options = to("/").with_app_state("x".repeat(2_000));
    let error = logins.begin(&options, &seed, &CookieHeaders::none(), NOW).unwrap_err();
    assert!(matches!(error, WriteError::PendingLoginTooLarge { limit: PENDING_COOKIES_LIMIT, .. }));
    assert!(error.to_string().contains("app state"), "{error}");
    let longest = format!("/{}", "a".repeat(ReturnPath::LONGEST - 1));
    assert!(logins.begin(&to(&longest), &seed, &CookieHeaders::none(), NOW).is_ok());
}

proptest! {
    #[test]
    fn foreign_records_are_refused_without_a_panic(bytes: Vec<u8>) {
        let _ = Record::read(&bytes);
    }

    #[test]
    fn foreign_cookies_find_nothing(header: Vec<u8>, state in ".*") {
        let cookies = CookieHeaders::new([header.as_slice()]);
        let found = logins().find(&app(), &state, &cookies, NOW);
        prop_assert!(matches!(found, PendingLookup::Unknown { .. }), "{:?}", found);
    }
}
