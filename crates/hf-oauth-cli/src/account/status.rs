//! `hf-oauth status`: every source, which one wins and why, and what the Hub says of it. Works without a network.

use std::process::ExitCode;

use hf_oauth::WhoAmI;
use hf_oauth_tokens::{
    Renewal, Resolution, ResolvedToken, SourceState, StoreError, TokenSource, TokenStore, Warning, Winner,
};
use serde_json::{Value, json};

use crate::failure::{Failure, Kind};
use crate::output;
use crate::printable::{masked, printable};

use super::shown::expiry;
use super::{hub, store, whoami};

/// `hf-oauth status`
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print one JSON object; its keys are listed in the guide for terminals.
    #[arg(long)]
    pub(super) json: bool,
    /// Do not ask the Hub whose token it is.
    #[arg(long)]
    offline: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let store = TokenStore::from_env();
    let anything = !matches!(store.resolve()?.winner, Winner::Nothing);
    let asked = (anything && !options.offline).then(|| {
        let token = store::fresh(&store)?;
        hub::whoami(&store.locations().endpoint, &token.token)
    });
    let asked = match asked {
        Some(Err(failure)) if failure.kind() == Kind::Interrupted => return Err(failure),
        asked => asked,
    };
    // Again, because a refresh may have changed it.
    let resolution = store.resolve()?;
    // What cannot be replaced on the disk is not refreshed either.
    let lasting = resolution.token().is_some_and(|token| token.renewal != Renewal::None);
    let kept = if lasting { store.check_writable() } else { Ok(()) };
    let report = Report { store: &store, resolution: &resolution, asked, kept };
    if options.json {
        output::json(&report.json());
    } else {
        output::say(&report.text());
    }
    Ok(match report.problem() {
        Some(kind) => ExitCode::from(kind.exit()),
        None => ExitCode::SUCCESS,
    })
}

struct Report<'a> {
    store: &'a TokenStore,
    resolution: &'a Resolution,
    asked: Option<Result<WhoAmI, Failure>>,
    /// Whether a new token could be kept.
    kept: Result<(), StoreError>,
}

impl Report<'_> {
    /// What makes the token unusable; a Hub that cannot be asked does not.
    fn problem(&self) -> Option<Kind> {
        let refused = || match &self.asked {
            Some(Err(failure)) if matches!(failure.kind().exit(), 3 | 7) => Some(failure.kind()),
            _ => None,
        };
        match &self.resolution.winner {
            Winner::Nothing => Some(Kind::NotSignedIn),
            Winner::Token(token) if self.has_ended(token) => Some(Kind::TokenExpired),
            // There is no token until it is exchanged.
            Winner::CiExchange { .. } => {
                self.asked.as_ref().and_then(|asked| asked.as_ref().err()).map(Failure::kind)
            }
            _ => refused(),
        }
    }

    fn is_refreshable(&self, token: &ResolvedToken) -> bool {
        token.renewal != Renewal::None && self.kept.is_ok()
    }

    fn has_ended(&self, token: &ResolvedToken) -> bool {
        let refreshed = self.is_refreshable(token) && !matches!(self.asked, Some(Err(_)));
        !refreshed && token.expires_at.is_some_and(|ends| ends <= store::now())
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self.resolution.warnings.iter().map(ToString::to_string).collect();
        if self.resolution.implicit_disabled {
            warnings.push(
                "HF_HUB_DISABLE_IMPLICIT_TOKEN is set: Python sends the token only where a program asks for it".into(),
            );
        }
        if let Err(error) = &self.kept {
            warnings.push(format!("the token cannot be refreshed, nor another one saved: {error}"));
        }
        // What a wrong address means is said by the store already.
        let unusable = |warning: &Warning| matches!(warning, Warning::UnusableEndpoint { .. });
        if let Some(Err(failure)) = &self.asked
            && !(failure.kind() == Kind::Usage && self.resolution.warnings.iter().any(unusable))
        {
            warnings.push(failure.message());
        }
        warnings
    }

    fn json(&self) -> Value {
        let places = self.store.locations();
        let sources: Vec<Value> = self
            .resolution
            .sources
            .iter()
            .map(|(source, state)| json!({ "source": store::code(*source), "state": state_code(*state) }))
            .collect();
        let token = self.resolution.token().map(|token| {
            json!({
                "masked": masked(token.token.expose()),
                "name": token.name,
                "expires_at": token.expires_at.map(|ends| ends.as_secs()),
                "refreshable": self.is_refreshable(token),
            })
        });
        let who = self.asked.as_ref().and_then(|asked| asked.as_ref().ok());
        json!({
            "signed_in": self.problem().is_none(),
            "code": self.problem().map(Kind::code),
            "source": winner(&self.resolution.winner).map(store::code),
            "sources": sources,
            "token": token,
            "user": who.map(whoami::person),
            "role": who.and_then(role),
            // The Hub names a token's scopes when it gives it and never again.
            "scopes": Value::Null,
            "hub": match &self.asked {
                None => "not_asked",
                Some(Ok(_)) => "accepted",
                Some(Err(failure)) => failure.kind().code(),
            },
            "endpoint": places.endpoint.to_string(),
            "token_path": places.token.to_string_lossy(),
            "stored_tokens_path": places.stored_tokens.to_string_lossy(),
            "warnings": self.warnings(),
        })
    }

    fn text(&self) -> String {
        let places = self.store.locations();
        let mut lines = vec![match winner(&self.resolution.winner) {
            None => "Not signed in. To sign in: hf-oauth login".to_owned(),
            Some(source) => format!("In use: the token {}", store::from(source)),
        }];
        for (source, state) in &self.resolution.sources {
            let mark = if *state == SourceState::Wins { '*' } else { ' ' };
            lines.push(format!("  {mark} {:<23} {}", source.to_string(), state_words(*state)));
        }
        let mut say = |label: &str, value: String| lines.push(format!("{label:<15}{}", printable(&value)));
        if let Some(token) = self.resolution.token() {
            say("Token:", masked(token.token.expose()));
            if let Some(name) = &token.name {
                say("Name:", name.clone());
            }
            let refreshes = match (token.renewal != Renewal::None, &self.kept) {
                (false, _) => "",
                (true, Ok(())) => ", refreshes itself",
                (true, Err(_)) => ", cannot refresh itself",
            };
            say("Expires:", format!("{}{refreshes}", expiry(token.expires_at, store::now())));
        }
        if let Some(Ok(who)) = &self.asked {
            say("User:", who.name.clone());
            let orgs: Vec<String> = who.orgs.iter().flatten().map(whoami::organization).collect();
            say("Organisations:", if orgs.is_empty() { "none".to_owned() } else { orgs.join(", ") });
            if let Some(role) = role(who) {
                say("Role:", role);
            }
            // It names them to whoever asks for the token, once, and `login` shows them.
            say("Scopes:", "not told by the Hub".to_owned());
        }
        say("Hub:", places.endpoint.to_string());
        say("Token file:", places.token.to_string_lossy().into_owned());
        say("Named tokens:", places.stored_tokens.to_string_lossy().into_owned());
        lines.extend(self.warnings().iter().map(|warning| format!("warning: {}", printable(warning))));
        lines.join("\n")
    }
}

fn winner(winner: &Winner) -> Option<TokenSource> {
    match winner {
        Winner::Token(token) => Some(token.source),
        Winner::CiExchange { .. } => Some(TokenSource::CiExchange),
        _ => None,
    }
}

/// A user access token's role.
fn role(who: &WhoAmI) -> Option<String> {
    who.auth.as_ref()?.access_token.as_ref()?.role.clone()
}

fn state_code(state: SourceState) -> &'static str {
    match state {
        SourceState::Absent => "absent",
        SourceState::Blank => "blank",
        SourceState::Overridden => "overridden",
        SourceState::Shadowed => "shadowed",
        SourceState::Wins => "wins",
        _ => "other",
    }
}

fn state_words(state: SourceState) -> &'static str {
    match state {
        SourceState::Absent => "not there",
        SourceState::Blank => "blank, which means none",
        SourceState::Overridden => "has a token, but a source above it comes first",
        SourceState::Shadowed => "not looked at, because HF_TOKEN is set (to nothing)",
        SourceState::Wins => "wins: the first of these that has a token",
        _ => "unknown",
    }
}
