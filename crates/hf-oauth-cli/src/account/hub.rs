//! What the Hub says of a token, and what its refusals mean.

use hf_oauth::{App, BackchannelError, Client, ProviderError, Secret, WhoAmI};
use hf_oauth_tokens::Endpoint;

use crate::failure::{Failure, Kind};
use crate::interrupt::interrupted;

use super::store;

/// The scopes that the Hub documents, to recognise one in a refusal.
const SCOPES: [&str; 18] = [
    "openid",
    "profile",
    "email",
    "read-billing",
    "read-memberships",
    "read-repos",
    "gated-repos",
    "contribute-repos",
    "write-repos",
    "manage-repos",
    "read-collections",
    "write-collections",
    "inference-api",
    "read-endpoints",
    "write-endpoints",
    "jobs",
    "webhooks",
    "write-discussions",
];

/// Asks `whoami-v2`.
pub(super) fn whoami(endpoint: &Endpoint, token: &Secret) -> Result<WhoAmI, Failure> {
    let issuer = endpoint.issuer().map_err(|error| {
        Failure::new(Kind::Usage, "HF_ENDPOINT is no address of a Hub")
            .next("unset HF_ENDPOINT, or set it to an https address (http on this machine only)")
            .because(error)
    })?;
    let client = Client::new(App::new(App::HUB_CLI_CLIENT_ID)).with_issuer(issuer);
    let answer = store::runtime()?.block_on(async {
        // A refresh before may have listened, and then signals are nobody else's any more.
        tokio::select! {
            biased;
            interrupt = interrupted() => Err(store::ended_by(interrupt)),
            answer = client.whoami(token) => Ok(answer),
        }
    })?;
    answer.map_err(|error| match error {
        ProviderError::Backchannel(error) => explained(error, endpoint.as_str()),
        error => error.into(),
    })
}

/// What a refusal means for the person, and the command that mends it.
pub(super) fn explained(error: BackchannelError, endpoint: &str) -> Failure {
    let words = error
        .oauth()
        .map(|oauth| format!("{} {}", oauth.code, oauth.description.as_deref().unwrap_or_default()))
        .unwrap_or_default();
    let failure = match error.status {
        Some(401) => Failure::new(Kind::TokenExpired, "the Hub does not accept this token (any more)")
            .next("hf-oauth login --force"),
        Some(403) => forbidden(&words, endpoint),
        _ => return error.into(),
    };
    failure.because(error)
}

fn forbidden(words: &str, endpoint: &str) -> Failure {
    let lower = words.to_ascii_lowercase();
    let mut parts = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    if let Some(scope) =
        SCOPES.iter().find(|scope| lower.contains("scope") && parts.clone().any(|part| part == **scope))
    {
        return Failure::new(Kind::MissingScope, format_args!("the token lacks the scope {scope}"))
            .next(format_args!("hf-oauth login --force --scope {scope}"));
    }
    if ["gated", "restricted", "authorized list"].iter().any(|word| lower.contains(word)) {
        let page = page(words, endpoint).unwrap_or(endpoint);
        return Failure::new(Kind::Gated, "this repository is gated, and its terms are not accepted yet")
            .next(format_args!("accept them at {page}"));
    }
    if parts.any(|part| matches!(part, "sso" | "mfa" | "2fa" | "single-sign-on"))
        || lower.contains("single sign")
    {
        return Failure::new(
            Kind::OrganizationSecurity,
            "an organisation wants its single sign-on or a second factor first",
        )
        // Which page that is, only the Hub's own words say.
        .next(match page(words, endpoint) {
            Some(page) => format!("sign in to the organisation at {page}, then hf-oauth login --force"),
            None => format!(
                "open the organisation's page on {endpoint}, sign in as it asks you to, then hf-oauth login --force"
            ),
        });
    }
    Failure::new(Kind::Forbidden, "the token may not do this")
        .next("hf-oauth status, to see which token is in use; hf-oauth login --force, for one that may more")
}

/// The page that the Hub names, if it is the Hub's own.
fn page<'a>(words: &'a str, endpoint: &str) -> Option<&'a str> {
    let mut words = words.split_whitespace().map(|word| word.trim_matches(['(', ')', '.', ',']));
    words.find(|word| word.strip_prefix(endpoint).is_some_and(|path| path.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_mends_it() {
        for (words, kind, next) in [
            (
                "insufficient_scope The token needs scope read-repos",
                Kind::MissingScope,
                "hf-oauth login --force --scope read-repos",
            ),
            (
                "Access to model a/b is restricted. Visit https://huggingface.co/a/b to ask for access.",
                Kind::Gated,
                "accept them at https://huggingface.co/a/b",
            ),
            (
                "GatedRepo Visit https://huggingface.co.example.com/a/b",
                Kind::Gated,
                "accept them at https://huggingface.co",
            ),
            (
                "this organization enforces SSO",
                Kind::OrganizationSecurity,
                "open the organisation's page on https://huggingface.co, sign in as it asks you to",
            ),
            (
                "Single sign-on is needed: https://huggingface.co/organizations/engine/sso.",
                Kind::OrganizationSecurity,
                "sign in to the organisation at https://huggingface.co/organizations/engine/sso, then",
            ),
            (
                "SSO at https://huggingface.co@evil.example/organizations/engine",
                Kind::OrganizationSecurity,
                "open the organisation's page on https://huggingface.co,",
            ),
            ("MFA is required", Kind::OrganizationSecurity, "open the organisation's page"),
            ("Forbidden", Kind::Forbidden, "hf-oauth status"),
            // No scope of this name is meant.
            ("your profile is not public", Kind::Forbidden, "hf-oauth status"),
        ] {
            let failure = forbidden(words, "https://huggingface.co");
            assert_eq!(failure.kind(), kind, "{words}");
            assert!(failure.report().contains(&format!("next: {next}")), "{}", failure.report());
        }
    }
}
