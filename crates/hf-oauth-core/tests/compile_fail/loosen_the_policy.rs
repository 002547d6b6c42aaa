//! The leeway has a bound, so it has no public field.

use std::time::Duration;

use hf_oauth_core::IdTokenPolicy;

fn main() {
    let mut policy = IdTokenPolicy::default();
    policy.leeway = Duration::from_secs(86_400);
}
