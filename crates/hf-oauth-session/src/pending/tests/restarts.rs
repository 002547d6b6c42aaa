//! A login that comes back without its cookie is begun once more, and once only.

use super::*;

/// Where a browser that is sent from the app to the provider and back ends, and after how many visits there. `on_the_way`
/// is what provider and proxies make of `state`.
fn visits(
    instances: [&PendingLogins; 2],
    mut browser: Browser,
    keeps_cookies: bool,
    on_the_way: impl Fn(&str) -> String,
) -> (usize, bool) {
    let mut seed = instances[0].new_seed().unwrap();
    for visit in 1..20 {
        let here = instances[visit % 2];
        let lines = browser.with(|cookies| here.begin(&to("/"), &seed, &[], cookies, NOW)).unwrap();
        if keeps_cookies {
            browser.apply(&lines);
        }
        let state = on_the_way(&seed.state());
        let back_at = instances[(visit + 1) % 2];
        match find(back_at, &browser, &state, NOW + secs(2 * visit as u64)) {
            PendingLookup::Unknown { may_restart: true } => {
                seed = back_at.restart_seed().unwrap();
                if keeps_cookies {
                    browser.apply(&[back_at.restart_note()]);
                }
            }
            PendingLookup::Unknown { may_restart: false } => return (visit, false),
            _ => return (visit, true),
        }
    }
    panic!("redirects without end");
}

#[test]
fn row_162_a_changed_state_costs_two_visits_at_most() {
    let logins = logins();
    let ours = logins.new_seed().unwrap().state();
    type Change = Box<dyn Fn(&str) -> String>;
    let changes: [(&str, Change); 9] = [
        ("constant", Box::new(|_| "constant".to_owned())),
        ("cut", Box::new(|state| state[..32].to_owned())),
        ("cut by one", Box::new(|state| state[..state.len() - 1].to_owned())),
        ("padded", Box::new(|state| format!("{state}="))),
        ("lower case", Box::new(str::to_lowercase)),
        ("upper case", Box::new(str::to_uppercase)),
        ("quoted", Box::new(|state| format!("\"{state}\""))),
        ("another of the same length", Box::new(|state| "A".repeat(state.len()))),
        ("one character", Box::new(|state| state.replacen(|it| it != 'x', "x", 1))),
    ];
    for keeps_cookies in [true, false] {
        for (change, on_the_way) in &changes {
            let (visits, _) = visits([&logins, &logins], Browser::default(), keeps_cookies, on_the_way);
            assert_eq!(visits, 1, "{change}: a login that cannot come back is not begun again");
        }
    }
    // Another login's state each time: only a browser that keeps cookies can notice, and does.
    let (visits, _) = visits([&logins, &logins], Browser::default(), true, |_| ours.clone());
    assert_eq!(visits, 2);
}

#[test]
fn row_162_a_lost_cookie_costs_two_visits_and_a_kept_one_a_single() {
    let logins = logins();
    assert_eq!(visits([&logins, &logins], Browser::default(), false, str::to_owned), (2, false));
    assert_eq!(visits([&logins, &logins], Browser::default(), true, str::to_owned), (1, true));
}

#[test]
fn row_163_two_instances_with_different_keys_cost_two_visits_and_no_cookie_beyond_the_bounds() {
    let other = PendingLogins::new(keyring('z'), CookiePolicy::https(), "app", Hub::huggingface().issuer());
    for keeps_cookies in [true, false] {
        let (visits, is_found) =
            visits([&logins(), &other], Browser::default(), keeps_cookies, str::to_owned);
        assert_eq!((visits, is_found), (2, false));
    }
    assert_eq!(visits([&logins(), &logins()], Browser::default(), true, str::to_owned), (1, true));
}

#[test]
fn row_163_the_note_of_a_restart_lasts_a_minute_and_can_be_taken_away() {
    let logins = logins();
    let (note, mut browser) = (logins.restart_note(), Browser::default());
    assert!(
        note.header_value().starts_with("__Host-hf_oauth_restart=1; Max-Age=60; Path=/; Secure; HttpOnly")
    );
    let first = logins.new_seed().unwrap().state();
    let may_restart = |browser: &Browser| match find(&logins, browser, &first, NOW) {
        PendingLookup::Unknown { may_restart } => may_restart,
        other => panic!("{other:?}"),
    };
    assert!(may_restart(&browser));
    browser.apply(&[note]);
    assert!(!may_restart(&browser) && browser.with(|cookies| logins.has_restart_note(cookies)));
    assert!(browser.with(|cookies| logins.stale(cookies, NOW)).is_empty(), "it is no login");
    browser.apply(&browser.clone().with(|cookies| logins.without_restart_note(cookies)));
    assert!(may_restart(&browser) && browser == Browser::default());
    assert!(browser.with(|cookies| logins.without_restart_note(cookies)).is_empty());
}

#[test]
fn row_091_a_forged_state_gains_one_visit_or_a_page() {
    let logins = logins();
    let anybodys = LoginSeed::from_random_bytes([9; 32]);
    let browser = Browser::default();
    let forged_first = find(&logins, &browser, &anybodys.state(), NOW);
    assert!(matches!(forged_first, PendingLookup::Unknown { may_restart: true }));
    let forged_restart = find(&logins, &browser, &anybodys.for_restart().state(), NOW);
    assert!(matches!(forged_restart, PendingLookup::Unknown { may_restart: false }));
    for text in ["", "abc", "-1", "1000000000", "_nb_redirects=0", &"1".repeat(100_000)] {
        let found = find(&logins, &browser, text, NOW);
        assert!(matches!(found, PendingLookup::Unknown { may_restart: false }), "{text:.20}");
    }
}
