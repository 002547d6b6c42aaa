//! How the app says who it is at the token endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::backchannel::{Body, Request, Step};
use crate::{App, EndpointUrl, Secret, SecretBytes};

/// A token request with the app's authentication: Basic for apps with a secret, `client_id` in the form for public
/// ones (RFC 6749 section 2.3.1).
pub(crate) fn authenticated(
    step: Step,
    app: &App,
    endpoint: &EndpointUrl,
    mut form: Vec<(&'static str, Secret)>,
) -> Request {
    let basic = app.client_secret.as_ref().map(|secret| {
        let mut pair = SecretBytes::default();
        basic_encode(&app.client_id, &mut pair);
        pair.append_slice(b":");
        basic_encode(secret.expose(), &mut pair);
        Secret::new(STANDARD.encode(&pair))
    });
    let authorization = basic.as_ref().map(|pair| Secret::new(format!("Basic {}", pair.expose())));
    let said_openly =
        |name: &str| matches!(name, "grant_type" | "redirect_uri" | "scope" | "subject_token_type");
    let in_form = form.iter().filter(|(name, _)| !said_openly(name)).map(|(_, value)| value.clone());
    let secrets = in_form.chain(app.client_secret.clone()).chain(basic).collect();
    if authorization.is_none() {
        form.push(("client_id", Secret::new(app.client_id.as_str())));
    }
    Request { step, endpoint: endpoint.clone(), authorization, body: Some(Body::Form(form)), secrets }
}

/// `application/x-www-form-urlencoded` of RFC 6749 appendix B, which leaves `-` (and `.`, `_`, `*`) as it is: a
/// provider that forgets to decode still reads a UUID.
fn basic_encode(text: &str, encoded: &mut SecretBytes) {
    let digit = |half: u8| b"0123456789ABCDEF"[usize::from(half)];
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                encoded.append_slice(&[byte]);
            }
            b' ' => encoded.append_slice(b"+"),
            _ => encoded.append_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}
