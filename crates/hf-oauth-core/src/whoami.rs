//! The Hub's own answer to "who am I": `whoami-v2`, for every kind of token.

use serde::Deserialize;

use crate::backchannel::{Request, Step};
use crate::lenient::{lenient, object, objects};
use crate::{Hub, Secret};

/// Whose token this is, and what it may do. Only `id` and `name` are certain.
///
/// ```
/// use hf_oauth_core::WhoAmI;
///
/// let who: WhoAmI = serde_json::from_str(
///     r#"{"id": "1", "type": "user", "name": "ada", "auth": {"type": "oauth", "expiresAt": "2026-01-01T00:00:00Z"}}"#,
/// )?;
/// assert_eq!(who.name, "ada");
/// assert_eq!(who.auth.unwrap().kind.as_deref(), Some("oauth"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WhoAmI {
    /// The stable id.
    pub id: String,
    /// `user`, `org` or `app`.
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
    /// The username.
    pub name: String,
    /// The name to show.
    #[serde(default, rename = "fullname", deserialize_with = "lenient")]
    pub full_name: Option<String>,
    /// The e-mail address.
    #[serde(default, deserialize_with = "lenient")]
    pub email: Option<String>,
    /// Whether that address is verified.
    #[serde(default, deserialize_with = "lenient")]
    pub email_verified: Option<bool>,
    /// Whether this is a Pro user.
    #[serde(default, deserialize_with = "lenient")]
    pub is_pro: Option<bool>,
    /// Whether a payment method is set up.
    #[serde(default, deserialize_with = "lenient")]
    pub can_pay: Option<bool>,
    /// The picture's address.
    #[serde(default, deserialize_with = "lenient")]
    pub avatar_url: Option<String>,
    /// When the paid period ends, in unix seconds.
    #[serde(default, deserialize_with = "lenient")]
    pub period_end: Option<i64>,
    /// The organisations.
    #[serde(default, deserialize_with = "objects")]
    pub orgs: Option<Vec<WhoAmIOrg>>,
    /// How the request was authenticated.
    #[serde(default, deserialize_with = "object")]
    pub auth: Option<WhoAmIAuth>,
}

/// An organisation in [`WhoAmI`].
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WhoAmIOrg {
    /// The stable id.
    pub id: String,
    /// The username.
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    /// The name to show.
    #[serde(default, rename = "fullname", deserialize_with = "lenient")]
    pub full_name: Option<String>,
    /// The user's role.
    #[serde(default, deserialize_with = "lenient")]
    pub role_in_org: Option<crate::OrgRole>,
}

/// The token in [`WhoAmI`].
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WhoAmIAuth {
    /// The kind of token.
    #[serde(default, rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
    /// A user access token's own data; OAuth tokens have no name.
    #[serde(default, deserialize_with = "object")]
    pub access_token: Option<WhoAmIToken>,
    /// When the token ends, RFC 3339.
    #[serde(default, deserialize_with = "lenient")]
    pub expires_at: Option<String>,
}

/// A user access token's own data in [`WhoAmIAuth`].
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WhoAmIToken {
    /// The name that the user gave it.
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: Option<String>,
    /// `read`, `write` or `fineGrained`.
    #[serde(default, deserialize_with = "lenient")]
    pub role: Option<String>,
    /// When it was made, RFC 3339.
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
}

/// The request for `whoami-v2`.
pub fn whoami_request(hub: &Hub, access_token: &Secret) -> Request {
    Request::get_as_user(Step::Whoami, hub.whoami_endpoint().clone(), access_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_203_a_list_of_values_is_no_object() {
        let who = |json: &str| serde_json::from_str::<WhoAmI>(json).unwrap();
        let lists = who(r#"{"id":"1","name":"ada","orgs":[["1","ada"]],"auth":["oauth"]}"#);
        assert!(lists.orgs.is_none() && lists.auth.is_none());
        let inner = who(r#"{"id":"1","name":"ada","orgs":[{"id":"2"}],"auth":{"accessToken":["name"]}}"#);
        assert_eq!(inner.orgs.unwrap()[0].id, "2");
        assert!(inner.auth.unwrap().access_token.is_none());
    }
}
