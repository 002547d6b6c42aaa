use std::collections::BTreeMap;
use std::time::Duration;

use hf_oauth_core::{OAuthUserInfo, Scopes, Tokens, UnixTime};
use proptest::prelude::*;

use super::*;
use crate::session::CookieHash;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn session(number: u64) -> Session {
    let tokens = Tokens::new("t".into(), None, NOW + Duration::from_secs(60), Scopes::default());
    Session::dangerously_unverified(OAuthUserInfo::new(number.to_string()), tokens, NOW)
}

fn keep(table: &mut Table, place: u64, number: u64) -> Session {
    let session = session(number);
    let kept = Kept::new(CookieHash([0; 16]), NOW, Table::bytes(&session));
    table.keep(Place(place), session, kept)
}

proptest! {
    /// Few places and few slots: every search passes others, at the end of the row too.
    #[test]
    fn it_finds_what_a_map_would(steps in prop::collection::vec((0..3u8, 0..24u64), 1..200)) {
        let (mut table, mut map) = (Table::new(12, usize::MAX), BTreeMap::new());
        for (turn, (step, number)) in steps.into_iter().enumerate() {
            // Numbers of three kinds with the same home.
            let place = Place(number % 8 + (number / 8) * 32 + 26);
            match step {
                0 | 1 if map.len() < 12 || map.contains_key(&place.0) => {
                    keep(&mut table, place.0, turn as u64);
                    map.entry(place.0).or_insert(turn.to_string());
                }
                _ => {
                    table.remove(place);
                    map.remove(&place.0);
                }
            }
            for number in 0..24 {
                let place = Place(number % 8 + (number / 8) * 32 + 26);
                let found = table.get(place).map(|session| session.subject().to_owned());
                prop_assert_eq!(found.as_ref(), map.get(&place.0));
            }
            prop_assert_eq!(table.sizes().0, map.len());
        }
    }

    #[test]
    fn it_never_holds_more_than_it_may(steps in prop::collection::vec((any::<bool>(), 0..64u64), 1..300)) {
        let one = Table::bytes(&session(0));
        let mut table = Table::new(9, 7 * one + one / 2);
        for (mark, number) in steps {
            keep(&mut table, number, number);
            prop_assert_eq!(table.get(Place(number)).map(Session::subject), Some(&*number.to_string()));
            if mark && let Some(session) = table.get(Place(number)) {
                session.kept().mark_used();
            }
            let (entries, bytes) = table.sizes();
            prop_assert!(entries <= 9 && bytes <= 7 * one + one / 2);
        }
    }
}

#[test]
fn what_is_asked_for_stays() {
    let mut table = Table::new(8, usize::MAX);
    for number in 0..1_000 {
        keep(&mut table, number, number);
        if let Some(session) = table.get(Place(0)) {
            session.kept().mark_used();
        }
    }
    assert!(table.get(Place(0)).is_some() && table.sizes().0 == 8);
}

#[test]
fn the_slots_are_within_the_bound_too() {
    for most_bytes in [0, 600, 5_000, 64 * 1024, 6 * 1024 * 1024] {
        let mut table = Table::new(2_048, most_bytes);
        (0..5_000).for_each(|number| drop(keep(&mut table, number, number)));
        let slots = table.slots.len() * size_of::<Option<Entry>>();
        let sessions: usize = table.slots.iter().flatten().map(|entry| entry.session.memory()).sum();
        assert!(slots + sessions <= most_bytes, "{slots} and {sessions} of {most_bytes}");
        assert_eq!(table.sizes().0 == 0, most_bytes <= 600);
    }
}

#[test]
fn without_room_nothing_is_kept_and_nothing_breaks() {
    for mut table in [Table::new(0, usize::MAX), Table::new(8, 10)] {
        let returned = keep(&mut table, 1, 1);
        assert_eq!(returned.subject(), "1");
        table.fetch(Place(1));
        table.remove(Place(1));
        assert!(table.get(Place(1)).is_none() && table.sizes() == (0, 0));
    }
}
