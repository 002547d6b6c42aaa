//! Asking for more: a login that a guard began, with the mark that it did.
//!
//! The mark is the login's app state, so it is sealed into the pending login and into the session. The callback of
//! a marked login that brought too little explains itself instead of going back to the guard, and a guard that meets
//! a session with its own mark explains itself instead of asking again: either alone ends every loop.

use hf_oauth::{LoginOptions, OAuthInfo, Prompt, ReturnPath, Scopes};

use crate::guard::Requirement;

/// A control character in front keeps it apart from what an app would write.
const MARK: &str = "\u{1}step-up";

/// What the login of a guard asks for: the scopes granted so far and those that the guard wants, access to the organisations, and that
/// the Hub asks again, since a consent that stands would go straight through.
pub(crate) fn options(granted: &Scopes, requirement: &Requirement, return_path: ReturnPath) -> LoginOptions {
    let scopes = granted.iter().chain(&requirement.scopes).cloned().collect::<Scopes>();
    let options = LoginOptions::new()
        .with_scopes(scopes)
        .with_prompt(Prompt::Consent)
        .with_return_path(return_path)
        .with_app_state(mark(requirement));
    requirement.orgs.iter().fold(options, |options, org| options.with_org_id(org.as_str()))
}

/// The requirement that a marked login was for.
pub(crate) fn requirement(app_state: Option<&str>) -> Option<Requirement> {
    let rest = app_state?.strip_prefix(MARK)?.strip_prefix('\n')?;
    let (scopes, orgs) = rest.split_once('\n')?;
    let orgs = orgs.split('\n').filter(|org| !org.is_empty()).map(str::to_owned).collect();
    Some(Requirement { scopes: Scopes::from(scopes), orgs })
}

/// True when the session came of a login for this very requirement.
pub(crate) fn was_asked(app_state: Option<&str>, requirement: &Requirement) -> bool {
    app_state.is_some_and(|state| state == mark(requirement))
}

/// The app's own state alone.
pub(crate) fn without_marker(mut info: OAuthInfo) -> OAuthInfo {
    info.state = info.state.filter(|state| !state.starts_with(MARK));
    info
}

fn mark(requirement: &Requirement) -> String {
    format!("{MARK}\n{}\n{}", requirement.scopes, requirement.orgs.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        for requirement in [
            Requirement { scopes: Scopes::from("jobs webhooks"), orgs: vec!["a".to_owned(), "b".to_owned()] },
            Requirement { scopes: Scopes::none(), orgs: vec!["a".to_owned()] },
            Requirement { scopes: Scopes::from("jobs"), orgs: Vec::new() },
        ] {
            assert_eq!(super::requirement(Some(&mark(&requirement))), Some(requirement.clone()));
            assert!(was_asked(Some(&mark(&requirement)), &requirement));
        }
        assert_eq!(super::requirement(Some("opened from the menu")), None);
    }
}
