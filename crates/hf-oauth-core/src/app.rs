use std::fmt;

use crate::address::{InvalidUrl, Issuer, Origin, RedirectUri};
use crate::{Scopes, Secret};

/// An app as it is registered with the Hub: plain configuration.
///
/// ```
/// use hf_oauth_core::{App, RedirectUri, Scopes};
///
/// let app = App::new("my-client-id")
///     .with_redirect_uri(RedirectUri::parse("http://localhost:3000/oauth/huggingface/callback")?)
///     .with_scopes(Scopes::from("openid profile inference-api"));
/// assert!(app.client_secret.is_none(), "a public app: PKCE alone");
/// # Ok::<(), hf_oauth_core::InvalidUrl>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct App {
    /// The client id that the Hub gave it.
    pub client_id: String,
    /// The secret, for apps that have one; a public app has none.
    pub client_secret: Option<Secret>,
    /// Where the Hub sends the browser back to. Where it is omitted, it is omitted in both requests, and the Hub
    /// uses the one that is registered (RFC 6749 section 3.1.2.3).
    pub redirect_uri: Option<RedirectUri>,
    /// What the app asks for; `openid profile` unless given.
    pub scopes: Scopes,
}

impl App {
    /// The Hub's own public client for command lines, the one of `huggingface_hub` (`hf auth login`). A refresh token
    /// of this client is understood by every Hugging Face tool on the machine.
    pub const HUB_CLI_CLIENT_ID: &str = "26be6b09-91c5-47da-9861-d2d2bb7a7e36";

    /// A public app.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: None,
            redirect_uri: None,
            scopes: Scopes::default(),
        }
    }

    /// With a secret, sent as HTTP Basic authentication (RFC 6749 section 2.3.1).
    #[must_use]
    pub fn with_client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// With a redirect URI.
    #[must_use]
    pub fn with_redirect_uri(mut self, redirect_uri: RedirectUri) -> Self {
        self.redirect_uri = Some(redirect_uri);
        self
    }

    /// With these scopes instead of `openid profile`.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = scopes.into();
        self
    }

    /// Reads what a Space with `hf_oauth: true` has in its environment
    /// ([Hub docs](https://huggingface.co/docs/hub/spaces-oauth)). The environment is an argument.
    ///
    /// # Errors
    ///
    /// [`SpaceVarsError`], which names every missing variable at once.
    ///
    /// ```
    /// use hf_oauth_core::App;
    ///
    /// let space = App::from_space_vars(|name| match name {
    ///     "OAUTH_CLIENT_ID" => Some("id".into()),
    ///     "OAUTH_CLIENT_SECRET" => Some("secret".into()),
    ///     "OAUTH_SCOPES" => Some("inference-api".into()),
    ///     "OPENID_PROVIDER_URL" => Some("https://huggingface.co".into()),
    ///     "SPACE_HOST" => Some("me-app.hf.space,app.example.com".into()),
    ///     "SPACE_ID" => Some("me/app".into()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(space.host, "me-app.hf.space");
    /// assert_eq!(space.app.scopes.to_string(), "openid profile inference-api");
    ///
    /// let nothing = App::from_space_vars(|_| None).unwrap_err().to_string();
    /// assert!(nothing.contains("OAUTH_CLIENT_ID") && nothing.contains("hf_oauth: true"));
    /// # Ok::<(), hf_oauth_core::SpaceVarsError>(())
    /// ```
    pub fn from_space_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Space, SpaceVarsError> {
        let mut missing = Vec::new();
        let mut read = |name: &'static str| {
            let value = lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
            if value.is_none() {
                missing.push(name);
            }
            value.unwrap_or_default()
        };
        let client_id = read("OAUTH_CLIENT_ID");
        let client_secret = read("OAUTH_CLIENT_SECRET");
        let scopes = read("OAUTH_SCOPES");
        let provider = read("OPENID_PROVIDER_URL");
        let hosts = read("SPACE_HOST");
        let id = read("SPACE_ID");
        if !missing.is_empty() {
            return Err(SpaceVarsError::Missing(missing));
        }
        let invalid = |variable| move |source| SpaceVarsError::Invalid { variable, source };
        let issuer = Issuer::parse(&provider).map_err(invalid("OPENID_PROVIDER_URL"))?;
        let host = hosts.split(',').next().unwrap_or_default().trim().to_owned();
        let origin: Origin = format!("https://{host}").parse().map_err(invalid("SPACE_HOST"))?;
        // Outside a Space, someone who plays one on their own machine has no certificate.
        let scheme = if origin.is_loopback() { "http" } else { "https" };
        let redirect_uri = RedirectUri::parse(&format!("{scheme}://{host}{CALLBACK_PATH}"))
            .map_err(invalid("SPACE_HOST"))?;
        let scopes =
            Scopes::default().iter().chain(&Scopes::from(scopes.as_str())).cloned().collect::<Scopes>();
        let app = App::new(client_id)
            .with_client_secret(client_secret)
            .with_redirect_uri(redirect_uri)
            .with_scopes(scopes);
        Ok(Space { app, issuer, host, id })
    }
}

/// The callback path that all of Hugging Face's own integrations use.
pub const CALLBACK_PATH: &str = "/oauth/huggingface/callback";

/// A Space as it finds itself: the app that the Hub registered for it, and where it runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Space {
    /// The app, with its secret, its redirect URI on [`host`](Self::host) and its scopes.
    pub app: App,
    /// The provider: `OPENID_PROVIDER_URL`.
    pub issuer: Issuer,
    /// The Space's own host: the first of `SPACE_HOST`, which lists custom domains after it.
    pub host: String,
    /// The Space's repository, `owner/name`.
    pub id: String,
}

/// Why the environment is not that of a Space with sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpaceVarsError {
    /// These variables are unset or blank.
    Missing(Vec<&'static str>),
    /// This variable has a value that cannot be used.
    Invalid {
        /// The variable's name.
        variable: &'static str,
        /// What is wrong with it.
        source: InvalidUrl,
    },
}

impl fmt::Display for SpaceVarsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(names) => write!(
                f,
                "not set: {}. In a Space, put `hf_oauth: true` into the README's metadata; elsewhere, set them yourself \
                 or use the local Hub",
                names.join(", ")
            ),
            Self::Invalid { variable, .. } => write!(f, "the environment variable {variable} cannot be used"),
        }
    }
}

impl std::error::Error for SpaceVarsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Missing(_) => None,
            Self::Invalid { source, .. } => Some(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(host: &str) -> Result<Space, SpaceVarsError> {
        App::from_space_vars(|name| {
            Some(match name {
                "SPACE_HOST" => host.to_owned(),
                "OPENID_PROVIDER_URL" => Issuer::HUGGING_FACE.to_owned(),
                other => format!("{other}-value"),
            })
        })
    }

    #[test]
    fn row_016_the_first_of_several_hosts_is_the_redirect_host() {
        let space = space("a.hf.space,app.example.com").unwrap();
        assert_eq!(space.app.redirect_uri.unwrap().as_str(), "https://a.hf.space/oauth/huggingface/callback");
        assert_eq!(space.host, "a.hf.space");
    }

    #[test]
    fn every_missing_variable_is_named_in_one_error() {
        let error = App::from_space_vars(|name| (name == "SPACE_ID").then(|| "a/b".to_owned())).unwrap_err();
        let text = error.to_string();
        for name in
            ["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL", "SPACE_HOST"]
        {
            assert!(text.contains(name), "{text}");
        }
        assert!(!text.contains("SPACE_ID") && text.contains("hf_oauth: true"), "{text}");
    }

    #[test]
    fn row_079_a_blank_secret_is_a_missing_secret() {
        let error = App::from_space_vars(|name| {
            Some(if name == "OAUTH_CLIENT_SECRET" { " " } else { "x" }.to_owned())
        });
        assert_eq!(error.unwrap_err(), SpaceVarsError::Missing(vec!["OAUTH_CLIENT_SECRET"]));
    }

    #[test]
    fn a_host_that_is_no_host_is_named() {
        assert!(space("evil.example/path@").unwrap_err().to_string().contains("SPACE_HOST"));
    }
}
