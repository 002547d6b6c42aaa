//! Nobody is signed in by literal.

use hf_oauth_core::{LoginClaims, OAuthUserInfo, VerifiedIdentity};

fn main() {
    let _ = VerifiedIdentity { user_info: OAuthUserInfo::new("admin"), login_claims: LoginClaims::default() };
}
