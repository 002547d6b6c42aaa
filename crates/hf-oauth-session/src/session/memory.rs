//! How much memory a session takes, for caches that have a bound.

use hf_oauth_core::{OAuthOrgInfo, Scope};

use super::requirement::RequirementId;
use super::{Inner, Session};

/// What one member of an unknown kind may take beside its text: nodes of the map and of JSON values.
const MEMBER: usize = 256;

impl Session {
    /// What the smallest takes, with the counts of its `Arc`.
    const LEAST_MEMORY: usize = size_of::<Inner>() + 2 * size_of::<usize>();

    /// About how many bytes of memory this takes; rather too many than too few.
    pub(crate) fn memory(&self) -> usize {
        let (user, tokens) = (&self.0.user_info, &self.0.tokens);
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
        let texts =
            [&user.name, &user.preferred_username, &user.profile, &user.picture, &user.website, &user.email];
        let orgs = user.orgs.as_ref().map_or(0, |orgs| {
            let spare = (orgs.capacity() - orgs.len()) * size_of::<OAuthOrgInfo>();
            spare + orgs.iter().map(org).sum::<usize>()
        });
        Self::LEAST_MEMORY
            + tokens.access_token.expose().len()
            + tokens.refresh_token.as_ref().map_or(0, |token| token.expose().len())
            + tokens.scope.iter().map(|scope| size_of::<Scope>() + scope.as_str().len()).sum::<usize>()
            + user.sub.capacity()
            + texts.into_iter().map(text).sum::<usize>()
            + text(&self.0.app_state)
            + self.0.asked.capacity() * size_of::<RequirementId>()
            + user
                .other
                .iter()
                .map(|(name, value)| MEMBER + 4 * (name.len() + value.to_string().len()))
                .sum::<usize>()
            + orgs
    }
}

fn org(org: &OAuthOrgInfo) -> usize {
    let texts = [&org.preferred_username, &org.name, &org.plan, &org.picture];
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::capacity);
    let restrictions = org.security_restrictions.as_ref().map_or(0, |all| all.len() * 64);
    size_of::<OAuthOrgInfo>() + org.sub.capacity() + texts.into_iter().map(text).sum::<usize>() + restrictions
}
