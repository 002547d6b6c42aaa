//! Who was verified stays who it is.

use hf_oauth_core::VerifiedIdentity;

fn become_admin(mut identity: VerifiedIdentity) {
    identity.user_info.sub = "admin".to_owned();
}

fn main() {}
