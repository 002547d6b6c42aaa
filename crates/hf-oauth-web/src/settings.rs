//! What can be set.

mod client_metadata;
mod environment;

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use hf_oauth::{App, Issuer, OAuthUserInfo, Origin, Scopes, Tokens, UnixTime};
use hf_oauth_session::{Keyring, KeyringError, SESSION_CACHE_LIMIT};

pub use client_metadata::ClientMetadata;
pub(crate) use environment::{AppFault, WithoutApp};

use crate::frames::FrameSignIn;
use crate::org_id::{InvalidOrgId, is_org_id};
use crate::sign_in_check::{OnSignIn, SignInError};

/// Settings of sign-in; [`start`](Self::start) checks all of them and makes an `A` of it, the handle of the adapter that
/// made the settings.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use hf_oauth_web::{App, HuggingFace, Scopes};
///
/// let auth = HuggingFace::new(App::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c"))
///     .with_public_url("https://app.example.com")
///     .with_scopes(Scopes::from("openid profile inference-api"))
///     .start()
///     .await?;
/// assert_eq!(auth.redirect_uri().as_str(), "https://app.example.com/oauth/huggingface/callback");
/// # Ok::<(), hf_oauth_web::StartError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "settings do nothing until they are started"]
pub struct Settings<A> {
    pub(crate) values: Values,
    starts: PhantomData<fn() -> A>,
}

/// The values that were set.
#[derive(Clone)]
pub(crate) struct Values {
    pub(crate) app: Result<App, AppFault>,
    pub(crate) issuer: Option<Issuer>,
    pub(crate) in_space: bool,
    pub(crate) public_url: Option<String>,
    /// Further addresses of a Space: its custom domains.
    pub(crate) custom_domains: Vec<Origin>,
    /// `None`: the issuer in a Space, nobody elsewhere.
    pub(crate) frame_ancestors: Option<Vec<Origin>>,
    pub(crate) frame_sign_in: FrameSignIn,
    /// By `sub`; membership of one of them lets somebody in. `None` lets everybody in.
    pub(crate) authorized_orgs: Option<Vec<String>>,
    pub(crate) prefix: String,
    pub(crate) callback_path: Option<String>,
    pub(crate) cookie_name: String,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) keys: Option<Result<Keyring, KeyringError>>,
    pub(crate) on_sign_in: Option<OnSignIn>,
    pub(crate) clock: Option<Arc<dyn Fn() -> UnixTime + Send + Sync>>,
    pub(crate) other_origins: Vec<Origin>,
    pub(crate) session_cache_limit: usize,
    pub(crate) client_metadata: Option<ClientMetadata>,
    pub(crate) without_app: WithoutApp,
    #[cfg(feature = "local-hub")]
    pub(crate) local_hub: bool,
}

impl<A> Settings<A> {
    /// An app that is registered with the Hub.
    ///
    /// Its redirect URI, where it has one, says where the app runs, as [`with_public_url`](Self::with_public_url) and
    /// [`with_callback_path`](Self::with_callback_path) do.
    pub fn new(app: App) -> Self {
        Self::of(Ok(app))
    }

    fn of(app: Result<App, AppFault>) -> Self {
        let values = Values {
            app,
            issuer: None,
            in_space: false,
            public_url: None,
            custom_domains: Vec::new(),
            frame_ancestors: None,
            frame_sign_in: FrameSignIn::default(),
            authorized_orgs: None,
            prefix: String::new(),
            callback_path: None,
            cookie_name: "hf_oauth".to_owned(),
            scopes: None,
            keys: None,
            on_sign_in: None,
            clock: None,
            other_origins: Vec::new(),
            session_cache_limit: SESSION_CACHE_LIMIT,
            client_metadata: None,
            without_app: WithoutApp::default(),
            #[cfg(feature = "local-hub")]
            local_hub: false,
        };
        Self { values, starts: PhantomData }
    }

    /// At another provider than huggingface.co.
    pub fn with_issuer(mut self, issuer: Issuer) -> Self {
        self.values.issuer = Some(issuer);
        self
    }

    /// Where the app is reached: an origin such as `https://app.example.com`. Checked at the start.
    pub fn with_public_url(mut self, url: impl Into<String>) -> Self {
        self.values.public_url = Some(url.into());
        self
    }

    /// The sites whose pages may show the app in a frame, beside the app itself. Without this setting: the issuer in a Space,
    /// nobody elsewhere. With an empty list nobody may, the app itself included.
    ///
    /// Where there are any, cookies are `SameSite=None; Partitioned`, because in a frame of another site others do not
    /// arrive; they come along with requests of every site then, and whatever may change something is from nobody when
    /// another site sent it. The crate's own pages say `frame-ancestors`; for the app's own take
    /// [`frame_policy`](crate::HuggingFace::frame_policy).
    pub fn with_frame_ancestors(mut self, sites: impl IntoIterator<Item = Origin>) -> Self {
        self.values.frame_ancestors = Some(sites.into_iter().collect());
        self
    }

    /// How somebody signs in where the app is shown in a frame: in the frame itself, unless the provider refuses to be framed.
    pub fn with_frame_sign_in(mut self, way: FrameSignIn) -> Self {
        self.values.frame_sign_in = way;
        self
    }

    /// Lets in members of these organisations only, by `sub`: names change hands. Membership of one of them is enough, as it is
    /// for the Hub's own `hf_oauth_authorized_org`, beside which this stands.
    ///
    /// It is looked at when somebody signs in, at every refresh, and with every request. Somebody of whose organisations the Hub said
    /// nothing is not let in, and neither is a member whose organisation asks for something first
    /// ([`SecurityRestriction`](crate::SecurityRestriction)); each gets a page that says so.
    ///
    /// # Errors
    ///
    /// [`InvalidOrgId`] for an empty list, which a forgotten setting easily is, and for an id that is empty or has blanks.
    ///
    /// ```
    /// use hf_oauth_web::{App, HuggingFace, InvalidOrgId};
    ///
    /// let settings = HuggingFace::new(App::new("my-client-id")).with_authorized_orgs(["5f0c2b1a9d8e7f6a5b4c3d2e"])?;
    /// assert!(settings.with_authorized_orgs([""]).is_err());
    /// # Ok::<(), InvalidOrgId>(())
    /// ```
    pub fn with_authorized_orgs<I>(mut self, subs: I) -> Result<Self, InvalidOrgId>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let subs: Vec<String> = subs.into_iter().map(Into::into).collect();
        if subs.is_empty() || !subs.iter().all(|sub| is_org_id(sub)) {
            return Err(InvalidOrgId);
        }
        self.values.authorized_orgs = Some(subs);
        Ok(self)
    }

    /// Puts the routes below this path, such as `/app`. The redirect URI changes with it. Requests must arrive with the
    /// prefix: a proxy that takes it off leads past the routes.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.values.prefix = prefix.into();
        self
    }

    /// Another cookie name than `hf_oauth`: each of several apps on one host needs its own. Checked at the start.
    pub fn with_cookie_name(mut self, name: impl Into<String>) -> Self {
        self.values.cookie_name = name.into();
        self
    }

    /// Another callback path, the whole path: such as `/login/callback`.
    pub fn with_callback_path(mut self, path: impl Into<String>) -> Self {
        self.values.callback_path = Some(path.into());
        self
    }

    /// Asks for these scopes at every sign-in.
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.values.scopes = Some(scopes.into());
        self
    }

    /// Seals cookies with these keys. Without them a key is derived from the app's client secret, which must be at least
    /// as strong as a UUID: a copy of somebody's own cookie allows guesses at what it was derived from.
    pub fn with_keys(mut self, keys: Keyring) -> Self {
        self.values.keys = Some(Ok(keys));
        self
    }

    /// Asks `check` whether somebody who proved who they are may come in; also the place to keep them in a database.
    ///
    /// Decide on [`OAuthUserInfo::sub`]: usernames change hands. For an e-mail domain take
    /// [`email_domain_is`](crate::email_domain_is). It runs once a sign-in, before there is a session, and not again when
    /// tokens are refreshed. [`SignInError::refused`] is 403 with a sentence for the person; any other error (`?` makes
    /// a [`SignInError`] of it) is 503 with a warning in the log, and so is a check that takes longer than
    /// [`SIGN_IN_CHECK_LIMIT`](crate::SIGN_IN_CHECK_LIMIT).
    ///
    /// ```
    /// use hf_oauth_web::{App, HuggingFace, SignInError, email_domain_is};
    ///
    /// let settings = HuggingFace::new(App::new("my-client-id")).on_sign_in(async |user, _tokens| {
    ///     if !email_domain_is(&user, "corp.com") {
    ///         return Err(SignInError::refused("This app is for corp.com. Sign in with such an address."));
    ///     }
    ///     std::fs::write("/nowhere/last-visitor", &user.sub)?; // it fails: 503, and the log says why
    ///     Ok(())
    /// });
    /// # let _ = settings;
    /// ```
    pub fn on_sign_in<F, Fut>(mut self, check: F) -> Self
    where
        F: Fn(OAuthUserInfo, Tokens) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), SignInError>> + Send + 'static,
    {
        let check =
            move |user, tokens| -> Pin<Box<dyn Future<Output = _> + Send>> { Box::pin(check(user, tokens)) };
        self.values.on_sign_in = Some(OnSignIn(Arc::new(check)));
        self
    }

    /// Keeps at most `bytes` of opened sessions in memory, instead of [`SESSION_CACHE_LIMIT`]; 0 opens the cookies with
    /// every request.
    pub fn with_session_cache_limit(mut self, bytes: usize) -> Self {
        self.values.session_cache_limit = bytes;
        self
    }

    /// With another clock, for tests.
    pub fn with_clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.values.clock = Some(Arc::new(clock));
        self
    }

    /// Lets the provider's metadata name endpoints on these origins too. Tokens and the app's secret go there.
    pub fn with_other_origins(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.values.other_origins = origins.into_iter().collect();
        self
    }

    /// Where no `OAUTH_CLIENT_ID` is configured, starts a stand-in for the Hub on a loopback port of its own, where
    /// one signs in by choosing a person. It ends with the last clone of [`HuggingFace`](crate::HuggingFace).
    ///
    /// Then session keys may be random, and the app answers sign-ins on loopback hosts only. Never in a Space.
    #[cfg(feature = "local-hub")]
    pub fn local_hub(mut self) -> Self {
        self.values.local_hub = true;
        self
    }
}

impl<A> Clone for Settings<A> {
    fn clone(&self) -> Self {
        Self { values: self.values.clone(), starts: PhantomData }
    }
}

impl<A> fmt::Debug for Settings<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("app", &self.values.app)
            .field("issuer", &self.values.issuer)
            .field("public_url", &self.values.public_url)
            .finish_non_exhaustive()
    }
}
