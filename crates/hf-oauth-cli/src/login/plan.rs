//! What the options and the environment amount to.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::sync::Arc;

use hf_oauth::{App, Client, RedirectUri, Scopes};
use hf_oauth_tokens::{Environment, Locations, StoreError, TokenStore, is_token_name};

use super::Options;
use super::events::Event;
use super::scopes;
use super::surroundings::{self, Opener};
use super::watcher::Watcher;
use crate::failure::{Failure, Kind};

/// The address that the app of a login in the browser must have registered. Its port is any: the Hub minds none on loopback.
const REDIRECT_URI: &str = "http://127.0.0.1/callback";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Device,
    Browser,
    Pasted,
}

pub(super) struct Plan {
    pub(super) way: Way,
    pub(super) client: Client,
    pub(super) client_id: String,
    pub(super) scopes: Scopes,
    /// Shared with the thread that saves.
    pub(super) store: Arc<TokenStore>,
    pub(super) locations: Locations,
    pub(super) name: Option<String>,
    pub(super) force: bool,
    /// What opens a page; only where a person watches.
    pub(super) opener: Option<Opener>,
}

impl Plan {
    pub(super) fn new(options: &Options) -> Result<Self, Failure> {
        let way = match options {
            Options { token_stdin: true, .. } => Way::Pasted,
            Options { browser: true, .. } => Way::Browser,
            _ => Way::Device,
        };
        // A name from the Hub is put on one line instead: nobody chose it here.
        if options.name.as_deref().is_some_and(|name| !is_token_name(name)) {
            return Err(StoreError::BadName.into());
        }
        let environment = Environment::from_process();
        // Named for the device flow, and good for no other: its app needs no redirect URL, which --browser cannot do without.
        let for_devices = environment.get("HF_DEVICE_CODE_OAUTH_CLIENT_ID").and_then(OsStr::to_str);
        let for_devices = for_devices.filter(|_| way == Way::Device);
        let given = [options.client_id.as_deref(), for_devices].into_iter().flatten();
        let given = given.map(str::trim).find(|id| !id.is_empty());
        let locations = Locations::of(&environment);
        let issuer = locations.endpoint.issuer().map_err(|error| {
            Failure::new(Kind::Usage, "HF_ENDPOINT is no address of a Hub")
                .next("unset HF_ENDPOINT, or set it to an https address (http on this machine only)")
                .because(error)
        })?;
        let (client_id, app) = match (way, given) {
            (Way::Browser, None) => {
                let what = "--browser needs --client-id: the Hub's own command-line app has no redirect URL on this machine";
                return Err(Failure::new(Kind::Usage, what).next(format_args!(
                    "register a public app with the redirect URL {REDIRECT_URI}, or hf-oauth login for a code"
                )));
            }
            (Way::Browser, Some(id)) => {
                let here = RedirectUri::parse(REDIRECT_URI)
                    .map_err(|error| Failure::new(Kind::Failed, "the login cannot start").because(error))?;
                (id.to_owned(), App::new(id).with_redirect_uri(here))
            }
            (Way::Device | Way::Pasted, given) => {
                let id = given.unwrap_or(App::HUB_CLI_CLIENT_ID);
                (id.to_owned(), App::new(id))
            }
        };
        Ok(Self {
            way,
            client: Client::new(app).with_issuer(issuer),
            client_id,
            scopes: scopes::parse(&options.scope)?,
            store: Arc::new(TokenStore::new(environment)),
            locations,
            name: options.name.clone(),
            force: options.force,
            opener: if options.no_browser { None } else { surroundings::opener() },
        })
    }

    /// Says what would make this login useless, before anybody goes to the trouble: a store that cannot be read or
    /// written, a variable that wins over it.
    pub(super) fn warn(&self, watcher: &RefCell<Watcher>) -> Result<(), Failure> {
        self.store.resolve()?;
        self.store.rehearse_save()?;
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
