//! Which token is used: Python's order, and the name that the token file's token has.

use std::ffi::OsStr;

use hf_oauth_core::{Secret, UnixTime};

use super::TokenStore;
use crate::error::{StoreError, UnsafeLink};
use crate::file;
use crate::lock::Lock;
use crate::source::TokenSource;
use crate::tables::{TOKEN, expires_at, read_table, read_token, renewal, token_of};
use crate::token::{Renewal, Resolution, ResolvedToken, SourceState, Winner};
use crate::warning::Warning;

/// How often, and how long between, a token is looked for that somebody is just replacing: half a second in all.
const MOST_LOOKS: u32 = 100;
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(5);

impl TokenStore {
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
        if let Err(why) = self.places.endpoint.issuer() {
            warnings.push(Warning::UnusableEndpoint { why });
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
        let found = match self.token_file(&winner, &mut warnings) {
            // As in Python, nobody is signed in there; why, is said.
            Err(StoreError::UnsafeLink { what: UnsafeLink::Gone { .. }, .. }) => Ok(None),
            found => found,
        };
        if matches!(found, Ok(None)) && std::fs::metadata(&self.places.token).is_err() {
            let target = std::fs::read_link(&self.places.token).ok();
            let path = self.places.token.clone();
            warnings.extend(target.map(|target| Warning::LinkGone { path, target }));
        }
        let told = match (matches!(winner, Winner::Nothing), found) {
            (true, Err(error)) => return Err(error),
            (true, Ok(Some(token))) => {
                winner = Winner::Token(token);
                SourceState::Wins
            }
            (false, Ok(Some(_))) => SourceState::Overridden,
            (_, Ok(None)) if std::fs::metadata(&self.places.token).is_ok() => SourceState::Blank,
            _ => SourceState::Absent,
        };
        sources.push((TokenSource::TokenFile, told));
        let implicit_disabled = self.environment.is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN");
        Ok(Resolution { sources, winner, implicit_disabled, warnings })
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
        warnings.extend(file::folder_of_others(&self.places.token));
        if self.places.stored_tokens_moved {
            warnings.extend(file::folder_of_others(&self.places.stored_tokens));
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
            quiet = matches!(Lock::attempt(&self.places), Ok(Some(_)) | Err(_));
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
