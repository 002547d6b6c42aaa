//! A redirect that nobody checked is no grant.

use hf_oauth_core::{Grant, Issuer, ReturnPath, Scopes, Secret};

fn main() {
    let _ = Grant {
        code: Secret::new("code"),
        code_verifier: Secret::new("verifier"),
        nonce: Secret::new("nonce"),
        redirect_uri: None,
        issuer: Issuer::parse("https://huggingface.co").unwrap(),
        scopes: Scopes::default(),
        app_state: None,
        return_path: ReturnPath::root(),
    };
}
