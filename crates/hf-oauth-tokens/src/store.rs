use std::ffi::OsStr;

use hf_oauth_core::{App, Secret, UnixTime};

use crate::error::{StoreError, Warning};
use crate::file;
use crate::journal::{self, Plan};
use crate::lock::Lock;
use crate::tables::{
    CLIENT_ID, EXPIRES_AT, ISSUER, REFRESH_TOKEN, TOKEN, change_table, expires_at, fingerprint, read_table,
    read_token, renewal, token, token_of,
};
use crate::token::{
    NewLogin, Renewal, Resolution, ResolvedToken, Saved, SourceState, StoredToken, TokenSource, Winner,
};
use crate::{Environment, Locations};

/// How often, and how long between, a token is looked for that somebody is just replacing: half a second in all.
const MOST_LOOKS: u32 = 100;
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(5);

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
    pub(crate) known: crate::refresh::Known,
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
            known: crate::refresh::Known::default(),
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

    /// Which token is used, and why. No network: what is due for a refresh is told as it is.
    ///
    /// A save that died half-way is finished first, unless a variable overrides the files.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotAToken`] and what reading the token file can bring. That the named tokens cannot be read is a
    /// warning: the active token is as good without its name.
    pub fn resolve(&self) -> Result<Resolution, StoreError> {
        let mut warnings = Vec::new();
        if self.places.stored_tokens_moved {
            warnings.push(Warning::PythonLooksElsewhere);
        }
        let ci = self.environment.get("HF_OIDC_RESOURCE").filter(|resource| !resource.is_empty());
        let mut winner = match ci {
            Some(resource) => {
                Winner::CiExchange { resource: utf8(resource, TokenSource::CiExchange)?.to_owned() }
            }
            None => Winner::Nothing,
        };
        let mut sources = vec![(
            TokenSource::CiExchange,
            state(self.environment.get("HF_OIDC_RESOURCE"), ci.is_some(), true),
        )];
        let names = [
            ("HF_TOKEN", TokenSource::HfToken),
            ("HUGGING_FACE_HUB_TOKEN", TokenSource::HuggingFaceHubToken),
        ];
        // Which variable counts is decided before white space is taken away.
        let mut decided = false;
        for (name, source) in names {
            let set = self.environment.get(name);
            let text = set.filter(|text| !text.is_empty());
            let over = matches!(winner, Winner::Nothing);
            let found = match text {
                Some(text) if over || !decided => {
                    match utf8(text, source).and_then(|text| token_of(text, source)) {
                        Err(error) if over && !decided => return Err(error),
                        found => found.ok().flatten(),
                    }
                }
                _ => None,
            };
            let told = match (&found, text) {
                (Some(_), _) if decided => SourceState::Shadowed,
                (Some(_), _) if over => SourceState::Wins,
                (Some(_), _) => SourceState::Overridden,
                (None, Some(_)) if decided => SourceState::Overridden,
                _ => state(set, false, false),
            };
            if let (SourceState::Wins, Some(token)) = (told, found) {
                winner = Winner::Token(plain(token, source));
            }
            decided |= text.is_some();
            sources.push((source, told));
        }
        let told = match (matches!(winner, Winner::Nothing), self.token_file(&winner, &mut warnings)) {
            (true, Err(error)) => return Err(error),
            (true, Ok(Some(token))) => {
                winner = Winner::Token(token);
                SourceState::Wins
            }
            (false, Ok(Some(_))) => SourceState::Overridden,
            (_, Ok(None)) if file::stat(&self.places.token).is_ok() => SourceState::Blank,
            _ => SourceState::Absent,
        };
        sources.push((TokenSource::TokenFile, told));
        let implicit_disabled = self.environment.is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN");
        Ok(Resolution { sources, winner, implicit_disabled, warnings })
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
        self.write(&lock, login, before.as_ref(), login.active.then_some(active.as_ref()))?;
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
        file::write(&self.places.token, token.expose().as_bytes())
    }

    /// Forgets a token; when it is the active one, nobody is signed in afterwards. True when it was.
    ///
    /// # Errors
    ///
    /// [`StoreError::UnknownName`], and what writing can bring.
    pub fn remove(&self, name: &str) -> Result<bool, StoreError> {
        let _lock = self.lock()?;
        let stored = read_table(&self.places.stored_tokens)?.ini;
        let Some(section) = stored.section(name) else {
            return Err(StoreError::UnknownName { name: name.to_owned() });
        };
        let (active, _) = read_token(&self.places.token).unwrap_or((None, None));
        let was_active = active.is_some() && active == token(section);
        // In this order a crash leaves nobody signed in, then a token without its refresh token, both as they are told.
        if was_active {
            file::remove(&self.places.token)?;
        }
        change_table(&self.places.own_tokens, |ini| ini.remove(name))?;
        change_table(&self.places.stored_tokens, |ini| ini.remove(name))?;
        Ok(was_active)
    }

    /// Forgets every token: takes the files away, whatever they hold. Variables stay. True when there was one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn remove_all(&self) -> Result<bool, StoreError> {
        let _lock = Lock::wait(&self.places.lock)?;
        let places = &self.places;
        let mut any = false;
        for path in
            [&places.journal, &places.token, &places.own_tokens, &places.stored_tokens, &places.device]
        {
            any |= file::remove(path)? && path != &places.journal;
        }
        Ok(any)
    }

    /// The variable that is used instead of the files, where one is set.
    pub fn overridden_by(&self) -> Option<TokenSource> {
        let set = |name| self.environment.get(name).and_then(OsStr::to_str).filter(|text| !text.is_empty());
        if set("HF_OIDC_RESOURCE").is_some() {
            return Some(TokenSource::CiExchange);
        }
        let (text, source) = match set("HF_TOKEN") {
            Some(text) => (text, TokenSource::HfToken),
            None => (set("HUGGING_FACE_HUB_TOKEN")?, TokenSource::HuggingFaceHubToken),
        };
        crate::token::clean(text).map(|_| source)
    }

    /// The lock, with what somebody left half-done finished.
    fn lock(&self) -> Result<Lock, StoreError> {
        let lock = Lock::wait(&self.places.lock)?;
        journal::finish(&self.places, &lock)?;
        Ok(lock)
    }

    /// Finishes a save that died, if nobody is at it; what cannot be finished now is finished later.
    fn mend(&self) {
        if journal::is_open(&self.places)
            && let Ok(Some(lock)) = Lock::attempt(&self.places.lock)
        {
            let _ = journal::finish(&self.places, &lock);
        }
    }

    /// `active`: what the token file holds, if that is to be replaced.
    pub(crate) fn write(
        &self,
        _lock: &Lock,
        login: &NewLogin,
        before: Option<&Secret>,
        active: Option<Option<&Secret>>,
    ) -> Result<(), StoreError> {
        let places = &self.places;
        if active.is_some() {
            file::check(&places.token)?;
        }
        let own = login.client.as_ref().filter(|(client_id, _)| client_id != App::HUB_CLI_CLIENT_ID);
        let end = login.expires_at.map(|end| end.as_secs().to_string());
        let end = (EXPIRES_AT, end.as_deref());
        let (now, refresh) = (login.token.expose(), login.refresh_token.as_ref().map(Secret::expose));
        journal::begin(
            places,
            &Plan {
                name: &login.name,
                active: active.map(fingerprint),
                before: fingerprint(before),
                after: fingerprint(Some(&login.token)),
            },
        )?;
        match own {
            Some((client_id, issuer)) => change_table(&places.own_tokens, |ini| {
                let client = [(CLIENT_ID, Some(client_id.as_str())), (ISSUER, Some(issuer.as_str()))];
                ini.set(
                    &login.name,
                    &[(TOKEN, Some(now)), (REFRESH_TOKEN, refresh), end, client[0], client[1]],
                )
            })?,
            None => change_table(&places.own_tokens, |ini| ini.remove(&login.name))?,
        }
        let shared = refresh.filter(|_| own.is_none());
        change_table(&places.stored_tokens, |ini| {
            ini.set(&login.name, &[(TOKEN, Some(now)), (REFRESH_TOKEN, shared), end])
        })?;
        if active.is_some() {
            file::write(&places.token, now.as_bytes())?;
        }
        journal::end(places)
    }

    fn token_file(
        &self,
        winner: &Winner,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<ResolvedToken>, StoreError> {
        if !matches!(winner, Winner::Nothing) {
            let (active, warning) = read_token(&self.places.token)?;
            warnings.extend(warning);
            return Ok(active.map(|active| plain(active, TokenSource::TokenFile)));
        }
        let mut quiet = false;
        for _ in 0..MOST_LOOKS {
            self.mend();
            let mut told = Vec::new();
            let (active, warning) = read_token(&self.places.token)?;
            told.extend(warning);
            let Some(active) = active else { return Ok(None) };
            let resolved = self.named(plain(active, TokenSource::TokenFile), &mut told);
            if resolved.name.is_some() || quiet || !told.is_empty() || file::stat(&self.places.lock).is_err()
            {
                warnings.extend(told);
                return Ok(Some(resolved));
            }
            // A token without a name may be one that is being replaced: whoever does that has the lock.
            quiet = matches!(Lock::attempt(&self.places.lock), Ok(Some(_)) | Err(_));
            if !quiet {
                std::thread::sleep(LOOK_AGAIN);
            }
        }
        let (active, _) = read_token(&self.places.token)?;
        Ok(active.map(|active| self.named(plain(active, TokenSource::TokenFile), warnings)))
    }

    fn named(&self, mut resolved: ResolvedToken, warnings: &mut Vec<Warning>) -> ResolvedToken {
        let tables = read_table(&self.places.stored_tokens)
            .and_then(|stored| Ok((stored, read_table(&self.places.own_tokens)?)));
        match tables {
            Err(error) => warnings.push(Warning::NamesUnreadable { why: error.to_string() }),
            Ok((stored, own)) => {
                warnings.extend([stored.warning, own.warning].into_iter().flatten());
                let token = resolved.token.expose();
                let found = stored.ini.sections().find(|section| section.get(TOKEN) == Some(token));
                if let Some(section) = found {
                    resolved.name = Some(section.name.clone());
                    resolved.expires_at = expires_at(section);
                    resolved.renewal = renewal(section, own.ini.section(&section.name));
                }
            }
        }
        resolved
    }
}

fn plain(token: Secret, source: TokenSource) -> ResolvedToken {
    let expires_at: Option<UnixTime> = None;
    ResolvedToken { token, source, name: None, expires_at, renewal: Renewal::None, warnings: Vec::new() }
}

fn utf8(text: &OsStr, source_name: TokenSource) -> Result<&str, StoreError> {
    text.to_str().ok_or(StoreError::NotAToken { source_name })
}

fn state(set: Option<&OsStr>, has_token: bool, wins: bool) -> SourceState {
    match set {
        None => SourceState::Absent,
        Some(_) if has_token && wins => SourceState::Wins,
        Some(_) if has_token => SourceState::Overridden,
        Some(_) => SourceState::Blank,
    }
}
