use crate::id_token::{
    ExpectedNonce, IdTokenClaims, IdTokenError, IdTokenHeader, IdTokenPolicy, UnverifiedIdToken,
};
use crate::keys::{KeySet, SignatureVerifier};
use crate::login::verify::VerifiedIdentity;
use crate::tokens::Tokens;
use crate::{App, Hub, Secret, UnixTime};

/// Tokens, locked until the ID token that came with them, if one did, is verified. Not `Clone`.
#[derive(Debug)]
pub struct UnverifiedDeviceLogin {
    pub(super) tokens: Tokens,
    pub(super) id_token: Option<Secret>,
    pub(super) server_date: Option<UnixTime>,
}

/// Tokens whose ID token was read and not yet verified. Not `Clone`.
#[derive(Debug)]
pub struct DecodedDeviceLogin {
    tokens: Tokens,
    id_token: Option<UnverifiedIdToken>,
}

/// A sign-in that passed every check: the tokens, and the person where `openid` was granted. Not `Clone`.
#[derive(Debug)]
#[non_exhaustive]
pub struct DeviceSignIn {
    /// What the app may use.
    pub tokens: Tokens,
    /// Who signed in, where an ID token came.
    pub identity: Option<VerifiedIdentity>,
}

impl UnverifiedDeviceLogin {
    /// Reads the ID token, where one came, with the caller's own JSON parser.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`] when it cannot be read; the tokens are dropped.
    pub fn decode_with(
        self,
        header: impl FnOnce(&[u8]) -> Option<IdTokenHeader>,
        claims: impl FnOnce(&[u8]) -> Option<IdTokenClaims>,
    ) -> Result<DecodedDeviceLogin, IdTokenError> {
        let id_token = match &self.id_token {
            None => None,
            Some(jwt) => Some(
                UnverifiedIdToken::decode_with(jwt.expose(), header, claims)?
                    .expecting(ExpectedNonce::Absent, &self.tokens.access_token)
                    .received_at(self.server_date),
            ),
        };
        Ok(DecodedDeviceLogin { tokens: self.tokens, id_token })
    }
}

impl DecodedDeviceLogin {
    /// Whether a key is needed, and which: `None` when no ID token came.
    pub fn key_id(&self) -> Option<Option<&str>> {
        self.id_token.as_ref().map(UnverifiedIdToken::key_id)
    }

    /// Whether one of these keys signed the ID token, where one came: to know whether other keys must be fetched before
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
        self.id_token.as_ref().map_or(Ok(()), |token| token.check_signature(keys, verifier))
    }

    /// Verifies the ID token as at every login, but that it carries no nonce: none was sent.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`]; the tokens are dropped.
    pub fn verify(
        self,
        app: &App,
        hub: &Hub,
        keys: &KeySet,
        verifier: &dyn SignatureVerifier,
        policy: IdTokenPolicy,
        now: UnixTime,
    ) -> Result<DeviceSignIn, IdTokenError> {
        let user_info =
            self.id_token.map(|token| token.verify(app, hub, keys, verifier, policy, now)).transpose()?;
        let identity = user_info.map(|user_info| VerifiedIdentity { user_info });
        Ok(DeviceSignIn { tokens: self.tokens, identity })
    }
}
