//! How many logins there may be, how large they are beside a session, and what goes.

use hf_oauth_core::{OAuthOrgInfo, OAuthUserInfo, Scopes, Tokens};

use super::*;
use crate::cookie::{COOKIES_LIMIT, CROWDED, MOST_DELETIONS, SESSION_COOKIES_LIMIT};
use crate::cookie_sessions::CookieSessions;
use crate::session::Session;

#[test]
fn row_071_ten_logins_begun_at_once_from_an_empty_jar_all_finish() {
    let (logins, mut browser) = (logins(), Browser::default());
    let mut states = Vec::new();
    let mut answers = Vec::new();
    for _ in 0..10 {
        let seed = logins.new_seed().unwrap();
        answers.push(logins.begin(&to("/models"), &seed, &[], &CookieHeaders::none(), NOW).unwrap());
        states.push(seed.state());
    }
    answers.iter().for_each(|lines| browser.apply(lines));
    assert!(browser.header().len() <= 1_500, "{}", browser.header().len());
    browser.apply(&browser.clone().with(|cookies| logins.stale(cookies, NOW)));
    for state in states.iter().rev() {
        let pending = waiting(&logins, &browser, state).unwrap();
        assert_eq!(pending.state().expose(), state);
        browser.apply(&finish(&logins, &browser, state, pending.return_path(), NOW));
    }
}

#[test]
fn row_072_two_hundred_logins_stay_within_the_bounds_and_the_youngest_stay() {
    for path in ["/", "/a/path/of/some/length?with=a&query=string", &format!("/{}", "x".repeat(340))] {
        let (logins, mut browser) = (logins(), Browser::default());
        let mut last = String::new();
        for number in 0..200 {
            last = begin(&logins, &mut browser, &to(path), NOW + secs(number));
            assert!(browser.header().len() <= COOKIES_LIMIT, "{}", browser.header().len());
            assert!(browser.0.len() <= MOST_PENDING_LOGINS);
        }
        assert!(waiting(&logins, &browser, &last).is_some());
        assert_eq!(browser.0.len(), MOST_PENDING_LOGINS, "{path}");
    }
}

#[test]
fn row_072_the_oldest_goes_and_a_finished_one_before_it() {
    let (logins, mut browser) = (logins(), Browser::default());
    let states: Vec<_> =
        (0..10).map(|number| begin(&logins, &mut browser, &to("/"), NOW + secs(number))).collect();
    browser.apply(&finish(&logins, &browser, &states[5], &ReturnPath::root(), NOW + secs(20)));
    begin(&logins, &mut browser, &to("/"), NOW + secs(21));
    let is_known = |browser: &Browser, index: usize| {
        !matches!(find(&logins, browser, &states[index], NOW + secs(22)), PendingLookup::Unknown { .. })
    };
    assert!(is_known(&browser, 0) && !is_known(&browser, 5));
    begin(&logins, &mut browser, &to("/"), NOW + secs(22));
    assert!(!is_known(&browser, 0) && is_known(&browser, 1));
}

/// A session whose cookies take about so many bytes of the header.
fn signed_in(policy: &CookiePolicy, token: usize, orgs: u32) -> Vec<SetCookie> {
    let text = "abcdefghijklmnopqrstuvwxyz0123456789".chars().cycle().take(token).collect::<String>();
    let tokens = Tokens::new(text.into(), None, NOW + secs(28_800), Scopes::from("openid profile"));
    let mut user = OAuthUserInfo::new("5f0c2b1a9d8e7f6a5b4c3d2e");
    user.orgs = Some((0..orgs).map(|number| OAuthOrgInfo::new(format!("{number:024x}"))).collect());
    let sessions = CookieSessions::new(keyring('a'), policy.clone(), "app", Hub::huggingface().issuer());
    let session = Session::dangerously_unverified(user, tokens, NOW);
    sessions.write(&session, &CookieHeaders::none(), NOW).unwrap()
}

fn policies() -> [CookiePolicy; 4] {
    let renamed = CookiePolicy::https().with_name("a-shop-with-a-long-name-in-it-0123456789").unwrap();
    [CookiePolicy::http(65_535), CookiePolicy::https(), CookiePolicy::space(), renamed]
}

fn path(length: usize) -> String {
    format!("/{}", "p".repeat(length - 1))
}

/// Ten logins that know nothing of each other.
fn begin_ten(
    logins: &PendingLogins,
    cookies: &CookieHeaders<'_>,
    options: &LoginOptions,
) -> (Vec<String>, Vec<SetCookie>) {
    let mut lines = Vec::new();
    let states = (0..10).map(|number| {
        let seed = logins.new_seed().unwrap();
        lines.extend(logins.begin(options, &seed, &[], cookies, NOW + secs(number)).unwrap());
        seed.state()
    });
    (states.collect(), lines)
}

#[test]
fn row_169_ten_logins_with_long_return_paths_begun_at_once_finish_where_they_began() {
    for policy in policies() {
        let logins = PendingLogins::new(keyring('a'), policy.clone(), "app", Hub::huggingface().issuer());
        let mut browser = Browser::default();
        let (states, lines) = begin_ten(&logins, &CookieHeaders::none(), &to(&path(340)));
        browser.apply(&lines);
        let all = browser.header().len();
        assert!(all <= COOKIES_LIMIT && all > 5_500, "{all} bytes under {}", policy.session_name());
        let token = if policy.session_name().len() > 20 { 1_250 } else { 1_700 };
        let session = signed_in(&policy, token, 3);
        let session_bytes = set_bytes(&session);
        assert!((1_400..2_200).contains(&session_bytes), "{session_bytes}");
        for state in &states {
            browser.apply(&browser.clone().with(|cookies| logins.stale(cookies, NOW + secs(20))));
            let login = waiting(&logins, &browser, state).expect("it is lost");
            assert_eq!(login.return_path().as_str(), path(340));
            let finished = browser
                .with(|cookies| logins.finish(state, login.return_path(), cookies, &session, NOW + secs(20)));
            browser.apply(&session);
            browser.apply(&finished);
            assert!(browser.header().len() <= CROWDED, "{}", browser.header().len());
        }
    }
}

#[test]
fn row_169_beside_the_largest_session_ten_logins_to_the_front_page_fit() {
    for policy in &policies()[..3] {
        let logins = PendingLogins::new(keyring('a'), policy.clone(), "app", Hub::huggingface().issuer());
        let mut browser = Browser::default();
        browser.apply(&signed_in(policy, 4_790, 20));
        let session_bytes = browser.header().len();
        assert!(
            (SESSION_COOKIES_LIMIT - 200..=SESSION_COOKIES_LIMIT).contains(&session_bytes),
            "{session_bytes}"
        );
        let (states, lines) =
            browser.clone().with(|cookies| begin_ten(&logins, cookies, &LoginOptions::new()));
        browser.apply(&lines);
        assert!(browser.header().len() <= COOKIES_LIMIT, "{}", browser.header().len());
        assert!(browser.with(|cookies| logins.stale(cookies, NOW + secs(20))).is_empty());
        for state in &states {
            assert!(waiting(&logins, &browser, state).is_some());
        }
    }
}

#[test]
fn row_169_a_login_takes_a_tenth_of_what_the_session_leaves_and_to_the_front_page_a_tenth_of_all() {
    let (logins, policy) = (logins(), CookiePolicy::https());
    let seed = logins.new_seed().unwrap();
    let mut browser = Browser::default();
    browser.apply(&signed_in(&policy, 4_200, 3));
    let share = (COOKIES_LIMIT - browser.header().len() - 2) / 10;
    let begin =
        |options: &LoginOptions| browser.with(|cookies| logins.begin(options, &seed, &[], cookies, NOW));
    let longest = (1..400).rev().find(|length| begin(&to(&path(*length))).is_ok()).unwrap();
    let lines = begin(&to(&path(longest))).unwrap();
    assert!((share - 3..=share).contains(&set_bytes(&lines)), "{} of {share}", set_bytes(&lines));
    let error = begin(&to(&path(longest + 3))).unwrap_err();
    assert!(
        matches!(error, WriteError::PendingLoginTooLarge { limit, bytes } if limit == share && bytes > share)
    );
    assert!(error.to_string().contains("return path"), "{error}");
    let asked: Vec<_> = (0..16).map(|number| RequirementId::of(&number.to_string())).collect();
    let options = LoginOptions::new().with_scopes("openid profile jobs a-new-scope").with_app_state("menu");
    let lines = browser.with(|cookies| logins.begin(&options, &seed, &asked, cookies, NOW)).unwrap();
    assert!(set_bytes(&lines) > share, "a guard's login begins beside any session");
    let endless = LoginOptions::new().with_app_state("x".repeat(2_000));
    let error = begin(&endless).unwrap_err();
    assert!(matches!(error, WriteError::PendingLoginTooLarge { limit: 650, .. }));
    assert!(error.to_string().contains("app state"), "{error}");
}

#[test]
fn row_169_where_a_large_session_comes_logins_lose_their_return_path_and_not_themselves() {
    let (logins, policy) = (logins(), CookiePolicy::https());
    let mut browser = Browser::default();
    let (states, lines) = begin_ten(&logins, &CookieHeaders::none(), &to(&path(340)));
    browser.apply(&lines);
    let session = signed_in(&policy, 4_790, 20);
    let finished = browser
        .with(|cookies| logins.finish(&states[0], &ReturnPath::root(), cookies, &session, NOW + secs(20)));
    browser.apply(&session);
    browser.apply(&finished);
    assert!(browser.header().len() <= CROWDED, "{}", browser.header().len());
    let head: usize = session.iter().chain(&finished).map(|line| line.header_value().len() + 14).sum();
    assert!(head < 8_192, "{head}");
    let paths = states[1..].iter().map(|state| {
        waiting(&logins, &browser, state).expect("it is lost").return_path().as_str().to_owned()
    });
    let paths: Vec<_> = paths.collect();
    assert_eq!(paths[0], "/", "the oldest first");
    assert_eq!(paths[8], path(340), "as many as fit stay as they were");
}

#[test]
fn row_172_of_three_hundred_junk_cookies_one_answer_deletes_a_few() {
    for policy in policies() {
        let logins = PendingLogins::new(keyring('a'), policy.clone(), "app", Hub::huggingface().issuer());
        let mut browser = Browser::default();
        let state = begin(&logins, &mut browser, &to("/"), NOW);
        for number in 0..300 {
            browser.0.insert((format!("{}{number:08}", logins.prefix), false), "junk".to_owned());
        }
        let mut answers = 0;
        loop {
            let stale = browser.with(|cookies| logins.stale(cookies, NOW));
            assert!(stale.len() <= MOST_DELETIONS && stale.iter().all(SetCookie::is_deletion));
            let head: usize = stale.iter().map(|line| line.header_value().len() + 14).sum();
            assert!(head < 1_300, "{head}");
            if stale.is_empty() {
                break;
            }
            answers += 1;
            browser.apply(&stale);
        }
        assert!((300 / MOST_DELETIONS..=600 / MOST_DELETIONS + 1).contains(&answers), "{answers}");
        assert!(waiting(&logins, &browser, &state).is_some() && browser.0.len() == 1);
    }
}

#[test]
fn row_172_junk_that_looks_like_young_logins_pushes_out_no_real_one() {
    let (logins, mut browser) = (logins(), Browser::default());
    let states: Vec<_> =
        (0..9).map(|number| begin(&logins, &mut browser, &to("/"), NOW + secs(number))).collect();
    let label = Label::new(Kind::Waiting, NOW + secs(60)).to_bytes();
    for number in 0..40 {
        let junk = URL_SAFE_NO_PAD.encode([&label[..], &[number; 70]].concat());
        browser.0.insert((format!("{}junk{number:04}", logins.prefix), false), junk);
    }
    for _ in 0..20 {
        browser.apply(&browser.clone().with(|cookies| logins.stale(cookies, NOW + secs(60))));
    }
    assert!(browser.0.len() <= MOST_PENDING_LOGINS);
    assert!(states.iter().all(|state| waiting(&logins, &browser, state).is_some()));
}

#[test]
fn row_173_a_login_is_found_and_kept_beside_junk_of_its_own_name() {
    let policy = CookiePolicy::http(7860);
    let logins = PendingLogins::new(keyring('a'), policy, "app", Hub::huggingface().issuer());
    let mut browser = Browser::default();
    let state = begin(&logins, &mut browser, &to("/a"), NOW);
    let name = logins.name(&state);
    let junk = |value: &str, count: usize| format!("{name}={value}; ").repeat(count);
    for value in ["", "x", "AAAAAAAA", &"A".repeat(100)] {
        let header = format!("{}{}; {}", junk(value, 5), browser.header(), junk(value, 5));
        let cookies = CookieHeaders::new([header.as_bytes()]);
        assert!(matches!(logins.find(&app(), &state, &cookies, NOW), PendingLookup::Waiting { .. }));
        assert!(logins.stale(&cookies, NOW).is_empty(), "a deletion would take the login");
        let next = logins.new_seed().unwrap();
        let lines = logins.begin(&to("/b"), &next, &[], &cookies, NOW).unwrap();
        assert!(lines.iter().all(|line| line.name() != name));
    }
}

#[test]
fn a_login_that_is_over_goes_and_one_of_another_instances_clock_stays() {
    let (logins, mut browser) = (logins(), Browser::default());
    let state = begin(&logins, &mut browser, &to("/"), NOW);
    let stale = |now: UnixTime| browser.with(|cookies| logins.stale(cookies, now)).len();
    let before = UnixTime::from_secs(NOW.as_secs() - 299);
    assert_eq!((stale(before), stale(NOW + secs(1_799))), (0, 0));
    assert_eq!((stale(NOW + secs(1_800)), stale(UnixTime::from_secs(NOW.as_secs() - 301))), (2, 2));
    browser.apply(&finish(&logins, &browser, &state, &ReturnPath::root(), NOW));
    let stale = |now: UnixTime| browser.with(|cookies| logins.stale(cookies, now)).len();
    assert_eq!((stale(NOW + secs(599)), stale(NOW + secs(600))), (0, 2));
}

#[test]
fn signing_out_takes_every_login_along_and_real_ones_before_junk() {
    let (logins, mut browser) = (logins(), Browser::default());
    for _ in 0..MOST_PENDING_LOGINS {
        begin(&logins, &mut browser, &to("/"), NOW);
    }
    for number in 0..30 {
        browser.0.insert((format!("{}{number:08}", logins.prefix), false), "junk".to_owned());
    }
    let cleared = browser.with(|cookies| logins.clear(cookies, NOW));
    assert_eq!(cleared.len(), 2 * MOST_PENDING_LOGINS);
    browser.apply(&cleared);
    assert!(browser.0.values().all(|value| value == "junk"));
}
