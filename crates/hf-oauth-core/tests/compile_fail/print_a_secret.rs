//! A secret has no `Display` and no `Serialize`.

use hf_oauth_core::Secret;

fn serializable<T: serde::Serialize>(_: T) {}

fn main() {
    let token = Secret::new("hf_oauth_abc");
    let _ = format!("{token}");
    let _ = token.to_string();
    serializable(token);
}
