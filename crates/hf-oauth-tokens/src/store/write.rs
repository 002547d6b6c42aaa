//! Changes to the files. Each is prepared as a whole, next to what it replaces, and then put in place by renames alone:
//! what can fail for want of room or permission fails while everything is as it was.

use std::collections::BTreeMap;

use hf_oauth_core::{App, Secret};

use super::TokenStore;
use crate::error::StoreError;
use crate::file;
use crate::ini::{Ini, NotEditable};
use crate::journal::{self, Plan};
use crate::locations::Locations;
use crate::lock::Lock;
use crate::next::{self, Next};
use crate::tables::{
    CLIENT_ID, EXPIRES_AT, Edited, ISSUER, REFRESH_TOKEN, TOKEN, change_table, fingerprint, read_token,
};
use crate::token::NewLogin;

/// What becomes of the token file.
#[derive(Clone, Copy)]
pub(crate) enum TokenFile<'t> {
    Stays,
    /// It gets the new token, whatever somebody else puts there meanwhile: a login has the last word.
    Becomes {
        held: Option<&'t Secret>,
    },
    /// It gets the new token if it holds this one until then: a refresh undoes nobody's switch.
    #[cfg_attr(not(feature = "refresh"), expect(dead_code, reason = "nothing else refreshes"))]
    Follows {
        old: &'t Secret,
    },
}

type Edit<'p> = Box<dyn Fn(&Ini) -> Result<Ini, NotEditable> + 'p>;

/// Everything of a change that can fail for want of room or permission, done; its files are as they were.
struct Change<'p> {
    token: Option<Next>,
    /// The file that the refresh token goes to, and then the one that it does not go to. The other way round a death
    /// between the two would leave neither the old nor the new one, where a name goes over to another client.
    names: [Edited<'p, Edit<'p>>; 2],
    journal: Next,
}

impl TokenStore {
    /// Keeps a token. `before`: what its name held.
    pub(crate) fn write(
        &self,
        _lock: &Lock,
        login: &NewLogin,
        before: Option<&Secret>,
        file: TokenFile<'_>,
    ) -> Result<(), StoreError> {
        let places = &self.places;
        let Change { token, names: [first, second], journal } = self.prepare(login, before, file)?;
        journal::begin(journal)?;
        // Renames in two folders may reach the disk in any order; the refresh token goes first.
        let mut placed = Vec::from_iter(first.place()?);
        if second.is_apart(&placed) {
            sync(&placed);
        }
        placed.extend(second.place()?);
        if let Some(mut token) = token {
            if placed.iter().any(|next| next.place_of().id != token.place_of().id) {
                sync(&placed);
            }
            if file.is_due(places) {
                token.place()?;
            }
            placed.push(token);
        }
        sync(&placed);
        // Everything is in its place: what is left of the journal says so too, and whoever comes next removes it.
        let _ = journal::end(places);
        Ok(())
    }

    /// Whether a [`write`](Self::write) of the same length would succeed, as far as that can be known.
    pub(crate) fn rehearse(
        &self,
        _lock: &Lock,
        login: &NewLogin,
        before: Option<&Secret>,
        file: TokenFile<'_>,
    ) -> Result<(), StoreError> {
        self.prepare(login, before, file).map(drop)
    }

    fn prepare<'a>(
        &'a self,
        login: &'a NewLogin,
        before: Option<&Secret>,
        file: TokenFile<'_>,
    ) -> Result<Change<'a>, StoreError> {
        let places = &self.places;
        let client = login.client.as_ref().filter(|(client_id, _)| !self.is_shared(client_id));
        let end = login.expires_at.map(|end| end.as_secs().to_string());
        let own_end = end.clone();
        let (now, refresh) = (login.token.expose(), login.refresh_token.as_ref().map(Secret::expose));
        let shared = refresh.filter(|_| client.is_none());
        let held = file.held();

        let token = held.map(|_| Next::prepare(&places.token, now.as_bytes())).transpose()?;
        let own: Edit<'a> = Box::new(move |ini| match client {
            None => ini.remove(&login.name),
            Some((client_id, issuer)) => {
                let client = [(CLIENT_ID, Some(client_id.as_str())), (ISSUER, Some(issuer.as_str()))];
                let end = (EXPIRES_AT, own_end.as_deref());
                let fields = [(TOKEN, Some(now)), (REFRESH_TOKEN, refresh), end, client[0], client[1]];
                ini.set(&login.name, &fields)
            }
        });
        let stored: Edit<'a> = Box::new(move |ini| {
            let end = (EXPIRES_AT, end.as_deref());
            ini.set(&login.name, &[(TOKEN, Some(now)), (REFRESH_TOKEN, shared), end])
        });
        let own = Edited::prepare(&places.own_tokens, own)?;
        let stored = Edited::prepare(&places.stored_tokens, stored)?;
        let plan = Plan {
            name: &login.name,
            active: held.map(fingerprint),
            before: fingerprint(before),
            after: fingerprint(Some(&login.token)),
            inode: token.as_ref().map(Next::inode).transpose()?,
        };
        let journal = journal::prepare(places, &plan)?;
        let names = if client.is_some() { [own, stored] } else { [stored, own] };
        Ok(Change { token, names, journal })
    }

    /// Forgets a name. In this order a crash leaves nobody signed in, then a token without its refresh token, both as
    /// they are told.
    pub(crate) fn forget(&self, _lock: &Lock, name: &str, was_active: bool) -> Result<(), StoreError> {
        let places = &self.places;
        let own = Edited::prepare(&places.own_tokens, |ini| ini.remove(name))?;
        let stored = Edited::prepare(&places.stored_tokens, |ini| ini.remove(name))?;
        if was_active {
            file::remove(&places.token)?;
        }
        let mut placed = Vec::from_iter(own.place()?);
        placed.extend(stored.place()?);
        sync(&placed);
        // Times and a hash: nothing is wrong when they stay.
        let _ = change_table(&places.refreshes, |ini| ini.remove(name));
        Ok(())
    }

    /// Takes away what saves that died left beside the files.
    pub(crate) fn sweep(&self, _lock: &Lock) {
        let places = &self.places;
        next::sweep(&[&places.journal, &places.stored_tokens, &places.token]);
    }

    /// True for Python's client while it is the one that refreshes what Python's file holds: whichever other client is
    /// named now, another process may have the variable set otherwise.
    fn is_shared(&self, client_id: &str) -> bool {
        client_id == App::HUB_CLI_CLIENT_ID && self.shared_client() == App::HUB_CLI_CLIENT_ID
    }
}

/// Has the disk keep what is in its place: each folder once.
fn sync(placed: &[Next]) {
    let places: BTreeMap<_, _> = placed.iter().map(|next| (next.place_of().id, next.place_of())).collect();
    places.values().for_each(|place| place.sync());
}

impl<'t> TokenFile<'t> {
    /// What it holds, if that is to be replaced.
    fn held(self) -> Option<Option<&'t Secret>> {
        match self {
            Self::Stays => None,
            Self::Becomes { held } => Some(held),
            Self::Follows { old } => Some(Some(old)),
        }
    }

    /// Looks again, right before it is replaced: Python switches without the lock.
    fn is_due(self, places: &Locations) -> bool {
        match self {
            Self::Stays => false,
            Self::Becomes { .. } => true,
            Self::Follows { old } => {
                matches!(read_token(&places.token), Ok((Some(now), _)) if now == *old)
            }
        }
    }
}
