//! Step 3: the code becomes tokens.

use super::callback::Grant;
use crate::address::ReturnPath;
use crate::backchannel::{BackchannelError, Request, Step};
use crate::client_auth::authenticated;
use crate::tokens::{ExchangeError, TokenResponse, Tokens};
use crate::{App, Hub, Scopes, Secret, UnixTime};

/// An exchange under way: what its answer is held against. Not `Clone`; used up by [`receive`](Self::receive).
#[derive(Debug)]
pub struct CodeExchange {
    nonce: Secret,
    scopes: Scopes,
    app_state: Option<String>,
    return_path: ReturnPath,
    secrets: Vec<Secret>,
}

/// An exchange that succeeded, its tokens locked until the ID token is verified. Not `Clone`.
#[derive(Debug)]
pub struct UnverifiedLogin {
    pub(super) tokens: Tokens,
    pub(super) id_token: Secret,
    pub(super) nonce: Secret,
    pub(super) server_date: Option<UnixTime>,
    pub(super) app_state: Option<String>,
    pub(super) return_path: ReturnPath,
}

impl Grant {
    /// The request that exchanges the code (RFC 6749 section 4.1.3, RFC 7636 section 4.5), and what its answer is
    /// held against. A code is sent once: after a failure, begin a new login.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::OtherProvider`] when `hub` is not the provider that the code is of.
    pub fn exchange(self, app: &App, hub: &Hub) -> Result<(Request, CodeExchange), ExchangeError> {
        if self.issuer != *hub.issuer() {
            return Err(ExchangeError::OtherProvider { expected: self.issuer.as_str().to_owned() });
        }
        let mut form = vec![("grant_type", Secret::new("authorization_code")), ("code", self.code.clone())];
        form.extend(self.redirect_uri.iter().map(|uri| ("redirect_uri", Secret::new(uri.as_str()))));
        form.push(("code_verifier", self.code_verifier.clone()));
        let request = authenticated(Step::CodeExchange, app, hub.token_endpoint(), form);
        let exchange = CodeExchange {
            nonce: self.nonce,
            scopes: self.scopes,
            app_state: self.app_state,
            return_path: self.return_path,
            secrets: request.secrets.clone(),
        };
        Ok((request, exchange))
    }
}

impl CodeExchange {
    /// Takes the answer. Its tokens stay locked until the ID token is verified.
    ///
    /// `server_date` is the answer's `Date`, which lets an error name a wrong clock.
    ///
    /// # Errors
    ///
    /// [`ExchangeError`].
    pub fn receive(
        self,
        answer: Result<TokenResponse, BackchannelError>,
        now: UnixTime,
        server_date: Option<UnixTime>,
    ) -> Result<UnverifiedLogin, ExchangeError> {
        let answer = answer.map_err(|error| ExchangeError::refused(error, &self.secrets))?;
        let (tokens, id_token) = answer.into_tokens(&self.scopes, now, &self.secrets)?;
        Ok(UnverifiedLogin {
            tokens,
            id_token: id_token.ok_or(ExchangeError::IdTokenMissing)?,
            nonce: self.nonce,
            server_date,
            app_state: self.app_state,
            return_path: self.return_path,
        })
    }
}
