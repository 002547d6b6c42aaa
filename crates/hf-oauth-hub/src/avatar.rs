//! Pictures drawn from a name, so that nothing is fetched from anywhere.

use http::{StatusCode, header};

use crate::answer::Answer;
use crate::random::sha256;
use crate::state::Hub;

/// The picture of a known person or organisation: round for people, square for organisations.
pub(crate) fn avatar(hub: &Hub, name: &str) -> Answer {
    let state = hub.state();
    let person = state.user(name).map(|user| user.display_name().to_owned());
    let org = || state.users.iter().flat_map(|user| &user.orgs).find(|org| org.username == name);
    let drawn = match person {
        Some(person) => Some((person, 32)),
        None => org().map(|org| (org.display_name().to_owned(), 12)),
    };
    drop(state);
    let Some((shown, radius)) = drawn else {
        return Answer::text(StatusCode::NOT_FOUND, "The local Hub knows nobody of this name.\n");
    };
    let svg = draw(name, &shown, radius);
    // An SVG opened on its own is a document: nothing in it may run.
    Answer::new(StatusCode::OK, "image/svg+xml", svg)
        .with(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        .with(header::CACHE_CONTROL, "no-cache")
        .with(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
}

fn draw(name: &str, shown: &str, radius: u32) -> String {
    let digest = sha256(name.as_bytes());
    let hue = (u32::from(digest[0]) * 256 + u32::from(digest[1])) % 360;
    let other = (hue + 40) % 360;
    let initials = initials(shown);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl({hue} 58% 52%)"/><stop offset="1" stop-color="hsl({other} 62% 38%)"/></linearGradient></defs><rect width="64" height="64" rx="{radius}" fill="url(#g)"/><text x="32" y="33" fill="#fff" font-family="system-ui,sans-serif" font-size="25" font-weight="600" text-anchor="middle" dominant-baseline="central">{initials}</text></svg>"##
    )
}

/// The first letters of the first two words; letters and digits only, so nothing needs escaping.
fn initials(shown: &str) -> String {
    let letters =
        shown.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    letters.take(2).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_says_who_and_nothing_of_a_name_is_markup() {
        assert!(draw("ada", "Ada Lovelace", 32).contains(">AL</text>"));
        let hostile = draw("x", "<script> \"&\"", 32);
        assert!(hostile.contains(">S</text>") && !hostile.contains("<script"), "{hostile}");
    }
}
