//! Sessions that are kept opened.

use super::*;
use crate::session_cache::SessionCache;

const HOUR: Duration = Duration::from_secs(3_600);

fn ring(keys: &[&str]) -> Keyring {
    Keyring::new(keys.iter().map(|key| format!("{key}-key-0123456789abcdefghijklmnop"))).unwrap()
}

fn sessions(keys: &[&str]) -> CookieSessions {
    CookieSessions::new(ring(keys), CookiePolicy::https(), "app", Hub::huggingface().issuer())
}

fn session(sub: &str) -> Session {
    let tokens = Tokens::new(
        Secret::new("t".repeat(100)),
        Some(Secret::new("refresh")),
        NOW + Duration::from_secs(60),
        Scopes::default(),
    );
    Session::dangerously_unverified(OAuthUserInfo::new(sub), tokens, NOW)
}

impl Session {
    /// Another sign-in: those of one token are the same.
    fn with_other_token(&self) -> Self {
        let tokens =
            Tokens::new(Secret::new("other"), None, NOW + Duration::from_secs(60), Scopes::default());
        Self::dangerously_unverified(self.user_info().clone(), tokens, NOW)
    }
}

fn header(sessions: &CookieSessions, session: &Session) -> String {
    let lines = sessions.write(session, &CookieHeaders::none(), NOW).unwrap();
    lines.iter().map(|line| line.as_cookie()).collect::<Vec<_>>().join("; ")
}

fn read(sessions: &CookieSessions, header: &str, now: UnixTime) -> Option<Session> {
    sessions.read(&CookieHeaders::new([header.as_bytes()]), now).session
}

fn cache(sessions: &CookieSessions) -> &SessionCache {
    sessions.cache.as_ref().unwrap()
}

fn kept(sessions: &CookieSessions) -> usize {
    cache(sessions).sizes().0
}

#[test]
fn row_218_an_old_cookie_that_comes_again_leaves_nothing_in_the_cache() {
    let sessions = sessions(&["a"]);
    let [ended, other] = [session("ada"), session("grace").with_other_token()];
    let [old, good] = [&ended, &other].map(|session| header(&sessions, session));
    assert!(read(&sessions, &good, NOW).is_some());
    let first = read(&sessions, &good, NOW).unwrap();
    sessions.forget(&ended);
    for _ in 0..3 {
        assert!(read(&sessions, &old, NOW).is_some(), "a copied cookie opens");
        sessions.forget_read(&CookieHeaders::new([old.as_bytes()]));
        assert_eq!(cache(&sessions).all(), std::slice::from_ref(&other));
    }
    assert!(read(&sessions, &good, NOW).unwrap().is_same(&first));
}

#[test]
fn the_second_reading_shares_the_first_one_s_session() {
    let sessions = sessions(&["a"]);
    let header = header(&sessions, &session("ada"));
    let first = read(&sessions, &header, NOW).unwrap();
    let second = read(&sessions, &format!("theirs=1; {header}; x=y"), NOW).unwrap();
    assert!(first.is_same(&second), "what is beside ours does not matter");
    assert_eq!((&first, kept(&sessions)), (&session("ada"), 1));
}

#[test]
fn row_078_a_cookie_that_differs_in_one_byte_is_another_entry() {
    let sessions = sessions(&["a"]);
    let header = header(&sessions, &session("ada"));
    assert!(read(&sessions, &header, NOW).is_some());
    for at in header.find('=').unwrap() + 1..header.len() {
        for bit in [1, 4] {
            let mut changed = header.clone().into_bytes();
            changed[at] ^= bit;
            let found = sessions.read(&CookieHeaders::new([&changed[..]]), NOW);
            assert!(found.session.is_none(), "byte {at}");
        }
        assert!(read(&sessions, &header[..at], NOW).is_none(), "cut to {at}");
    }
    assert_eq!(kept(&sessions), 1, "what does not open is not kept");
}

#[test]
fn row_078_neither_part_of_a_long_session_may_differ_in_one_byte() {
    let sessions = sessions(&["a"]);
    let tokens = Tokens::new(Secret::new("t".repeat(4_200)), None, NOW + HOUR, Scopes::default());
    let long = Session::dangerously_unverified(OAuthUserInfo::new("ada"), tokens, NOW);
    let header = header(&sessions, &long);
    assert!(header.contains("; __Host-hf_oauth_2=") && read(&sessions, &header, NOW).is_some());
    let values =
        header.match_indices('=').map(|(at, _)| at + 1).zip([header.find(';').unwrap(), header.len()]);
    for at in values.flat_map(|(start, end)| start..end) {
        let mut changed = header.clone().into_bytes();
        changed[at] ^= 1;
        assert!(sessions.read(&CookieHeaders::new([&changed[..]]), NOW).session.is_none(), "byte {at}");
    }
    assert!(kept(&sessions) == 1 && read(&sessions, &header, NOW).is_some());
}

#[test]
fn row_062_a_session_that_is_kept_prints_as_before() {
    let sessions = sessions(&["a"]);
    let written = session("ada");
    let header = header(&sessions, &written);
    for _ in 0..2 {
        assert_eq!(
            format!("{:?}", read(&sessions, &header, NOW).unwrap()),
            format!("{written:?}"),
            "no hash"
        );
    }
}

#[test]
fn a_changed_session_leaves_the_kept_one_alone() {
    let sessions = sessions(&["a"]);
    let header = header(&sessions, &session("ada"));
    read(&sessions, &header, NOW);
    let kept = read(&sessions, &header, NOW).unwrap();
    let mut renamed = OAuthUserInfo::new("ada");
    renamed.name = Some("Ada".to_owned());
    let renamed = kept.clone().with_user_info(renamed).unwrap();
    assert_eq!((renamed.user_info().name.as_deref(), renamed.subject()), (Some("Ada"), "ada"));
    assert!(!renamed.is_same(&kept));
    let again = read(&sessions, &header, NOW).unwrap();
    assert!(again.is_same(&kept) && again == session("ada"));
}

#[test]
fn row_078_the_end_is_looked_at_every_time() {
    let sessions = sessions(&["a"]);
    let (header, end) = (header(&sessions, &session("ada")), session("ada").ends_at());
    assert!(
        read(&sessions, &header, NOW).is_some()
            && read(&sessions, &header, end - Duration::from_secs(1)).is_some()
    );
    assert_eq!(kept(&sessions), 1);
    assert!(read(&sessions, &header, end).is_none());
    assert_eq!(cache(&sessions).sizes(), (0, 0), "what has ended goes");
    let ended = sessions.read(&CookieHeaders::new([header.as_bytes()]), end);
    assert!(!ended.stale.is_empty(), "and it is deleted");
}

#[test]
fn row_080_other_keys_begin_empty_and_what_an_old_key_sealed_is_sealed_anew() {
    let old = sessions(&["a"]);
    let header = header(&old, &session("ada"));
    assert!(read(&old, &header, NOW).is_some());
    assert!(read(&sessions(&["b"]), &header, NOW).is_none());
    let rotated = sessions(&["b", "a"]);
    for _ in 0..3 {
        let found = rotated.read(&CookieHeaders::new([header.as_bytes()]), NOW);
        assert!(found.session.is_some() && found.reseal);
    }
    assert_eq!(kept(&rotated), 0);
}

#[test]
fn another_name_is_another_entry() {
    let here = sessions(&["a"]);
    let there = here.with_policy(CookiePolicy::http(7860));
    let header = header(&here, &session("ada"));
    assert!(read(&here, &header, NOW).is_some());
    let moved = header.replace("__Host-hf_oauth=", "hf_oauth_7860=");
    assert_ne!(moved, header);
    assert!(read(&there, &moved, NOW).is_none());
}

#[test]
fn row_077_twins_and_left_over_parts_are_told_every_time() {
    let sessions = sessions(&["a"]);
    let header = header(&sessions, &session("ada"));
    assert!(read(&sessions, &header, NOW).is_some());
    for more in ["__Host-hf_oauth_2=x", "__Host-hf_oauth_3=x"] {
        for _ in 0..2 {
            let both = format!("{header}; {more}");
            let found = sessions.read(&CookieHeaders::new([both.as_bytes()]), NOW);
            assert!(found.session.is_some() && !found.stale.is_empty(), "{more}");
        }
    }
    let twins = format!("{header}; {header}");
    assert!(read(&sessions, &twins, NOW).is_some());
    assert_eq!(kept(&sessions), 1);
}

#[test]
fn memory_is_bounded_in_bytes_and_the_unused_go_first() {
    let sessions = sessions(&["a"]).with_cache_limit(64 * 1024);
    let first = header(&sessions, &session("0"));
    read(&sessions, &first, NOW);
    for number in 1..1_000 {
        read(&sessions, &header(&sessions, &session(&number.to_string())), NOW);
    }
    let (entries, bytes) = cache(&sessions).sizes();
    assert!(bytes <= 64 * 1024 && (8..200).contains(&entries), "{entries} entries, {bytes} bytes");
    assert!(SessionCache::new(usize::MAX).is_some());
}

#[test]
fn row_218_a_sign_out_leaves_no_token_of_the_session_in_the_cache() {
    let sessions = sessions(&["a"]);
    let (ada, bob) = (session("ada"), session("bob").with_other_token());
    // Sealed twice, as by two instances or before and after a refresh: two entries of one sign-in.
    let headers = [&ada, &ada, &bob].map(|session| header(&sessions, session));
    headers.iter().for_each(|header| assert!(read(&sessions, header, NOW).is_some()));
    assert_eq!(kept(&sessions), 3);
    let found = read(&sessions, &headers[0], NOW).unwrap();
    sessions.forget(&found);
    assert_eq!(cache(&sessions).all(), [bob]);
    let (_, bytes) = cache(&sessions).sizes();
    assert!(bytes < 2_000, "and its room is free: {bytes}");
    drop(found);
    sessions.with_cache_limit(0).forget(&ada);
}

#[test]
fn row_218_ended_sessions_go_with_what_is_kept_a_minute_later_without_being_asked_for() {
    let sessions = sessions(&["a"]);
    let ended = Session::dangerously_unverified(
        OAuthUserInfo::new("ada"),
        Tokens::new(Secret::new("ended"), None, NOW + Duration::from_secs(30), Scopes::default()),
        NOW,
    );
    read(&sessions, &header(&sessions, &ended), NOW);
    let later = NOW + Duration::from_secs(59);
    read(&sessions, &header(&sessions, &session("bob")), later);
    assert_eq!(kept(&sessions), 2, "once a minute");
    let later = NOW + Duration::from_secs(61);
    read(&sessions, &header(&sessions, &session("eve")), later);
    assert!(cache(&sessions).all().iter().all(|session| session.subject() != "ada"));
    assert_eq!(kept(&sessions), 2);
}

#[test]
fn row_218_a_withdrawn_key_takes_what_it_opened_with_it() {
    let old = sessions(&["a"]);
    let header = header(&old, &session("ada"));
    assert!(read(&old, &header, NOW).is_some());
    let new = sessions(&["b"]);
    assert_eq!(kept(&new), 0);
    assert!(read(&new, &header, NOW).is_none());
}

#[test]
fn two_threads_read_while_a_third_signs_out_and_none_waits_for_ever() {
    let sessions = sessions(&["a"]);
    let headers: Vec<_> = (0..50).map(|number| header(&sessions, &session(&number.to_string()))).collect();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..20 {
                    headers.iter().for_each(|header| assert!(read(&sessions, header, NOW).is_some()));
                }
            });
        }
        scope.spawn(|| (0..200).for_each(|_| sessions.forget(&session("0"))));
    });
}

#[test]
fn what_was_pushed_out_is_opened_again() {
    let sessions = sessions(&["a"]).with_cache_limit(8 * 1024);
    let headers: Vec<_> = (0..100).map(|number| header(&sessions, &session(&number.to_string()))).collect();
    for _ in 0..2 {
        for (number, header) in headers.iter().enumerate() {
            assert_eq!(read(&sessions, header, NOW).unwrap().subject(), number.to_string());
        }
    }
    assert!(kept(&sessions) < 100);
    let none = sessions.with_cache_limit(0);
    assert!(none.cache.is_none() && read(&none, &headers[0], NOW).is_some());
}

#[test]
fn row_062_what_is_kept_does_not_print() {
    let sessions = sessions(&["a"]);
    read(&sessions, &header(&sessions, &session("canary")), NOW);
    assert!(!format!("{sessions:?}").contains("canary"));
}
