//! Scopes and people in words.

use crate::config::UserConfig;

/// What a scope allows, and whether it lets an app change or spend something.
pub(super) fn scope(name: &str) -> (&'static str, bool) {
    match name {
        "openid" => ("Know who you are", false),
        "profile" => ("See your name, picture and profile", false),
        "email" => ("See your e-mail address", false),
        "read-billing" => ("Know whether you have a payment method", false),
        "read-memberships" => ("See which organisations you belong to", false),
        "read-repos" => ("Read your private repositories", false),
        "gated-repos" => ("Read gated repositories you have access to", false),
        "contribute-repos" => ("Create repositories, and write to those it created", true),
        "write-repos" => ("Read and write your repositories", true),
        "manage-repos" => ("Create, delete and change your repositories", true),
        "read-collections" => ("Read your collections", false),
        "write-collections" => ("Change your collections", true),
        "inference-api" => ("Call inference providers on your behalf", false),
        "read-endpoints" => ("See your inference endpoints", false),
        "write-endpoints" => ("Change your inference endpoints", true),
        "jobs" => ("Run jobs on your behalf", true),
        "webhooks" => ("Manage your webhooks", true),
        "write-discussions" => ("Open discussions and pull requests for you", true),
        "read-mcp" => ("Read your MCP settings", false),
        _ => ("Something the local Hub has no words for", false),
    }
}

/// What an organisation demands.
pub(super) fn restriction(name: &str) -> &str {
    match name {
        "sso" => "SSO",
        "mfa" => "two factors",
        "ip" => "another network",
        "token-policy" => "an approved token",
        other => other,
    }
}

/// A person in a line.
pub(super) fn about(user: &UserConfig) -> String {
    let restricted = user.orgs.iter().any(|org| !org.security_restrictions.is_empty());
    let admin = user.orgs.iter().find(|org| org.role == "admin");
    let orgs = match (user.orgs.as_slice(), admin) {
        ([], _) => "no organisations".to_owned(),
        ([org], _) if restricted => {
            let demands: Vec<&str> = org.security_restrictions.iter().map(|name| restriction(name)).collect();
            format!("{}, which demands {}", org.display_name(), demands.join(", "))
        }
        ([org], _) => format!("{} in {}", org.role, org.display_name()),
        (orgs, Some(org)) if orgs.len() < 10 => {
            format!("admin of {}, {} organisations", org.display_name(), orgs.len())
        }
        (orgs, _) => format!("{} organisations", orgs.len()),
    };
    format!("@{} · {orgs}", user.username)
}
