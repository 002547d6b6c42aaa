//! An app that nobody registers.

use super::Settings;

/// What an app says of itself that is not registered with the Hub: its name, and links for whoever asks what it is.
///
/// ```
/// use hf_oauth_web::ClientMetadata;
///
/// let app = ClientMetadata::new("Night sky").with_client_uri("https://sky.example.com/about");
/// assert_eq!(app.name(), "Night sky");
/// ```
#[derive(Clone, Debug)]
#[must_use = "hand it to `without_registering`"]
pub struct ClientMetadata {
    pub(crate) name: String,
    pub(crate) logo_uri: Option<String>,
    pub(crate) client_uri: Option<String>,
}

impl ClientMetadata {
    /// An app of this name, which the consent page shows.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), logo_uri: None, client_uri: None }
    }

    /// With the address of its logo: `https`. Checked at the start.
    pub fn with_logo_uri(mut self, uri: impl Into<String>) -> Self {
        self.logo_uri = Some(uri.into());
        self
    }

    /// With the address of a page about it: `https`. Checked at the start.
    pub fn with_client_uri(mut self, uri: impl Into<String>) -> Self {
        self.client_uri = Some(uri.into());
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl From<&str> for ClientMetadata {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for ClientMetadata {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl<A> Settings<A> {
    /// Signs people in without registering an app with the Hub: the app serves a document about itself at
    /// `/.well-known/oauth-cimd`, below its [public URL](Self::with_public_url), and the address of that document is its
    /// client id ([Client ID Metadata Document](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/)).
    ///
    /// The Hub fetches the document, so it must be reached from there without signing in; below a
    /// [prefix](Self::with_prefix) a proxy passes that path on as well. An app without a secret needs session keys:
    /// `OAUTH_SESSION_KEYS`, or [`with_keys`](Self::with_keys). `OPENID_PROVIDER_URL` and `OAUTH_SCOPES` mean what they mean
    /// otherwise. Whoever registers the app later gets another client id: everybody signs in, and consents, once more.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use hf_oauth_web::{HuggingFace, Keyring, Route};
    ///
    /// let auth = HuggingFace::from_vars(|_| None)
    ///     .without_registering("Night sky")
    ///     .with_public_url("https://sky.example.com")
    ///     .with_keys(Keyring::new(["a key of at least 32 characters, from a secret store"])?)
    ///     .start()
    ///     .await?;
    /// assert_eq!(auth.path(Route::ClientMetadata), "/.well-known/oauth-cimd");
    /// assert_eq!(auth.client().app().client_id, "https://sky.example.com/.well-known/oauth-cimd");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without_registering(mut self, app: impl Into<ClientMetadata>) -> Self {
        self.values.client_metadata = Some(app.into());
        self
    }
}
