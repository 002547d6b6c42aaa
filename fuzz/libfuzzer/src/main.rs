//! One program for all targets: `HF_OAUTH_FUZZ_TARGET` names the one to run. `cargo xtask fuzz` builds and calls it.

#![no_main]

use std::sync::LazyLock;

use hf_oauth_fuzz::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("HF_OAUTH_FUZZ_TARGET").expect("HF_OAUTH_FUZZ_TARGET names a target");
    let found = TARGETS.iter().find(|(target, _)| *target == name);
    found.unwrap_or_else(|| panic!("no target {name:?}")).1
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    TARGET(data);
});
