//! What the options and the environment amount to.

use std::cell::RefCell;

use hf_oauth::{App, Client, Issuer, Scopes};
use hf_oauth_tokens::{Environment, Locations, TokenStore};

use super::Options;
use super::events::Event;
use super::surroundings::{self, Opener};
use super::watcher::Watcher;
use crate::failure::{Failure, Kind};

pub(super) enum Way {
    Device,
    Pasted,
}

pub(super) struct Plan {
    pub(super) way: Way,
    pub(super) client: Client,
    pub(super) client_id: String,
    pub(super) scopes: Scopes,
    pub(super) store: TokenStore,
    pub(super) locations: Locations,
    pub(super) name: Option<String>,
    pub(super) force: bool,
    /// What opens a page; only where a person watches.
    pub(super) opener: Option<Opener>,
}

impl Plan {
    pub(super) fn new(options: &Options) -> Result<Self, Failure> {
        let given = options.client_id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        if options.browser {
            return Err(match given {
                None => {
                    Failure::new(Kind::Usage, "--browser needs an app with a redirect URL on this machine")
                        .next("hf-oauth login --browser --client-id ID, or hf-oauth login")
                }
                Some(_) => Failure::new(Kind::Usage, "--browser is not in this build").next("hf-oauth login"),
            });
        }
        let environment = Environment::from_process();
        let locations = Locations::of(&environment);
        let issuer = Issuer::parse(&locations.endpoint).map_err(|error| {
            Failure::new(Kind::Usage, "HF_ENDPOINT is no address of a Hub")
                .next("unset HF_ENDPOINT")
                .because(error)
        })?;
        let client_id = given.unwrap_or(App::HUB_CLI_CLIENT_ID).to_owned();
        Ok(Self {
            way: if options.token_stdin { Way::Pasted } else { Way::Device },
            client: Client::new(App::new(&client_id)).with_issuer(issuer),
            client_id,
            scopes: Scopes::from(options.scope.join(" ").as_str()),
            store: TokenStore::new(environment),
            locations,
            name: options.name.clone(),
            force: options.force,
            opener: if options.no_browser { None } else { surroundings::opener() },
        })
    }

    /// Says what would make this login useless, before anybody goes to the trouble: a store that cannot be read, a
    /// variable that wins over it.
    pub(super) fn warn(&self, watcher: &RefCell<Watcher>) -> Result<(), Failure> {
        self.store.resolve()?;
        if let Some(variable) = self.overridden_by() {
            watcher.borrow_mut().event(&Event::Overridden { variable });
        }
        Ok(())
    }

    /// The variable that other tools use instead.
    pub(super) fn overridden_by(&self) -> Option<String> {
        self.store.overridden_by().map(|source| source.to_string())
    }
}
