//! What a guard requires, what somebody lacks of it, and how they are told. Pure.

use hf_oauth::{OAuthOrgInfo, Scope, Scopes, SecurityRestriction};
use hf_oauth_session::{RequirementId, Session};

use crate::failure::{Failure, FailureCode, WayOn};
use crate::org_id::{InvalidOrgId, is_org_id};

/// What somebody needs beyond being signed in: scopes, and membership of organisations.
///
/// ```
/// use hf_oauth_web::{Requirement, Scope};
///
/// let requirement = Requirement::new().with_scopes([Scope::Jobs]).with_org("5f0c2b1a9d8e7f6a5b4c3d2e")?;
/// # let _ = requirement;
/// # Ok::<(), hf_oauth_web::InvalidOrgId>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Requirement {
    pub(crate) scopes: Scopes,
    /// By `sub`.
    pub(crate) orgs: Vec<String>,
}

impl Requirement {
    /// To be signed in, and nothing else.
    pub fn new() -> Self {
        Self { scopes: Scopes::none(), orgs: Vec::new() }
    }

    /// All these scopes too.
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.scopes = scopes.into_iter().fold(self.scopes, Scopes::with);
        self
    }

    /// Full membership of the organisation with this `sub` too: names change hands. Several are all required.
    ///
    /// # Errors
    ///
    /// [`InvalidOrgId`] for an empty id, which a forgotten setting easily is, and for one with blanks.
    pub fn with_org(mut self, sub: impl Into<String>) -> Result<Self, InvalidOrgId> {
        let sub = sub.into();
        if !is_org_id(&sub) {
            return Err(InvalidOrgId);
        }
        if !self.orgs.contains(&sub) {
            self.orgs.push(sub);
        }
        Ok(self)
    }

    /// What names this requirement in a session, so that it is asked for once. The order in which it was put together
    /// has no say.
    pub(crate) fn id(&self) -> RequirementId {
        let sorted = |mut names: Vec<&str>| {
            names.sort_unstable();
            names.join(" ")
        };
        let scopes = sorted(self.scopes.iter().map(Scope::as_str).collect());
        let orgs = sorted(self.orgs.iter().map(String::as_str).collect());
        RequirementId::of(&format!("{scopes}\n{orgs}"))
    }
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
    Unknown,
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
pub(crate) fn unmet_by(
    required: &Requirement,
    granted: &Scopes,
    orgs: Option<&[OAuthOrgInfo]>,
    complete: bool,
) -> Option<Lack> {
    let lack = |wanted: &String| Some((wanted.clone(), org_lack(wanted, orgs, complete)?));
    let lack = Lack {
        scopes: granted.missing(&required.scopes),
        orgs: required.orgs.iter().filter_map(lack).collect(),
    };
    (!lack.scopes.is_empty() || !lack.orgs.is_empty()).then_some(lack)
}

/// What somebody with these organisations lacks of full membership of one.
pub(crate) fn org_lack(wanted: &str, orgs: Option<&[OAuthOrgInfo]>, complete: bool) -> Option<OrgLack> {
    match orgs.map(|orgs| orgs.iter().find(|org| org.sub == wanted)) {
        None => Some(OrgLack::Unknown),
        Some(Some(org)) if org.restrictions().is_empty() => None,
        Some(Some(org)) => Some(OrgLack::Restricted(org.restrictions())),
        Some(None) if complete => Some(OrgLack::NotMember),
        Some(None) => Some(OrgLack::NotKept),
    }
}

impl Lack {
    /// A consent page can bring scopes and organisations, but it lifts no restriction.
    pub(crate) fn can_be_granted(&self) -> bool {
        !self.orgs.iter().any(|(_, why)| matches!(why, OrgLack::Restricted(_)))
    }

    /// The page for somebody who is not let in at all: they are asked again which organisations they show.
    pub(crate) fn not_admitted(&self) -> Failure {
        let failure = match denied(self) {
            failure if failure.code == FailureCode::OrgMissing => Failure::new(
                FailureCode::OrgMissing,
                "This app is for members of certain organisations. Your account is in none of them, or you did not let the \
                 app see it.",
            )
            .and("Try again and tick the organisation on the consent page, or use another account."),
            failure => failure,
        };
        Failure { way_on: WayOn::AskAgain, ..failure }
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
        Some((_, OrgLack::Unknown)) => {
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
