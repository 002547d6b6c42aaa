use hf_oauth_core::{OAuthUserInfo, Scopes, Tokens};
use proptest::prelude::*;

use super::*;

proptest! {
    /// The hash is keyed by chance: two that are equal would be a fault of what is hashed.
    #[test]
    fn row_078_other_parts_have_another_hash(
        all in prop::collection::vec(any::<u8>(), 0..700),
        cuts in prop::array::uniform2(0..700usize),
        moved in prop::sample::select(vec![1, 16, 63, 64, 65, 128]),
    ) {
        let cache = SessionCache::new(1_000).unwrap();
        let mut cuts = cuts.map(|cut| cut.min(all.len()));
        cuts.sort_unstable();
        let mut hashes = Vec::new();
        let (near, far) = (cuts[0].min(60), cuts[1]);
        for [one, two] in [[near, far], [near, far.saturating_sub(moved).max(near)], [near.saturating_sub(moved), far]] {
            let (name, first, second) = (&all[..one], &all[one..two], &all[two..]);
            hashes.push(((one, two), cache.hash(&Parts { name, first, second: Some(second) }).0));
            if !second.is_empty() {
                let mut changed = second.to_vec();
                changed[second.len() - 1] ^= 1;
                hashes.push(((one, two + 1_000), cache.hash(&Parts { name, first, second: Some(&changed) }).0));
            }
            hashes.push(((one, two + 2_000), cache.hash(&Parts { name, first, second: None }).0));
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
fn row_078_the_hash_tells_where_a_part_ends() {
    let cache = SessionCache::new(1_000).unwrap();
    let hash =
        |name: &[u8], first: &[u8], second: Option<&[u8]>| cache.hash(&Parts { name, first, second }).0;
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
    let other = SessionCache::new(1_000).unwrap();
    assert_ne!(
        other.hash(&Parts { name: b"n", first: b"2ab", second: None }).0,
        hashes[0],
        "keyed by the process"
    );
}

#[test]
fn row_218_a_request_under_way_during_the_sign_out_puts_nothing_back() {
    let cache = SessionCache::new(100_000).unwrap();
    let (now, end) = (UnixTime::from_secs(1_800_000_000), UnixTime::from_secs(1_800_000_060));
    let tokens = Tokens::new("access".into(), None, end, Scopes::default());
    let session = Session::dangerously_unverified(OAuthUserInfo::new("ada"), tokens, now);
    let hash = cache.hash(&Parts { name: b"n", first: b"1abc", second: None });
    let started = cache.started();
    cache.forget(session.id());
    cache.put(started, hash, session.clone(), end, now);
    assert!(cache.all().is_empty() && cache.get(hash, now).is_none());
    cache.put(cache.started(), hash, session.clone(), end, now);
    assert_eq!(cache.get(hash, now), Some(session));
}
