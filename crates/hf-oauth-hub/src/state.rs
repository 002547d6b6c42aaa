//! What one hub knows: people, apps, consents, codes and tokens.

mod records;

pub(crate) use records::{
    Access, AccessToken, Code, Consented, Device, Login, RefreshToken, TRUSTED_PUBLISHER, Verdict,
};

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use url::Url;

use crate::client_metadata::{Documents, Fetcher};
use crate::clock::Clock;
use crate::config::{
    AppConfig, Consent, CorsConfig, DeviceConfig, LOCAL_APP, Lifetimes, OrgConfig, PagesConfig, UserConfig,
};
use crate::fault::{Endpoint, Faults};
use crate::journal::Recorder;
use crate::keys::{KeyCell, SigningKey};
use crate::random::{Random, same};
use crate::space::Space;
use crate::upstream::Upstream;

/// Everything behind the handle; one for each hub.
pub(crate) struct Hub {
    pub(crate) issuer: Issuer,
    pub(crate) port: u16,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) device: DeviceConfig,
    pub(crate) pages: PagesConfig,
    /// The endpoints that pages of other origins cannot read.
    pub(crate) cors_withheld: RwLock<Vec<Endpoint>>,
    /// The Spaces in frames, in the order in which they were given.
    pub(crate) spaces: Vec<Space>,
    /// How long a request's head may take, and how long an idle connection stays.
    pub(crate) head_timeout: Duration,
    pub(crate) refresh_mode: RwLock<RefreshMode>,
    pub(crate) send_iss: bool,
    pub(crate) control: bool,
    pub(crate) bound_dangerously: bool,
    /// Who answers chats in place of the built-in responder.
    pub(crate) upstream: Option<Upstream>,
    /// What fetches the documents of apps that nobody registered; none where that is switched off.
    pub(crate) client_metadata: Option<Fetcher>,
    pub(crate) journal: Recorder,
    pub(crate) faults: Faults,
    pub(crate) key: RwLock<KeyCell>,
    state: Mutex<State>,
}

/// The hub's own address, as clients know it.
pub(crate) struct Issuer {
    /// As it stands in tokens: with a slash at the end only if it was given so.
    pub(crate) text: String,
    pub(crate) url: Url,
}

/// What becomes of a refresh token that is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshMode {
    /// A new one comes back; using the old one again ends the whole login, as on the Hub.
    #[default]
    Rotate,
    /// As `Rotate`, but the old one may be used again for so many seconds.
    RotateWithGrace(u64),
    /// It stays, and none comes back.
    Keep,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) users: Vec<UserConfig>,
    pub(crate) apps: Vec<AppConfig>,
    /// Apps that nobody registered, by the documents that they serve.
    pub(crate) documents: Documents,
    /// Browser session to username.
    pub(crate) sessions: HashMap<String, String>,
    /// Username and client id to what was granted.
    pub(crate) consents: HashMap<(String, String), Consented>,
    /// Username and client id of what a person took back: from then on they are asked, whatever the app's `consent`.
    pub(crate) taken_back: HashSet<(String, String)>,
    pub(crate) codes: HashMap<String, Code>,
    /// By device code.
    pub(crate) devices: HashMap<String, Device>,
    pub(crate) logins: Vec<Login>,
    pub(crate) access: HashMap<String, AccessToken>,
    pub(crate) refresh: HashMap<String, RefreshToken>,
}

pub(crate) struct Setup {
    pub(crate) issuer: Issuer,
    pub(crate) port: u16,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) device: DeviceConfig,
    pub(crate) pages: PagesConfig,
    pub(crate) cors: CorsConfig,
    pub(crate) spaces: Vec<Space>,
    pub(crate) head_timeout: Duration,
    pub(crate) refresh_mode: RefreshMode,
    pub(crate) send_iss: bool,
    pub(crate) control: bool,
    pub(crate) bound_dangerously: bool,
    pub(crate) upstream: Option<Upstream>,
    pub(crate) client_metadata: Option<Fetcher>,
    pub(crate) users: Vec<UserConfig>,
    pub(crate) apps: Vec<AppConfig>,
}

impl Hub {
    pub(crate) fn new(setup: Setup) -> Self {
        Self {
            issuer: setup.issuer,
            port: setup.port,
            clock: setup.clock,
            random: setup.random,
            lifetimes: setup.lifetimes,
            device: setup.device,
            pages: setup.pages,
            cors_withheld: RwLock::new(setup.cors.withheld),
            spaces: setup.spaces,
            head_timeout: setup.head_timeout,
            refresh_mode: RwLock::new(setup.refresh_mode),
            send_iss: setup.send_iss,
            control: setup.control,
            bound_dangerously: setup.bound_dangerously,
            upstream: setup.upstream,
            client_metadata: setup.client_metadata,
            journal: Recorder::default(),
            faults: Faults::default(),
            key: RwLock::new(KeyCell::of_the_process()),
            state: Mutex::new(State { users: setup.users, apps: setup.apps, ..State::default() }),
        }
    }

    /// A guard that is never held across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The Space with this id.
    pub(crate) fn space(&self, id: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.id() == id)
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.now()
    }

    pub(crate) fn refresh_mode(&self) -> RefreshMode {
        *self.refresh_mode.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn cors_withheld(&self) -> Vec<Endpoint> {
        self.cors_withheld.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn withhold_cors(&self, endpoints: Vec<Endpoint>) {
        *self.cors_withheld.write().unwrap_or_else(PoisonError::into_inner) = endpoints;
    }

    pub(crate) async fn signing_key(&self) -> Option<Arc<SigningKey>> {
        let cell = self.key.read().unwrap_or_else(PoisonError::into_inner).clone();
        cell.get().await
    }

    pub(crate) fn rotate_keys(&self) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = KeyCell::in_background();
    }

    /// Who `token` stands for, if it is valid now.
    pub(crate) fn access(&self, token: &str) -> Option<Access> {
        let now = self.now();
        let state = self.state();
        let access = state.access.get(token).filter(|access| now < access.expires_at)?;
        let login = state.logins.get(access.login).filter(|login| !login.revoked)?;
        let person = state.user(&login.username);
        // Only a CI job has tokens of an organisation.
        let org = || state.org(&login.username).filter(|_| login.client_id == TRUSTED_PUBLISHER);
        let is_org = person.is_none();
        Some(Access {
            user: person.cloned().or_else(|| org().map(OrgConfig::as_owner))?,
            is_org,
            client_id: login.client_id.clone(),
            scopes: access.scopes.clone(),
            orgs: login.orgs.clone(),
            created_at: access.created_at,
            expires_at: access.expires_at,
        })
    }
}

impl State {
    pub(crate) fn user(&self, username: &str) -> Option<&UserConfig> {
        self.users.iter().find(|user| user.username == username)
    }

    /// The organisation of this name, as its first member knows it.
    pub(crate) fn org(&self, username: &str) -> Option<&OrgConfig> {
        self.users.iter().flat_map(|user| &user.orgs).find(|org| org.username == username)
    }

    /// The person whose cookie `token` has this value.
    pub(crate) fn user_of_session(&self, value: &str) -> Option<&UserConfig> {
        self.users.iter().find(|user| user.session.as_ref().is_some_and(|session| same(session, value)))
    }

    pub(crate) fn app(&self, client_id: &str) -> Option<&AppConfig> {
        let registered = self.apps.iter().find(|app| app.client_id == client_id);
        registered.or_else(|| self.documents.app(client_id))
    }

    /// Adds an app, or puts it in the place of the one with its id.
    pub(crate) fn put_app(&mut self, app: AppConfig) {
        self.apps.retain(|other| other.client_id != app.client_id);
        // The default app stays first, for the home page.
        let first = if app.client_id == LOCAL_APP { 0 } else { self.apps.len() };
        self.apps.insert(first, app);
    }

    /// Adds a person, or puts them in the place of the one with their name.
    pub(crate) fn put_user(&mut self, user: UserConfig) {
        match self.users.iter_mut().find(|other| other.username == user.username) {
            Some(other) => *other = user,
            None => self.users.push(user),
        }
    }

    /// Forgets what expired a day ago, now and then: what is used twice must still be known for what it is.
    pub(crate) fn prune(&mut self, now: u64) {
        let over = |expires_at: u64| expires_at.saturating_add(86_400) <= now;
        let due = |len: usize| len >= 4_096 && len.is_power_of_two();
        if due(self.codes.len()) {
            self.codes.retain(|_, code| !over(code.expires_at));
        }
        if due(self.devices.len()) {
            self.devices.retain(|_, device| !over(device.expires_at));
        }
        if due(self.access.len()) {
            self.access.retain(|_, access| !over(access.expires_at));
        }
        if due(self.refresh.len()) {
            self.refresh.retain(|_, refresh| !over(refresh.expires_at));
        }
    }

    /// Whether everybody has said yes to the app, and this person has not taken it back.
    pub(crate) fn grants_unasked(&self, username: &str, app: &AppConfig) -> bool {
        let key = (username.to_owned(), app.client_id.clone());
        app.consent == Consent::Granted && !self.taken_back.contains(&key)
    }

    pub(crate) fn revoke(&mut self, login: usize) {
        if let Some(login) = self.logins.get_mut(login) {
            login.revoked = true;
        }
    }

    /// The person takes everything back that the app has.
    pub(crate) fn disconnect(&mut self, username: &str, client_id: &str) {
        let key = (username.to_owned(), client_id.to_owned());
        self.consents.remove(&key);
        self.taken_back.insert(key);
        for login in &mut self.logins {
            if login.username == username && login.client_id == client_id {
                login.revoked = true;
            }
        }
    }
}

impl Issuer {
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text.trim_end_matches('/'))
    }

    /// The issuer's path, empty for most.
    pub(crate) fn base_path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}
