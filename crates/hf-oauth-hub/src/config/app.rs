//! A registered app.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// An app that may ask people to sign in.
///
/// ```
/// use hf_oauth_hub::AppConfig;
///
/// let app = AppConfig::public("my-app").redirect_uri("http://localhost/callback").scopes(["email"]);
/// assert_eq!(app.name, "my-app");
/// let secret = AppConfig::confidential("my-app", "hidden");
/// assert!(!format!("{secret:?}").contains("hidden"));
/// ```
#[derive(Clone, Deserialize)]
#[serde(from = "Keys")]
#[non_exhaustive]
pub struct AppConfig {
    /// The id that the app sends.
    pub client_id: String,
    /// The secret of a confidential app; none for a public one.
    pub client_secret: Option<String>,
    /// The name on the consent page; the id unless given.
    pub name: String,
    /// Where people may be sent back to, matched whole; only the port of `http` on a loopback host is free (RFC 8252 section 7.3).
    pub redirect_uris: Vec<String>,
    /// What the app may ask for, beside `openid` and `profile`; everything if empty.
    pub scopes: Vec<String>,
    /// Whether it is a Space's app: any path and query on the origins of its redirect URIs.
    pub space: bool,
    /// Whether people are asked.
    pub consent: Consent,
    /// How long its access tokens live, in minutes; the hub's lifetime unless given.
    pub expiration_minutes: Option<u32>,
    /// Only members of one of these organisations (name or id) may sign in; everybody if empty.
    pub authorized_org: Vec<String>,
    /// Whether it gets refresh tokens; true unless set. Some of the Hub's apps report none.
    pub refresh: bool,
    /// Whether the port of a loopback redirect URI is free. Not of a Space in its frame: next to it may be another.
    pub(crate) port_is_free: bool,
}

/// Whether people are asked before an app gets access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Consent {
    /// Once for a person, an app and its scopes.
    #[default]
    Ask,
    /// Everybody has said yes already, to all their organisations. Who takes that back is asked from then on.
    Granted,
}

impl AppConfig {
    /// An app without a secret: it must use PKCE.
    pub fn public(client_id: impl Into<String>) -> Self {
        let client_id = client_id.into();
        Self {
            name: client_id.clone(),
            client_id,
            client_secret: None,
            redirect_uris: Vec::new(),
            scopes: Vec::new(),
            space: false,
            consent: Consent::Ask,
            expiration_minutes: None,
            authorized_org: Vec::new(),
            refresh: true,
            port_is_free: true,
        }
    }

    /// An app with a secret.
    pub fn confidential(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self { client_secret: Some(client_secret.into()), ..Self::public(client_id) }
    }

    /// With another name on the consent page.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// With one more redirect URI.
    pub fn redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.redirect_uris.push(redirect_uri.into());
        self
    }

    /// Allowed these scopes, beside `openid` and `profile`, and no others.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// A Space's app: any path and query on the origins of its redirect URIs.
    pub fn space(mut self, space: bool) -> Self {
        self.space = space;
        self
    }

    /// Everybody has consented already.
    pub fn consent_granted(mut self) -> Self {
        self.consent = Consent::Granted;
        self
    }

    /// With access tokens that live this many minutes.
    pub fn expiration_minutes(mut self, minutes: u32) -> Self {
        self.expiration_minutes = Some(minutes);
        self
    }

    /// Open to the members of one more organisation, by name or id, and to nobody else.
    pub fn authorized_org(mut self, org: impl Into<String>) -> Self {
        self.authorized_org.push(org.into());
        self
    }

    /// With refresh tokens or without.
    pub fn refresh(mut self, refresh: bool) -> Self {
        self.refresh = refresh;
        self
    }

    pub(crate) fn is_public(&self) -> bool {
        self.client_secret.is_none()
    }
}

impl fmt::Debug for AppConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppConfig")
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret.as_ref().map(|_| "[redacted]"))
            .field("redirect_uris", &self.redirect_uris)
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

/// The keys of `[[apps]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    client_id: String,
    client_secret: Option<String>,
    name: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    space: bool,
    #[serde(default)]
    consent: Consent,
    expiration_minutes: Option<u32>,
    #[serde(default, deserialize_with = "one_or_many")]
    authorized_org: Vec<String>,
    #[serde(default = "yes")]
    refresh: bool,
}

fn yes() -> bool {
    true
}

impl From<Keys> for AppConfig {
    fn from(keys: Keys) -> Self {
        Self {
            name: keys.name.unwrap_or_else(|| keys.client_id.clone()),
            client_id: keys.client_id,
            client_secret: keys.client_secret,
            redirect_uris: keys.redirect_uris,
            scopes: keys.scopes,
            space: keys.space,
            consent: keys.consent,
            expiration_minutes: keys.expiration_minutes,
            authorized_org: keys.authorized_org,
            refresh: keys.refresh,
            port_is_free: true,
        }
    }
}

/// A Space's `hf_oauth_authorized_org` is a name or a list of names.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct OneOrMany;
    impl<'de> serde::de::Visitor<'de> for OneOrMany {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an organisation or a list of organisations")
        }

        fn visit_str<E>(self, one: &str) -> Result<Self::Value, E> {
            Ok(vec![one.to_owned()])
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut many: A) -> Result<Self::Value, A::Error> {
            let mut orgs = Vec::new();
            while let Some(org) = many.next_element()? {
                orgs.push(org);
            }
            Ok(orgs)
        }
    }
    deserializer.deserialize_any(OneOrMany)
}
