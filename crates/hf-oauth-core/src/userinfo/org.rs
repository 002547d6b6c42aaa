use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::lenient::{Lenient, lenient};

/// An organisation that a user belongs to.
///
/// ```
/// use hf_oauth_core::{OAuthOrgInfo, OrgRole, SecurityRestriction};
///
/// let org: OAuthOrgInfo =
///     serde_json::from_str(r#"{"sub": "5f0c", "roleInOrg": "admin", "pendingSSO": true, "isEnterprise": null}"#)?;
/// assert_eq!(org.role_in_org, Some(OrgRole::Admin));
/// assert_eq!(org.restrictions(), [SecurityRestriction::Sso], "the older member counts too");
/// assert_eq!(org.is_enterprise, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OAuthOrgInfo {
    /// The stable id. The one member to decide on: names change.
    pub sub: String,
    /// The name to show.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The username of the moment.
    #[serde(
        default,
        rename = "preferred_username",
        deserialize_with = "lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub preferred_username: Option<String>,
    /// The picture's address.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The organisation's plan.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Whether it has an enterprise plan.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub is_enterprise: Option<bool>,
    /// Whether a payment method is set up.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub can_pay: Option<bool>,
    /// The user's role.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub role_in_org: Option<OrgRole>,
    /// What keeps the user from full membership; absent or empty is nothing, and what cannot be read is something.
    #[serde(default, deserialize_with = "restrictions", skip_serializing_if = "Option::is_none")]
    pub security_restrictions: Option<Vec<SecurityRestriction>>,
    /// An older form of [`SecurityRestriction::Sso`].
    #[serde(
        default,
        rename = "pendingSSO",
        deserialize_with = "lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub pending_sso: Option<bool>,
    /// An older form of [`SecurityRestriction::Mfa`].
    #[serde(
        default,
        rename = "missingMFA",
        deserialize_with = "lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub missing_mfa: Option<bool>,
}

impl OAuthOrgInfo {
    /// An organisation of which nothing but the id is known.
    pub fn new(sub: impl Into<String>) -> Self {
        Self {
            sub: sub.into(),
            name: None,
            preferred_username: None,
            picture: None,
            plan: None,
            is_enterprise: None,
            can_pay: None,
            role_in_org: None,
            security_restrictions: None,
            pending_sso: None,
            missing_mfa: None,
        }
    }

    /// What the person must do before membership counts in full, the older members included.
    pub fn restrictions(&self) -> Vec<SecurityRestriction> {
        let mut all = self.security_restrictions.clone().unwrap_or_default();
        for (older, restriction) in
            [(self.pending_sso, SecurityRestriction::Sso), (self.missing_mfa, SecurityRestriction::Mfa)]
        {
            if older == Some(true) && !all.contains(&restriction) {
                all.push(restriction);
            }
        }
        all
    }
}

macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A value that this version does not know.
            Other(String),
        }

        impl $name {
            /// The value on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|text| Self::from(text.as_str()))
            }
        }
    };
}

open_enum! {
    /// A user's role in an organisation.
    OrgRole {
        /// May do everything.
        Admin = "admin",
        /// May write to every repository.
        Write = "write",
        /// May write to their own repositories.
        Contributor = "contributor",
        /// May read.
        Read = "read",
    }
}

open_enum! {
    /// What an organisation demands before membership counts in full.
    SecurityRestriction {
        /// A second factor.
        Mfa = "mfa",
        /// Signing in through the organisation's own provider.
        Sso = "sso",
        /// Another network address.
        Ip = "ip",
        /// A token that the organisation's policy allows.
        TokenPolicy = "token-policy",
    }
}

/// Here leniency would let somebody in: a value of another type than expected is a restriction that nobody knows.
fn restrictions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<SecurityRestriction>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Restrictions {
        Many(Vec<Lenient<SecurityRestriction>>),
        One(Lenient<SecurityRestriction>),
    }
    let unreadable = || SecurityRestriction::Other("unreadable".to_owned());
    let entries = match Option::<Restrictions>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Restrictions::Many(entries)) => entries,
        Some(Restrictions::One(entry)) => vec![entry],
    };
    Ok(Some(entries.into_iter().map(|entry| entry.0.unwrap_or_else(unreadable)).collect()))
}
