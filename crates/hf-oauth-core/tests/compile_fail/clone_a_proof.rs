//! What is used up is not copied before.

use hf_oauth_core::{Grant, PendingLogin, VerifiedIdentity};

fn copies(pending: &PendingLogin, grant: &Grant, identity: &VerifiedIdentity) {
    let _: PendingLogin = pending.clone();
    let _: Grant = grant.clone();
    let _: VerifiedIdentity = identity.clone();
}

fn main() {}
