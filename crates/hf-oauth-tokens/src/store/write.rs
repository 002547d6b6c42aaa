//! Changes to the files. Each is prepared as a whole, next to what it replaces, and then put in place by renames alone:
//! what can fail for want of room or permission fails while everything is as it was.

use hf_oauth_core::{App, Secret};

use crate::TokenStore;
use crate::error::StoreError;
use crate::file::{self, sync_folder};
use crate::journal::{self, Plan};
use crate::locations::folder;
use crate::lock::Lock;
use crate::next::{self, Next};
use crate::tables::{CLIENT_ID, EXPIRES_AT, Edited, ISSUER, REFRESH_TOKEN, TOKEN, change_table, fingerprint};
use crate::token::NewLogin;

impl TokenStore {
    /// Keeps a token. `active`: what the token file holds, if that is to be replaced.
    pub(crate) fn write(
        &self,
        _lock: &Lock,
        login: &NewLogin,
        before: Option<&Secret>,
        active: Option<Option<&Secret>>,
    ) -> Result<(), StoreError> {
        let places = &self.places;
        let own = login.client.as_ref().filter(|(client_id, _)| client_id != App::HUB_CLI_CLIENT_ID);
        let end = login.expires_at.map(|end| end.as_secs().to_string());
        let end = (EXPIRES_AT, end.as_deref());
        let (now, refresh) = (login.token.expose(), login.refresh_token.as_ref().map(Secret::expose));
        let shared = refresh.filter(|_| own.is_none());

        let mut token = active.map(|_| Next::prepare(&places.token, now.as_bytes())).transpose()?;
        let own = Edited::prepare(&places.own_tokens, |ini| match own {
            None => ini.remove(&login.name),
            Some((client_id, issuer)) => {
                let client = [(CLIENT_ID, Some(client_id.as_str())), (ISSUER, Some(issuer.as_str()))];
                let fields = [(TOKEN, Some(now)), (REFRESH_TOKEN, refresh), end, client[0], client[1]];
                ini.set(&login.name, &fields)
            }
        })?;
        let stored = Edited::prepare(&places.stored_tokens, |ini| {
            ini.set(&login.name, &[(TOKEN, Some(now)), (REFRESH_TOKEN, shared), end])
        })?;
        journal::begin(
            places,
            &Plan {
                name: &login.name,
                active: active.map(fingerprint),
                before: fingerprint(before),
                after: fingerprint(Some(&login.token)),
                inode: token.as_ref().map(Next::inode).transpose()?,
            },
        )?;
        let _own = own.place()?;
        let _stored = stored.place()?;
        if let Some(token) = &mut token {
            // Renames in two folders may reach the disk in any order; the refresh token goes first.
            if self.is_token_apart() {
                sync_folder(&folder(&places.stored_tokens));
            }
            token.place()?;
            if self.is_token_apart() {
                sync_folder(&folder(&places.token));
            }
        }
        sync_folder(&folder(&places.stored_tokens));
        // Everything is in its place: what is left of the journal says so too, and whoever comes next removes it.
        let _ = journal::end(places);
        Ok(())
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
        let _own = own.place()?;
        let _stored = stored.place()?;
        sync_folder(&folder(&places.stored_tokens));
        // Times and a hash: nothing is wrong when they stay.
        let _ = change_table(&places.refreshes, |ini| ini.remove(name));
        Ok(())
    }

    /// Takes away what saves that died left beside the files.
    pub(crate) fn sweep(&self, _lock: &Lock) {
        let places = &self.places;
        next::sweep(&places.stored_tokens);
        if self.is_token_apart() {
            next::sweep(&places.token);
        }
    }

    fn is_token_apart(&self) -> bool {
        folder(&self.places.token) != folder(&self.places.stored_tokens)
    }
}
