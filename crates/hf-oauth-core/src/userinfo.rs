//! Who somebody is, as the Hub tells it: the shapes of
//! [userinfo](https://huggingface.co/docs/hub/oauth) and of the ID token's profile claims.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

use crate::backchannel::{BackchannelError, Request, Step};
use crate::{DiscoveryError, Hub, Scopes, Secret, UnixTime};

/// A sign-in as one plain value, with the names of Hugging Face's other libraries.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OAuthInfo {
    /// The bearer token.
    pub access_token: Secret,
    /// When it ends.
    pub access_token_expires_at: UnixTime,
    /// Who signed in.
    pub user_info: OAuthUserInfo,
    /// The app's own text, as given when the login began.
    pub state: Option<String>,
    /// What was granted.
    pub scope: Scopes,
}

impl OAuthInfo {
    /// A sign-in that was kept.
    pub fn new(access_token: Secret, expires_at: UnixTime, user_info: OAuthUserInfo, scope: Scopes) -> Self {
        Self { access_token, access_token_expires_at: expires_at, user_info, state: None, scope }
    }
}

/// A user. Only `sub` is certain: what a scope does not cover, what the Hub leaves out and what is of another type
/// than expected is `None`; new members are kept in [`other`](Self::other).
///
/// ```
/// use hf_oauth_core::OAuthUserInfo;
///
/// let user: OAuthUserInfo = serde_json::from_str(r#"{"sub": "abc", "isPro": true, "brand": "new"}"#)?;
/// assert_eq!((user.sub.as_str(), user.is_pro), ("abc", Some(true)));
/// assert!(user.orgs.is_none(), "absent is not empty");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OAuthUserInfo {
    /// The stable id. The one member to key accounts on: usernames change hands.
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
    /// The profile page.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The picture's address.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The user's own website.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// The e-mail address, with scope `email`.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether that address is verified. Absent is not verified.
    #[serde(
        default,
        rename = "email_verified",
        deserialize_with = "lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub email_verified: Option<bool>,
    /// Whether this is a Pro user.
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub is_pro: Option<bool>,
    /// Whether a payment method is set up, with scope `read-billing`.
    #[serde(
        default,
        alias = "can_pay",
        deserialize_with = "lenient",
        skip_serializing_if = "Option::is_none"
    )]
    pub can_pay: Option<bool>,
    /// The organisations. Absent is not empty: absent means that nobody told.
    #[serde(default, deserialize_with = "organisations", skip_serializing_if = "Option::is_none")]
    pub orgs: Option<Vec<OAuthOrgInfo>>,
    /// Members that this version does not know, as they came.
    #[cfg(feature = "wire")]
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
}

/// An organisation that a user belongs to.
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
    #[serde(
        default,
        alias = "can_pay",
        deserialize_with = "lenient",
        skip_serializing_if = "Option::is_none"
    )]
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

impl OAuthUserInfo {
    /// A user of whom nothing but the id is known.
    pub fn new(sub: impl Into<String>) -> Self {
        Self {
            sub: sub.into(),
            name: None,
            preferred_username: None,
            profile: None,
            picture: None,
            website: None,
            email: None,
            email_verified: None,
            is_pro: None,
            can_pay: None,
            orgs: None,
            #[cfg(feature = "wire")]
            other: serde_json::Map::new(),
        }
    }

    /// What `self` leaves open, filled from `fallback`.
    pub(crate) fn or(self, fallback: Self) -> Self {
        Self {
            sub: self.sub,
            name: self.name.or(fallback.name),
            preferred_username: self.preferred_username.or(fallback.preferred_username),
            profile: self.profile.or(fallback.profile),
            picture: self.picture.or(fallback.picture),
            website: self.website.or(fallback.website),
            // The two belong together: an address of one answer is not verified by the other.
            email_verified: if self.email.is_some() { self.email_verified } else { fallback.email_verified },
            email: self.email.or(fallback.email),
            is_pro: self.is_pro.or(fallback.is_pro),
            can_pay: self.can_pay.or(fallback.can_pay),
            orgs: self.orgs.or(fallback.orgs),
            #[cfg(feature = "wire")]
            other: self.other,
        }
    }
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

/// The request for userinfo; `None` where the provider has no such endpoint.
pub fn userinfo_request(hub: &Hub, access_token: &Secret) -> Option<Request> {
    let endpoint = hub.userinfo_endpoint()?.clone();
    Some(Request::get_as_user(Step::Userinfo, endpoint, access_token))
}

/// Why userinfo could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserinfoError {
    /// The request failed, or its answer could not be read.
    Backchannel(BackchannelError),
    /// The answer is about another user than the ID token.
    SubjectMismatch,
    /// The answer does not say who it is about.
    SubjectMissing,
    /// The provider has no userinfo endpoint.
    Unsupported,
    /// The provider's metadata cannot be used.
    Provider(DiscoveryError),
}

impl fmt::Display for UserinfoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backchannel(error) => error.fmt(f),
            Self::SubjectMismatch => {
                f.write_str("userinfo: it is about another user than the ID token (sub): possibly an attack, nothing was used")
            }
            Self::SubjectMissing => f.write_str("userinfo: it does not say who it is about (sub)"),
            Self::Provider(error) => write!(f, "userinfo: {error}"),
            Self::Unsupported => f.write_str("userinfo: the provider has no such endpoint"),
        }
    }
}

impl std::error::Error for UserinfoError {}

/// A value that is skipped when it is of another type.
#[derive(Debug)]
pub(crate) struct Lenient<T>(pub(crate) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Expected(T),
            Other(IgnoredAny),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::Expected(value) => Some(value),
            Either::Other(_) => None,
        }))
    }
}

/// A member of another type than expected is `None`, as if it were absent.
pub(crate) fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Lenient::deserialize(deserializer).map(|value| value.0)
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

/// `null` is absent; an entry without a `sub` is no organisation.
fn organisations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<OAuthOrgInfo>>, D::Error> {
    let entries: Option<Vec<Lenient<OAuthOrgInfo>>> = lenient(deserializer)?;
    Ok(entries.map(|entries| entries.into_iter().filter_map(|entry| entry.0).collect()))
}
