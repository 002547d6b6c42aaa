//! What a login asks for: `--scope`, taken apart, and what the Hub's refusal of one means.

use hf_oauth::{OAuthError, Scope, Scopes};

use crate::failure::{Failure, Kind};

/// Scopes as people write them: several options, or several in one, with commas or blanks between (the Hub's own names
/// hold neither).
pub(super) fn parse(given: &[String]) -> Result<Scopes, Failure> {
    let parts = given.iter().flat_map(|text| text.split(|c: char| c == ',' || c.is_whitespace()));
    let names: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if let Some(name) = names.iter().find(|name| !can_be_one(name)) {
        return Err(
            Failure::new(Kind::Usage, format_args!("--scope: {name:?} cannot be a scope")).next(known())
        );
    }
    if names.is_empty() && !given.is_empty() {
        return Err(Failure::new(Kind::Usage, "--scope names no scope").next(known()));
    }
    Ok(names.into_iter().map(Scope::from).collect())
}

/// RFC 6749 section 3.3.
fn can_be_one(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
}

/// The failure, if it is the scopes that the Hub refuses.
pub(super) fn refused(asked: &Scopes, error: &OAuthError) -> Option<Failure> {
    if error.code != "invalid_scope" {
        return None;
    }
    let names = blamed(asked, error.description.as_deref().unwrap_or_default());
    let what = match names.as_slice() {
        [] => "the Hub refuses the scopes of this app".to_owned(),
        [name] => format!("the Hub refuses the scope {name}"),
        names => format!("the Hub refuses one of the scopes {}", names.join(", ")),
    };
    Some(Failure::new(Kind::SignInRefused, what).next(known()))
}

/// The scope that the Hub names, or those that nobody knows, or all.
fn blamed<'a>(asked: &'a Scopes, description: &str) -> Vec<&'a str> {
    let is_named = |name: &str| {
        description.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.:/".contains(c))).any(|word| {
            let word = word.trim_end_matches(['.', ':']);
            word == name
        })
    };
    let all = || asked.iter().map(Scope::as_str);
    let named: Vec<_> = all().filter(|name| is_named(name)).collect();
    if !named.is_empty() {
        return named;
    }
    let unknown: Vec<_> =
        asked.iter().filter(|scope| matches!(scope, Scope::Other(_))).map(Scope::as_str).collect();
    if unknown.is_empty() { all().collect() } else { unknown }
}

fn known() -> String {
    let names: Vec<_> = Scope::KNOWN.iter().map(Scope::as_str).collect();
    format!("hf-oauth login --scope with some of {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(texts: &[&str]) -> Result<String, Failure> {
        let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
        parse(&texts).map(|scopes| scopes.to_string())
    }

    #[test]
    fn row_191_commas_and_blanks_are_taken_apart() {
        for (texts, scopes) in [
            (&[][..], ""),
            (&["openid"], "openid"),
            (&["openid,profile"], "openid profile"),
            (&["openid profile", "email"], "openid profile email"),
            (&[" openid,, profile,\n\tbrand-new,", "openid"], "openid profile brand-new"),
        ] {
            assert_eq!(given(texts).unwrap(), scopes, "{texts:?}");
        }
    }

    #[test]
    fn row_191_a_scope_that_cannot_be_one_is_named() {
        for (texts, named) in [
            (&["openid", "pro\"file"][..], r#""pro\"file""#),
            (&["openid,profil\u{e9}"], "profil\u{e9}"),
            (&["a\\b"], r#""a\\b""#),
            (&["openid,x\u{1b}[2J"], r"x\u{1b}[2J"),
            (&[","], "names no scope"),
        ] {
            let failure = given(texts).unwrap_err();
            assert_eq!(failure.kind(), Kind::Usage);
            let report = failure.report();
            assert!(report.contains(named) && report.contains("inference-api"), "{texts:?}: {report}");
        }
    }

    #[test]
    fn row_191_the_scope_to_blame_is_the_one_named_or_unknown() {
        let asked = Scopes::from("openid read-repo write-repos");
        for (description, what) in [
            (Some("The app may not ask for write-repos."), "the Hub refuses the scope write-repos"),
            (Some("Invalid scope"), "the Hub refuses the scope read-repo"),
            (None, "the Hub refuses the scope read-repo"),
        ] {
            let failure = refused(&asked, &OAuthError::new("invalid_scope", description)).unwrap();
            assert_eq!((failure.kind(), failure.to_string().as_str()), (Kind::SignInRefused, what));
        }
        let known = Scopes::from("openid jobs");
        let failure = refused(&known, &OAuthError::new("invalid_scope", None)).unwrap();
        assert_eq!(failure.to_string(), "the Hub refuses one of the scopes openid, jobs");
        let failure = refused(&Scopes::none(), &OAuthError::new("invalid_scope", None)).unwrap();
        assert_eq!(failure.to_string(), "the Hub refuses the scopes of this app");
        assert!(refused(&asked, &OAuthError::new("invalid_request", None)).is_none());
    }
}
