//! A mark on `state` that says: this login replaced one whose cookie was lost.
//!
//! A browser that keeps no cookie brings back nothing but `state`, so the counter must be there; and `state` is a
//! hash, so it is marked by choice: seeds are drawn until a keyed hash of `state` has, or has not, eight zero bits in
//! front. Without the key nobody can make, see or remove the mark; a forged `state` has it once in 256 times, and
//! then gets the page that explains instead of one restart.

use hf_oauth_core::LoginSeed;
use sha2::{Digest as _, Sha256};

use crate::error::NoEntropy;
use crate::keyring::{Keyring, SealingKey};

/// Enough draws to find a mark, but for one case in 10^34.
const MOST_DRAWS: usize = 20_000;

pub(super) fn seed(keyring: &Keyring, marked: bool) -> Result<LoginSeed, NoEntropy> {
    for _ in 0..MOST_DRAWS {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?;
        let seed = LoginSeed::from_random_bytes(bytes);
        let state = seed.state();
        let drawn = if marked {
            keyring.first().is_some_and(|key| has_mark(key, &state))
        } else {
            !is_marked(keyring, &state)
        };
        if drawn {
            return Ok(seed);
        }
    }
    Err(NoEntropy)
}

pub(super) fn is_marked(keyring: &Keyring, state: &str) -> bool {
    keyring.iter().any(|key| has_mark(key, state))
}

fn has_mark(key: &SealingKey, state: &str) -> bool {
    // No MAC is needed: the digest never leaves, so there is nothing to extend.
    let digest = Sha256::new().chain_update(*key.restart).chain_update(state).finalize();
    digest[0] == 0
}
