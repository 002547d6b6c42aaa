//! Who somebody is, as the Hub tells it: the shapes of
//! [userinfo](https://huggingface.co/docs/hub/oauth) and of the ID token's profile claims.

mod org;

pub use org::{OAuthOrgInfo, OrgRole, SecurityRestriction};

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::backchannel::{BackchannelError, Request, Step};
use crate::lenient::{Lenient, Object, lenient};
use crate::{DiscoveryError, Hub, Scopes, Secret, UnixTime};

/// A sign-in as one plain value, with the names of Hugging Face's other libraries.
///
/// ```
/// use hf_oauth_core::{OAuthInfo, OAuthUserInfo, Scope, Scopes, UnixTime};
///
/// let ends = UnixTime::from_secs(1_800_000_000);
/// let info = OAuthInfo::new("hf_oauth_abc".into(), ends, OAuthUserInfo::new("5f0c"), Scopes::default());
/// assert!(info.scope.contains(&Scope::Profile));
/// assert!(!format!("{info:?}").contains("hf_oauth_abc"), "tokens do not print");
/// ```
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
    #[serde(default, deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub can_pay: Option<bool>,
    /// The organisations. Absent is not empty: absent means that nobody told.
    #[serde(default, deserialize_with = "organisations", skip_serializing_if = "Option::is_none")]
    pub orgs: Option<Vec<OAuthOrgInfo>>,
    /// Members that this version does not know, as they came.
    #[cfg(feature = "wire")]
    #[serde(flatten)]
    pub other: serde_json::Map<String, serde_json::Value>,
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

/// `null` is absent; an entry without a `sub` is no organisation.
fn organisations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<OAuthOrgInfo>>, D::Error> {
    let entries: Option<Vec<Lenient<Object<OAuthOrgInfo>>>> = lenient(deserializer)?;
    Ok(entries.map(|entries| entries.into_iter().filter_map(|entry| Some(entry.0?.0)).collect()))
}
