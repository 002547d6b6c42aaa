//! One target for every reader of foreign bytes. A target takes any bytes, asserts what must hold for them, and says
//! whether they were accepted, so that a test can show that both ends are reached.
//!
//! Two drivers run the same targets on the same corpora (`corpus/TARGET`): libFuzzer (`libfuzzer`, a workspace of its own)
//! and a property test that mutates the corpus (`tests/properties.rs`), which is among the ordinary tests.
//!
//! ```text
//! cargo xtask fuzz                                   # 30 s each
//! cargo xtask fuzz --seconds 1200 id_token           # one of them, longer
//! cargo run -p hf-oauth-fuzz --bin seeds             # writes the seeds that are missing
//! ```
//!
//! Beside them, in `browser/`, core and the module for pages are held to each other under Node; `tests/browser.rs` runs that
//! for a moment.
//!
//! # Architecture invariant
//!
//! What an input should give is worked out by other means than the code under test: `url`, `serde_json` values and
//! `ring` are the witnesses.

#![allow(clippy::expect_used, reason = "a target fails by panicking")]

pub mod seeds;
mod support;
mod targets;

pub use targets::*;

/// Asserts what must hold for these bytes; true when they were accepted.
pub type Target = fn(&[u8]) -> bool;

/// Every target and its name, which is that of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("callback_query", callback_query),
    ("return_path", return_path),
    ("cookie_set", cookie_set),
    ("id_token", id_token),
    ("jwks", jwks),
    ("token_response", token_response),
    ("discovery", discovery),
    ("userinfo", userinfo),
    ("hub_toml", hub_toml),
    ("device_response", device_response),
    ("stored_tokens_ini", stored_tokens_ini),
];
