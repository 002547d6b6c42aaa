//! What a guard wants, what somebody lacks of it, and how they are told. Pure.

use hf_oauth::{OAuthOrgInfo, Scopes, SecurityRestriction};
use hf_oauth_session::Session;

use crate::failure::{Failure, FailureCode};

/// What a guard wants, or what is missing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    pub(crate) scopes: Scopes,
    /// By `sub`.
    pub(crate) orgs: Vec<String>,
}

/// What somebody lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lack {
    pub(crate) scopes: Scopes,
    pub(crate) orgs: Vec<(String, OrgLack)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrgLack {
    /// Nobody told which organisations there are.
    Untold,
    /// It is not among them, but not all of them were kept.
    NotKept,
    /// It is not among them.
    NotMember,
    /// It demands something first.
    Restricted(Vec<SecurityRestriction>),
}

/// What a session lacks of a requirement.
pub(crate) fn unmet(required: &Requirement, session: &Session) -> Option<Lack> {
    let orgs = session.user_info().orgs.as_deref();
    unmet_by(required, session.scope(), orgs, session.has_all_orgs())
}

/// Absent is not empty, ids alone are compared, and a restricted membership is none yet.
pub(super) fn unmet_by(
    required: &Requirement,
    granted: &Scopes,
    orgs: Option<&[OAuthOrgInfo]>,
    complete: bool,
) -> Option<Lack> {
    let lack = |wanted: &String| {
        let why = match orgs.map(|orgs| orgs.iter().find(|org| org.sub == *wanted)) {
            None => OrgLack::Untold,
            Some(Some(org)) if org.restrictions().is_empty() => return None,
            Some(Some(org)) => OrgLack::Restricted(org.restrictions()),
            Some(None) if complete => OrgLack::NotMember,
            Some(None) => OrgLack::NotKept,
        };
        Some((wanted.clone(), why))
    };
    let lack = Lack {
        scopes: granted.missing(&required.scopes),
        orgs: required.orgs.iter().filter_map(lack).collect(),
    };
    (!lack.scopes.is_empty() || !lack.orgs.is_empty()).then_some(lack)
}

impl Lack {
    /// A consent page can bring scopes and organisations, but it lifts no restriction.
    pub(super) fn can_be_granted(&self) -> bool {
        !self.orgs.iter().any(|(_, why)| matches!(why, OrgLack::Restricted(_)))
    }
}

/// The page for somebody who lacks something, the most telling reason first.
pub(crate) fn denied(lack: &Lack) -> Failure {
    let restrictions: Vec<_> = lack
        .orgs
        .iter()
        .flat_map(|(_, why)| match why {
            OrgLack::Restricted(restrictions) => restrictions.clone(),
            _ => Vec::new(),
        })
        .collect();
    if !restrictions.is_empty() {
        let failure = Failure::new(
            FailureCode::OrgRestricted,
            "You are a member of the organisation, but it does not count yet.",
        );
        let failure =
            restrictions.iter().fold(failure, |failure, restriction| failure.and(todo_for(restriction)));
        let restrictions = restrictions.iter().map(|restriction| restriction.as_str().to_owned()).collect();
        return Failure { restrictions, ..failure };
    }
    match lack.orgs.first() {
        None => Failure::new(
            FailureCode::ScopeMissing,
            format!("You did not grant this permission to the app: {}.", lack.scopes),
        )
        .and("Try again and approve it, or use another account."),
        Some((_, OrgLack::Untold)) => {
            Failure::new(FailureCode::OrgUnknown, "The app was not told which organisations you are in.")
                .and("Try again and let it see the organisation on the consent page.")
        }
        Some(_) => Failure::new(
            FailureCode::OrgMissing,
            "Your account is not in that organisation, or you did not let the app see it.",
        )
        .and("Try again and tick the organisation on the consent page, or use another account."),
    }
}

fn todo_for(restriction: &SecurityRestriction) -> String {
    match restriction {
        SecurityRestriction::Mfa => {
            "It asks for two-factor authentication: turn it on in your Hugging Face settings.".to_owned()
        }
        SecurityRestriction::Sso => {
            "It asks you to sign in through its single sign-on: do so on its Hugging Face page.".to_owned()
        }
        SecurityRestriction::Ip => "It allows certain networks only, and you are on another one.".to_owned(),
        SecurityRestriction::TokenPolicy => {
            "Its token policy does not allow this app: ask one of its administrators.".to_owned()
        }
        other => format!(
            "It asks for something that this app does not know ({other}): ask one of its administrators."
        ),
    }
}
