//! What can be done with the tokens. [`resolve`] says which is used, [`write`](mod@write) changes the files.

mod resolve;
mod write;

use std::ffi::OsStr;

use hf_oauth_core::App;

use crate::environment::Environment;
use crate::error::StoreError;
use crate::locations::Locations;
use crate::lock::Lock;
use crate::place::{self, Purpose};
use crate::tables::{expires_at, read_table, read_token, renewal, token};
use crate::token::{NewLogin, Saved, StoredToken};
use crate::warning::Warning;
use crate::{file, journal, next};
pub(crate) use write::TokenFile;

/// More than a login's tokens take.
const ROOM: usize = 8 * 1024;

/// The tokens of this machine's user, as `huggingface_hub` keeps them.
///
/// ```
/// use hf_oauth_tokens::{Environment, NewLogin, TokenSource, TokenStore};
///
/// let home = tempfile::tempdir()?;
/// let store = TokenStore::new(Environment::from_pairs([("HF_HOME", home.path())]));
/// assert!(store.resolve()?.token().is_none());
///
/// store.save(&NewLogin::new("laptop", "hf_abc"))?;
/// let resolution = store.resolve()?;
/// let token = resolution.token().unwrap();
/// assert_eq!(token.token.expose(), "hf_abc");
/// assert_eq!((token.source, token.name.as_deref()), (TokenSource::TokenFile, Some("laptop")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TokenStore {
    pub(crate) environment: Environment,
    pub(crate) places: Locations,
    #[cfg(feature = "refresh")]
    pub(crate) known: crate::known::Known,
}

impl TokenStore {
    /// With this process's variables.
    pub fn from_env() -> Self {
        Self::new(Environment::from_process())
    }

    /// With these variables.
    pub fn new(environment: Environment) -> Self {
        let places = Locations::of(&environment);
        Self {
            environment,
            places,
            #[cfg(feature = "refresh")]
            known: crate::known::Known::default(),
        }
    }

    /// Where everything lies.
    pub fn locations(&self) -> &Locations {
        &self.places
    }

    /// The variables it looks at.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Every token with a name, in the file's order.
    ///
    /// # Errors
    ///
    /// What reading the files can bring; a corrupt one is never taken for empty.
    pub fn list(&self) -> Result<Vec<StoredToken>, StoreError> {
        self.mend();
        let stored = read_table(&self.places.stored_tokens)?.ini;
        let own = read_table(&self.places.own_tokens)?.ini;
        let active = read_token(&self.places.token).map_or(None, |(token, _)| token);
        let told = stored.sections().map(|section| {
            let token = token(section);
            StoredToken {
                name: section.name.clone(),
                active: token.is_some() && token == active,
                token,
                expires_at: expires_at(section),
                renewal: renewal(section, own.section(&section.name)),
            }
        });
        Ok(told.collect())
    }

    /// Keeps a token under its name, and makes it the active one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; each file is as it was, or the next call of anything here finishes the save.
    pub fn save(&self, login: &NewLogin) -> Result<Saved, StoreError> {
        login.check()?;
        let lock = self.lock()?;
        let stored = read_table(&self.places.stored_tokens)?;
        let (active, warning) = read_token(&self.places.token).unwrap_or((None, None));
        let before = stored.ini.section(&login.name).and_then(token);
        let file = match login.active {
            true => TokenFile::Becomes { held: active.as_ref() },
            false => TokenFile::Stays,
        };
        self.write(&lock, login, before.as_ref(), file)?;
        // A write mends the modes.
        let _ = (stored.warning, warning);
        Ok(Saved {
            replaced: stored.ini.section(&login.name).is_some(),
            active: login.active,
            overridden_by: self.overridden_by(),
            warnings: self
                .places
                .stored_tokens_moved
                .then_some(Warning::PythonLooksElsewhere)
                .into_iter()
                .collect(),
        })
    }

    /// Makes a stored token the active one.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownName`], and what writing can bring.
    pub fn switch(&self, name: &str) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        let stored = read_table(&self.places.stored_tokens)?.ini;
        let token = stored.section(name).and_then(token);
        let token = token.ok_or_else(|| StoreError::UnknownName { name: name.to_owned() })?;
        next::write(&self.places.token, token.expose().as_bytes())
    }

    /// Forgets a token; when it is the active one, nobody is signed in afterwards. True when it was.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownName`], and what writing can bring.
    pub fn remove(&self, name: &str) -> Result<bool, StoreError> {
        let lock = self.lock()?;
        let stored = read_table(&self.places.stored_tokens)?.ini;
        let Some(section) = stored.section(name) else {
            return Err(StoreError::UnknownName { name: name.to_owned() });
        };
        let active = match read_token(&self.places.token) {
            Ok((active, _)) => active,
            // It may hold this very token.
            Err(error @ StoreError::Io { .. }) => return Err(error),
            Err(_) => None,
        };
        let was_active = active.is_some() && active == token(section);
        self.forget(&lock, name, was_active)?;
        Ok(was_active)
    }

    /// Forgets every token: takes the files away, whatever they hold. Variables stay. True when there was one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn remove_all(&self) -> Result<bool, StoreError> {
        let places = &self.places;
        let lock = match Lock::wait(places) {
            // A link that is not followed goes itself.
            Err(StoreError::UnsafeLink { .. }) => Lock::wait_here(places)?,
            lock => lock?,
        };
        let all = [
            (&places.token, true),
            (&places.own_tokens, true),
            (&places.stored_tokens, true),
            (&places.device, true),
            (&places.refreshes, false),
            (&places.journal, false),
        ];
        // What cannot be taken away keeps nothing else.
        let removed = all.map(|(path, counts)| file::remove(path).map(|removed| removed && counts));
        // What a save that died left may hold a token too.
        self.sweep(&lock);
        removed.into_iter().try_fold(false, |any, removed| Ok(any | removed?))
    }

    /// Whether what is kept can be replaced, as far as links, owners and kinds of files tell. Nothing is written, and
    /// nobody is waited for.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnsafePath`], [`StoreError::UnsafeLink`]: what every save and refresh will say.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        let places = &self.places;
        for path in
            [&places.token, &places.stored_tokens, &places.own_tokens, &places.journal, &places.device]
        {
            if let Some(place) = place::find(path, Purpose::Write)? {
                place.check(path)?;
            }
        }
        Ok(())
    }

    /// Does everything of a save but the save: takes the lock, and writes as much beside the files as a login does. So
    /// what would keep a login from being saved is known before anybody approves one.
    ///
    /// # Errors
    ///
    /// What [`save`](Self::save) would bring.
    pub fn rehearse_save(&self) -> Result<(), StoreError> {
        self.check_writable()?;
        let lock = self.lock()?;
        let token = "x".repeat(ROOM);
        let login = NewLogin::new("rehearsal", token.as_str()).with_refresh_token(token);
        let other = login.clone().with_client("rehearsal", "rehearsal");
        for login in [login, other] {
            self.rehearse(&lock, &login, None, TokenFile::Becomes { held: None })?;
        }
        Ok(())
    }

    /// The client that refreshes what Python's file holds. A blank variable names none, as at a login.
    pub(crate) fn shared_client(&self) -> &str {
        let named = self.environment.get("HF_DEVICE_CODE_OAUTH_CLIENT_ID").and_then(OsStr::to_str);
        named.map(str::trim).filter(|id| !id.is_empty()).unwrap_or(App::HUB_CLI_CLIENT_ID)
    }

    /// The lock, with what somebody left half-done finished.
    fn lock(&self) -> Result<Lock, StoreError> {
        let lock = Lock::wait(&self.places)?;
        journal::finish(&self.places, &lock)?;
        // Afterwards: what is still to be put in its place tells the journal so.
        self.sweep(&lock);
        Ok(lock)
    }

    /// Finishes a save that died, if nobody is at it; what cannot be finished now is finished later.
    fn mend(&self) {
        if journal::is_open(&self.places)
            && let Ok(Some(lock)) = Lock::attempt(&self.places)
        {
            let _ = journal::finish(&self.places, &lock).map(|()| self.sweep(&lock));
        }
    }
}
