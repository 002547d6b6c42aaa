use std::time::Duration;

use hf_oauth_core::{Hub, OAuthUserInfo, Scopes, Secret, Tokens};
use proptest::prelude::*;

use super::*;
use crate::cookie::{CookieHeaders, CookiePolicy};
use crate::cookie_sessions::CookieSessions;
use crate::keyring::Keyring;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
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

fn header(sessions: &CookieSessions, session: &Session) -> String {
    let lines = sessions.write(session, &CookieHeaders::none(), NOW).unwrap();
    lines.iter().map(|line| line.as_cookie()).collect::<Vec<_>>().join("; ")
}

fn read(sessions: &CookieSessions, header: &str, now: UnixTime) -> Option<Session> {
    sessions.read(&CookieHeaders::new([header.as_bytes()]), now).session
}

fn hash_of(opened: &OpenedSessions, parts: Parts<'_>) -> CookieHash {
    opened.hash_half(&parts).finish()
}

fn kept(sessions: &CookieSessions) -> usize {
    sessions.opened.as_ref().unwrap().sizes().0
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

proptest! {
    /// The hash is keyed by chance: two that are equal would be a fault of what is hashed.
    #[test]
    fn row_078_other_parts_have_another_hash(
        all in prop::collection::vec(any::<u8>(), 0..700),
        cuts in prop::array::uniform2(0..700usize),
        moved in prop::sample::select(vec![1, 16, 63, 64, 65, 128]),
    ) {
        let opened = OpenedSessions::new(1_000).unwrap();
        let mut cuts = cuts.map(|cut| cut.min(all.len()));
        cuts.sort_unstable();
        let mut hashes = Vec::new();
        let (near, far) = (cuts[0].min(60), cuts[1]);
        for [one, two] in [[near, far], [near, far.saturating_sub(moved).max(near)], [near.saturating_sub(moved), far]] {
            let (name, first, second) = (&all[..one], &all[one..two], &all[two..]);
            hashes.push(((one, two), hash_of(&opened, Parts { name, first, second: Some(second) }).0));
            if !second.is_empty() {
                let mut changed = second.to_vec();
                changed[second.len() - 1] ^= 1;
                hashes.push(((one, two + 1_000), hash_of(&opened, Parts { name, first, second: Some(&changed) }).0));
            }
            hashes.push(((one, two + 2_000), hash_of(&opened, Parts { name, first, second: None }).0));
        }
        // Without a second part, what would stand in it is not there: only the first two parts are told apart.
        for (parts, hash) in &hashes {
            for (others, other) in &hashes {
                prop_assert_eq!(parts == others, hash == other, "{:?} {:?}", parts, others);
            }
        }
    }
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
    assert!(!renamed.is_same(&kept) && renamed.kept().hash != kept.kept().hash);
    let again = read(&sessions, &header, NOW).unwrap();
    assert!(again.is_same(&kept) && again == session("ada"));
}

#[test]
fn row_078_the_hash_tells_where_a_part_ends() {
    let opened = OpenedSessions::new(1_000).unwrap();
    let hash =
        |name: &[u8], first: &[u8], second: Option<&[u8]>| hash_of(&opened, Parts { name, first, second }).0;
    let hashes = [
        hash(b"n", b"2ab", None),
        hash(b"n", b"2ab", Some(b"")),
        hash(b"n", b"2a", Some(b"b")),
        hash(b"n", b"2", Some(b"ab")),
        hash(b"n", b"2ab\0", None),
        hash(b"n2", b"ab", None),
        hash(b"n\0", b"2ab", None),
    ];
    let distinct: std::collections::BTreeSet<_> = hashes.iter().collect();
    assert_eq!(distinct.len(), hashes.len());
    let other = OpenedSessions::new(1_000).unwrap();
    assert_ne!(
        hash_of(&other, Parts { name: b"n", first: b"2ab", second: None }).0,
        hashes[0],
        "keyed by the process"
    );
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
    assert_eq!(sessions.opened.as_ref().unwrap().sizes(), (0, 0), "what has ended goes");
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
fn memory_is_bounded_in_bytes_and_entries_and_the_unused_go_first() {
    let sessions = sessions(&["a"]).with_opened_limit(64 * 1024);
    let first = header(&sessions, &session("0"));
    read(&sessions, &first, NOW);
    for number in 1..1_000 {
        read(&sessions, &header(&sessions, &session(&number.to_string())), NOW);
        assert!(read(&sessions, &first, NOW).is_some());
    }
    let (entries, bytes) = sessions.opened.as_ref().unwrap().sizes();
    assert!(bytes <= 64 * 1024 && (8..200).contains(&entries), "{entries} entries, {bytes} bytes");

    let opened = OpenedSessions::new(usize::MAX).unwrap();
    for number in 0..2 * MOST_ENTRIES as u64 {
        let first = number.to_le_bytes();
        let parts = Parts { name: b"n", first: &first, second: None };
        let hash = hash_of(&opened, parts);
        opened.put(&parts, hash, session("ada"), NOW + Duration::from_secs(9));
    }
    assert_eq!(opened.sizes().0, MOST_ENTRIES);
}

#[test]
fn what_was_pushed_out_is_opened_again() {
    let sessions = sessions(&["a"]).with_opened_limit(8 * 1024);
    let headers: Vec<_> = (0..100).map(|number| header(&sessions, &session(&number.to_string()))).collect();
    for _ in 0..2 {
        for (number, header) in headers.iter().enumerate() {
            assert_eq!(read(&sessions, header, NOW).unwrap().subject(), number.to_string());
        }
    }
    assert!(kept(&sessions) < 100);
    let none = sessions.with_opened_limit(0);
    assert!(none.opened.is_none() && read(&none, &headers[0], NOW).is_some());
}

#[test]
fn row_062_what_is_kept_does_not_print() {
    let sessions = sessions(&["a"]);
    read(&sessions, &header(&sessions, &session("canary")), NOW);
    assert!(!format!("{sessions:?}").contains("canary"));
}
