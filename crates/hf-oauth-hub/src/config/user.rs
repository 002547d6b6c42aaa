//! A person one can sign in as.

use std::fmt;

use serde::Deserialize;

use crate::random::hub_id;

/// A person of the local Hub.
///
/// ```
/// use hf_oauth_hub::{OrgConfig, UserConfig};
///
/// let mary = UserConfig::new("mary").org(OrgConfig::new("royal-society").role("admin"));
/// assert_eq!(mary.orgs[0].role, "admin");
/// assert_eq!(mary.sub().len(), 24);
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct UserConfig {
    /// The name in URLs; `preferred_username`.
    pub username: String,
    /// The id; derived from the username unless given.
    pub sub: Option<String>,
    /// The full name; the username unless given.
    pub name: Option<String>,
    /// The address; given to apps with the scope `email`.
    pub email: Option<String>,
    /// Whether the address is verified; true unless given.
    pub email_verified: Option<bool>,
    /// The picture's URL, a relative one on the hub's; one that the hub draws unless given.
    pub picture: Option<String>,
    /// The person's site.
    pub website: Option<String>,
    /// `isPro`.
    #[serde(default)]
    pub pro: bool,
    /// `canPay`; given to apps with the scope `read-billing`.
    #[serde(default)]
    pub can_pay: bool,
    /// The value of the cookie `token` that counts as signed in as this person.
    pub session: Option<String>,
    /// The organisations of which the person is a member.
    #[serde(default)]
    pub orgs: Vec<OrgConfig>,
}

impl UserConfig {
    /// A person with nothing but a username.
    pub fn new(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            sub: None,
            name: None,
            email: None,
            email_verified: None,
            picture: None,
            website: None,
            pro: false,
            can_pay: false,
            session: None,
            orgs: Vec::new(),
        }
    }

    /// With a full name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With a verified address.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// With a paid account or without.
    pub fn pro(mut self, pro: bool) -> Self {
        self.pro = pro;
        self
    }

    /// With the value of the cookie `token` that counts as signed in.
    pub fn session(mut self, session: impl Into<String>) -> Self {
        self.session = Some(session.into());
        self
    }

    /// In one more organisation.
    pub fn org(mut self, org: OrgConfig) -> Self {
        self.orgs.push(org);
        self
    }

    /// The id: the one given, or 24 hexadecimal digits that follow from the username.
    pub fn sub(&self) -> String {
        self.sub.clone().unwrap_or_else(|| hub_id("user", &self.username))
    }

    pub(crate) fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.username)
    }
}

impl fmt::Debug for UserConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserConfig")
            .field("username", &self.username)
            .field("session", &self.session.as_ref().map(|_| "[redacted]"))
            .field("orgs", &self.orgs.len())
            .finish_non_exhaustive()
    }
}

/// An organisation, and what a person is in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OrgConfig {
    /// The name in URLs; `preferred_username`.
    pub username: String,
    /// The id; derived from the username unless given.
    pub sub: Option<String>,
    /// The full name; the username unless given.
    pub name: Option<String>,
    /// `admin`, `write`, `contributor` or `read` (the default).
    #[serde(default = "read")]
    pub role: String,
    /// `team`, `enterprise` or another plan; none unless given.
    pub plan: Option<String>,
    /// Any of `mfa`, `sso`, `ip`, `token-policy`: what the organisation demands and the person has not done.
    #[serde(default)]
    pub security_restrictions: Vec<String>,
}

impl OrgConfig {
    /// An organisation in which the person may read.
    pub fn new(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            sub: None,
            name: None,
            role: read(),
            plan: None,
            security_restrictions: Vec::new(),
        }
    }

    /// With a full name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With the person's role.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.role = role.into();
        self
    }

    /// On a plan.
    pub fn plan(mut self, plan: impl Into<String>) -> Self {
        self.plan = Some(plan.into());
        self
    }

    /// With one more unmet demand.
    pub fn restricted_by(mut self, restriction: impl Into<String>) -> Self {
        self.security_restrictions.push(restriction.into());
        self
    }

    /// The id: the one given, or 24 hexadecimal digits that follow from the username.
    pub fn sub(&self) -> String {
        self.sub.clone().unwrap_or_else(|| hub_id("org", &self.username))
    }

    pub(crate) fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.username)
    }

    /// The organisation in the place of a person, for tokens that stand for it.
    pub(crate) fn as_owner(&self) -> UserConfig {
        UserConfig {
            sub: Some(self.sub()),
            name: self.name.clone(),
            ..UserConfig::new(self.username.clone())
        }
    }
}

fn read() -> String {
    "read".to_owned()
}
