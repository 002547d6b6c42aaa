//! Cookies under the session's names that are no session: planted, of another version, or too many.

use super::*;

#[test]
fn row_102_a_newer_versions_cookie_is_nobody_and_kept_while_it_lasts() {
    let sessions = sessions();
    let end = NOW + Duration::from_secs(60);
    let sealed = ring(&[KEY]).seal_as_newer(&sessions.binding(1), end, b"future");
    let mut browser = Browser::default();
    browser.0.insert((sessions.names[0].clone(), false), format!("1{}", URL_SAFE_NO_PAD.encode(sealed)));
    let at = |now| browser.with(|cookies| sessions.read(cookies, now));
    assert!(at(NOW).session.is_none() && at(NOW).stale.is_empty());
    assert!(!at(end).stale.is_empty(), "what has ended goes, whoever made it");
}

#[test]
fn row_102_nobody_plants_a_newer_versions_cookie_that_never_goes() {
    let sessions = sessions();
    let end = NOW + Duration::from_secs(60);
    let ours = ring(&[KEY]).seal(&sessions.binding(1), end, &[7; 60]).unwrap();
    let strangers = ring(&[OTHER_KEY]).seal_as_newer(&sessions.binding(1), end, &[7; 60]);
    let other_purpose = ring(&[KEY]).seal_as_newer(&sessions.binding(2), end, &[7; 60]);
    for format in crate::seal::FORMAT + 1..=u8::MAX {
        for sealed in [&ours, &strangers, &other_purpose, &vec![0; 120]] {
            let mut planted = sealed.clone();
            planted[0] = format;
            let mut browser = Browser::default();
            let value = format!("1{}", URL_SAFE_NO_PAD.encode(planted));
            browser.0.insert((sessions.names[0].clone(), false), value);
            browser.apply(&read(&sessions, &browser).stale);
            assert_eq!(browser, Browser::default(), "format {format}");
        }
    }
}

#[test]
fn row_102_a_whole_seal_over_foreign_content_is_nobody() {
    let sessions = sessions();
    for payload in [&b""[..], b"garbage", &[0xff; 64]] {
        let sealed = ring(&[KEY]).seal(&sessions.binding(1), NOW + Duration::from_secs(60), payload).unwrap();
        let mut browser = Browser::default();
        browser.0.insert((sessions.names[0].clone(), false), format!("1{}", URL_SAFE_NO_PAD.encode(sealed)));
        let found = read(&sessions, &browser);
        assert!(found.session.is_none() && !found.stale.is_empty());
    }
}

#[test]
fn row_076_on_http_a_twin_neither_hides_the_session_nor_asks_for_another_write() {
    let sessions = sessions().with_policy(CookiePolicy::http(7860));
    let browser = write(&sessions, &session());
    let header = format!("hf_oauth_7860=tossed; hf_oauth_7860=1AAAA; {}", browser.header());
    let found = sessions.read(&CookieHeaders::new([header.as_bytes()]), NOW);
    assert_eq!(found.session, Some(session()));
    assert!(!found.reseal && found.stale.is_empty());
}

/// As an app of another port on this host, or one under a longer path, sets them: in front of the session's own.
fn behind_junk(browser: &Browser, junk: &[String]) -> String {
    junk.iter().map(|value| format!("hf_oauth_7860={value}; ")).collect::<String>() + &browser.header()
}

#[test]
fn row_173_the_session_is_found_behind_junk_of_its_name_and_never_deleted() {
    let sessions = sessions().with_policy(CookiePolicy::http(7860));
    for session in [session(), session_of(user(Some(200)), 1_400, None)] {
        let browser = write(&sessions, &session);
        let whole = browser.0.values().next().unwrap();
        let other_key = CookieSessions::new(ring(&[OTHER_KEY]), CookiePolicy::http(7860), "app", &issuer());
        let strangers = write(&other_key, &session).0.into_values().next().unwrap();
        for junk in ["x", "1", "2", "1AAAA", &"1A".repeat(400), &whole[..whole.len() - 1], &strangers] {
            for count in [1, 4, 9] {
                let header = behind_junk(&browser, &vec![junk.to_owned(); count]);
                let found = sessions.read(&CookieHeaders::new([header.as_bytes()]), NOW);
                assert_eq!(
                    found.session.as_ref().map(rights),
                    Some(rights(&session)),
                    "{count} of {junk:.20}"
                );
                assert!(found.stale.is_empty() && !found.reseal, "a deletion would take the session's own");
                let session = found.session.unwrap();
                let lines = sessions.write(&session, &CookieHeaders::new([header.as_bytes()]), NOW).unwrap();
                let own_parts = &sessions.names[..browser.0.len()];
                assert!(
                    lines
                        .iter()
                        .all(|line| !line.is_deletion() || !own_parts.contains(&line.name().to_owned()))
                );
            }
        }
    }
}

#[test]
fn row_173_what_came_beyond_what_is_tried_is_kept() {
    let sessions = sessions().with_policy(CookiePolicy::http(7860));
    let browser = write(&sessions, &session());
    let junk = format!("1{}", "A".repeat(3_900));
    for (count, is_found) in [(8, true), (40, false)] {
        let header = behind_junk(&browser, &vec![junk.clone(); count]);
        let found = sessions.read(&CookieHeaders::new([header.as_bytes()]), NOW);
        assert_eq!((found.session.is_some(), found.stale.len()), (is_found, 0), "{count}");
    }
    let header = format!("hf_oauth_7860={junk}; hf_oauth_7860=1");
    let found = sessions.read(&CookieHeaders::new([header.as_bytes()]), NOW);
    assert_eq!(found.stale.len(), 1, "all were tried, and none is a session");
}

#[test]
fn row_172_one_answer_deletes_a_few_cookies_and_the_next_ones_the_rest() {
    for policy in [CookiePolicy::http(7860), CookiePolicy::https(), CookiePolicy::space()] {
        let sessions = sessions().with_policy(policy);
        let mut browser = Browser::default();
        browser.0.insert((sessions.names[0].clone(), false), "junk".to_owned());
        for part in 2..=9 {
            browser.0.insert((format!("{}_{part}", sessions.names[0]), false), "junk".to_owned());
        }
        for _ in 0..3 {
            let stale = read(&sessions, &browser).stale;
            assert!(stale.len() <= crate::cookie::MOST_DELETIONS);
            let lines = browser.with(|cookies| sessions.write(&session(), cookies, NOW)).unwrap();
            assert!(lines.len() <= crate::cookie::MOST_DELETIONS + 1, "nor does writing delete more");
            browser.apply(&stale);
        }
        assert_eq!(browser, Browser::default());
    }
}

#[test]
fn row_173_thousands_of_small_parts_are_not_tried_in_every_combination() {
    let sessions = sessions().with_policy(CookiePolicy::http(7860));
    let junk = "hf_oauth_7860=2; hf_oauth_7860_2=x; ".repeat(2_000);
    let cookies = CookieHeaders::new([junk.as_bytes()]);
    assert_eq!(sessions.candidates(&cookies).count(), 0);
    assert!(sessions.read(&cookies, NOW).session.is_none());
}
