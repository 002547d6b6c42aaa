//! Step 4: the ID token says who signed in, and is made to prove it (OpenID Connect Core section 3.1.3.7).

use super::exchange::UnverifiedLogin;
use crate::address::ReturnPath;
use crate::id_token::{
    ExpectedNonce, IdTokenClaims, IdTokenError, IdTokenHeader, IdTokenPolicy, UnverifiedIdToken,
};
use crate::keys::{KeySet, SignatureVerifier};
use crate::tokens::Tokens;
use crate::userinfo::{OAuthInfo, OAuthUserInfo, UserinfoError};
use crate::{App, Hub, UnixTime};

/// A login whose ID token was read and not yet verified: it tells which key to fetch. Not `Clone`.
#[derive(Debug)]
pub struct DecodedLogin {
    id_token: UnverifiedIdToken,
    tokens: Tokens,
    app_state: Option<String>,
    return_path: ReturnPath,
}

/// Who signed in, proven by an ID token. Not `Clone`, no public constructor.
#[derive(Debug)]
pub struct VerifiedIdentity {
    pub(crate) user_info: OAuthUserInfo,
}

/// A login that passed every check: the person, and the tokens to act for them. Not `Clone`.
#[derive(Debug)]
#[non_exhaustive]
pub struct VerifiedLogin {
    /// Who signed in.
    pub identity: VerifiedIdentity,
    /// What the app may use.
    pub tokens: Tokens,
    /// The app's own text, as given to [`LoginOptions`](crate::LoginOptions).
    pub app_state: Option<String>,
    /// Where in the app the person goes now.
    pub return_path: ReturnPath,
}

impl UnverifiedLogin {
    /// Reads the ID token with the caller's own JSON parser; each is called once, with the bytes of one object.
    ///
    /// # Errors
    ///
    /// [`IdTokenError::Malformed`], [`IdTokenError::Algorithm`] or [`IdTokenError::Critical`]; the tokens are dropped.
    pub fn decode_with(
        self,
        header: impl FnOnce(&[u8]) -> Option<IdTokenHeader>,
        claims: impl FnOnce(&[u8]) -> Option<IdTokenClaims>,
    ) -> Result<DecodedLogin, IdTokenError> {
        let id_token = UnverifiedIdToken::decode_with(self.id_token.expose(), header, claims)?
            .expecting(ExpectedNonce::Exactly(self.nonce), &self.tokens.access_token)
            .received_at(self.server_date);
        Ok(DecodedLogin {
            id_token,
            tokens: self.tokens,
            app_state: self.app_state,
            return_path: self.return_path,
        })
    }
}

impl DecodedLogin {
    /// The `kid` of the key that signed, to look it up before [`verify`](Self::verify).
    pub fn key_id(&self) -> Option<&str> {
        self.id_token.key_id()
    }

    /// Whether one of these keys signed the ID token: to know whether other keys must be fetched before
    /// [`verify`](Self::verify), which looks at the signature again.
    ///
    /// # Errors
    ///
    /// [`IdTokenError::UnknownKey`], [`IdTokenError::Signature`].
    pub fn check_signature(
        &self,
        keys: &KeySet,
        verifier: &dyn SignatureVerifier,
    ) -> Result<(), IdTokenError> {
        self.id_token.check_signature(keys, verifier)
    }

    /// Verifies signature and claims.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`]; identity and tokens are dropped.
    pub fn verify(
        self,
        app: &App,
        hub: &Hub,
        keys: &KeySet,
        verifier: &dyn SignatureVerifier,
        policy: IdTokenPolicy,
        now: UnixTime,
    ) -> Result<VerifiedLogin, IdTokenError> {
        let user_info = self.id_token.verify(app, hub, keys, verifier, policy, now)?;
        Ok(VerifiedLogin {
            identity: VerifiedIdentity { user_info },
            tokens: self.tokens,
            app_state: self.app_state,
            return_path: self.return_path,
        })
    }
}

impl VerifiedIdentity {
    /// The user's stable id. Usernames and names change; key everything on this.
    pub fn subject(&self) -> &str {
        &self.user_info.sub
    }

    /// Everything known of the user.
    pub fn user_info(&self) -> &OAuthUserInfo {
        &self.user_info
    }

    /// Gives the identity up for what it says.
    pub fn into_user_info(self) -> OAuthUserInfo {
        self.user_info
    }

    /// Adds what userinfo knows: organisations, plan, billing.
    ///
    /// # Errors
    ///
    /// [`UserinfoError::SubjectMismatch`] when the answer is about somebody else (OpenID Connect Core section 5.3.2);
    /// both are dropped.
    pub fn with_userinfo(self, user_info: OAuthUserInfo) -> Result<Self, UserinfoError> {
        if user_info.sub != self.user_info.sub {
            return Err(UserinfoError::SubjectMismatch);
        }
        Ok(Self { user_info: user_info.or(self.user_info) })
    }
}

impl VerifiedLogin {
    /// The login as one plain value, named as Hugging Face's other libraries name it.
    pub fn into_info(self) -> OAuthInfo {
        OAuthInfo {
            access_token: self.tokens.access_token,
            access_token_expires_at: self.tokens.expires_at,
            user_info: self.identity.user_info,
            state: self.app_state,
            scope: self.tokens.scope,
        }
    }
}
