//! Settings from environment variables.

use hf_oauth::{App, Issuer, Origin, Scopes, SpaceVarsError};
use hf_oauth_session::Keyring;

use super::Settings;

/// Why the environment gives no app.
#[derive(Clone, Debug)]
pub(crate) enum AppFault {
    /// Nothing is configured at all.
    Missing,
    /// This variable is set, and without `OAUTH_CLIENT_ID` it has no meaning.
    ClientIdMissing { beside: &'static str },
    /// A variable is missing or wrong.
    Variable(SpaceVarsError),
}

/// What the environment says beside an app, where it names none: for one that nobody registered.
#[derive(Clone, Debug, Default)]
pub(crate) struct WithoutApp {
    pub(crate) issuer: Option<Result<Issuer, SpaceVarsError>>,
    pub(crate) scopes: Scopes,
    pub(crate) has_secret: bool,
}

impl<A> Settings<A> {
    /// The app of the environment: in a Space the one that `hf_oauth: true` made, elsewhere that of `OAUTH_CLIENT_ID`,
    /// with `OAUTH_CLIENT_SECRET`, `OAUTH_SCOPES`, `OPENID_PROVIDER_URL` and `OAUTH_SESSION_KEYS` (separated by
    /// commas, the first seals) where they are set.
    pub fn from_env() -> Self {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// As [`from_env`](Self::from_env), of other variables than the process's.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use hf_oauth_web::{HuggingFace, StartError};
    ///
    /// let error = HuggingFace::from_vars(|_| None).start().await.unwrap_err();
    /// assert!(matches!(error, StartError::NotConfigured { .. }));
    /// assert!(error.to_string().contains("hf_oauth: true") && error.to_string().contains(".local_hub()"));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let var =
            |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let in_space = var("SPACE_ID").is_some() || var("SPACE_HOST").is_some();
        let mut settings = if in_space { Self::of_space(&lookup) } else { Self::of_variables(&var) };
        settings.values.in_space = in_space;
        settings.values.keys = var("OAUTH_SESSION_KEYS").map(|keys| Keyring::new(keys.split(',')));
        settings
    }

    fn of_space(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let found = App::from_space_vars(&lookup)
            .and_then(|space| Ok((space, custom_domains(&lookup("SPACE_HOST").unwrap_or_default())?)));
        match found {
            Ok((space, custom_domains)) => {
                let mut settings = Self::of(Ok(space.app)).with_issuer(space.issuer);
                settings.values.custom_domains = custom_domains;
                settings
            }
            Err(error) => Self::of(Err(AppFault::Variable(error))),
        }
    }

    fn of_variables(var: &impl Fn(&str) -> Option<String>) -> Self {
        let Some(client_id) = var("OAUTH_CLIENT_ID") else {
            // Somebody meant an app of theirs, not a stand-in for the Hub.
            let beside =
                ["OPENID_PROVIDER_URL", "OAUTH_CLIENT_SECRET"].into_iter().find(|name| var(name).is_some());
            let fault = beside.map_or(AppFault::Missing, |beside| AppFault::ClientIdMissing { beside });
            let mut settings = Self::of(Err(fault));
            settings.values.without_app = WithoutApp {
                issuer: var("OPENID_PROVIDER_URL").map(|url| issuer(&url)),
                scopes: Scopes::from(var("OAUTH_SCOPES").unwrap_or_default().as_str()),
                has_secret: var("OAUTH_CLIENT_SECRET").is_some(),
            };
            return settings;
        };
        let scopes = Scopes::from(var("OAUTH_SCOPES").unwrap_or_default().as_str());
        let mut app = App::new(client_id)
            .with_scopes(Scopes::default().iter().chain(&scopes).cloned().collect::<Scopes>());
        app.client_secret = var("OAUTH_CLIENT_SECRET").map(Into::into);
        match var("OPENID_PROVIDER_URL").map(|url| issuer(&url)).transpose() {
            Ok(issuer) => {
                let mut settings = Self::of(Ok(app));
                settings.values.issuer = issuer;
                settings
            }
            Err(error) => Self::of(Err(AppFault::Variable(error))),
        }
    }
}

/// What `SPACE_HOST` lists after the Space's own host. On this machine, where a Space is rehearsed, it is without TLS.
fn custom_domains(hosts: &str) -> Result<Vec<Origin>, SpaceVarsError> {
    let parse = |host: &str| -> Result<Origin, _> {
        let origin: Origin = format!("https://{host}").parse()?;
        if origin.is_loopback() { format!("http://{host}").parse() } else { Ok(origin) }
    };
    let hosts = hosts.split(',').skip(1).map(str::trim).filter(|host| !host.is_empty());
    let invalid = |source| SpaceVarsError::Invalid { variable: "SPACE_HOST", source };
    hosts.map(|host| parse(host).map_err(invalid)).collect()
}

fn issuer(url: &str) -> Result<Issuer, SpaceVarsError> {
    Issuer::parse(url).map_err(|source| SpaceVarsError::Invalid { variable: "OPENID_PROVIDER_URL", source })
}
