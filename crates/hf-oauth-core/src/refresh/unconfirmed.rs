use super::Refreshed;
use super::error::RefreshError;
use crate::id_token::{
    ExpectedNonce, IdTokenClaims, IdTokenError, IdTokenHeader, IdTokenPolicy, UnverifiedIdToken,
};
use crate::keys::{KeySet, SignatureVerifier};
use crate::login::verify::VerifiedIdentity;
use crate::tokens::Tokens;
use crate::{App, Hub, Secret, UnixTime};

/// New tokens of a refresh that are to be kept at once and served to nobody yet: their ID token names the right
/// person, issuer and app, and its signature is not verified.
///
/// They can be cloned and taken apart, because they must outlive the process that received them, and there is no way
/// to a token that may be used but [`decode`](Self::decode) and [`DecodedRefresh`]. Whoever finds them kept goes on
/// from there; nothing is sent again.
///
/// ```
/// use hf_oauth_core::{Scopes, Tokens, UnconfirmedParts, UnconfirmedTokens, UnixTime};
///
/// let now = UnixTime::from_secs(1_800_000_000);
/// let tokens = Tokens::new("access".into(), Some("refresh".into()), now, Scopes::default());
/// let parts = UnconfirmedParts {
///     subject: "ada".to_owned(),
///     unconfirmed_tokens: tokens,
///     id_token: None,
///     received_at: now,
/// };
/// let unconfirmed = UnconfirmedTokens::from_parts(parts);
/// assert_eq!(unconfirmed.clone().into_parts().subject, "ada");
/// // No ID token came: no key is needed, and userinfo says whose the tokens are.
/// assert!(unconfirmed.decode()?.key_id().is_none());
/// # Ok::<(), hf_oauth_core::RefreshError>(())
/// ```
#[derive(Clone, Debug)]
pub struct UnconfirmedTokens {
    pub(super) subject: String,
    pub(super) tokens: Tokens,
    pub(super) id_token: Option<Secret>,
    pub(super) received_at: UnixTime,
}

/// [`UnconfirmedTokens`] taken apart, for a store. All of it is secret.
#[derive(Clone, Debug)]
pub struct UnconfirmedParts {
    /// Whose tokens they are to be.
    pub subject: String,
    /// The tokens, which nobody may use yet.
    pub unconfirmed_tokens: Tokens,
    /// The ID token as it came, if one came.
    pub id_token: Option<Secret>,
    /// When the answer came, by the clock of whoever received it.
    pub received_at: UnixTime,
}

/// New tokens whose ID token was read and not yet verified. Not `Clone`.
#[derive(Debug)]
pub struct DecodedRefresh {
    subject: String,
    tokens: Tokens,
    id_token: Option<UnverifiedIdToken>,
    received_at: UnixTime,
}

impl UnconfirmedTokens {
    /// From a store, which nobody else can write to: it is believed that they were checked when they came.
    pub fn from_parts(parts: UnconfirmedParts) -> Self {
        let UnconfirmedParts { subject, unconfirmed_tokens, id_token, received_at } = parts;
        Self { subject, tokens: unconfirmed_tokens, id_token, received_at }
    }

    /// For a store.
    pub fn into_parts(self) -> UnconfirmedParts {
        let Self { subject, tokens, id_token, received_at } = self;
        UnconfirmedParts { subject, unconfirmed_tokens: tokens, id_token, received_at }
    }

    /// When the answer came: the new tokens were obtained then, whenever they are confirmed.
    pub fn received_at(&self) -> UnixTime {
        self.received_at
    }

    /// Reads the ID token, where one came, with the caller's own JSON parser.
    ///
    /// # Errors
    ///
    /// [`RefreshError::IdToken`] when it cannot be read.
    pub fn decode_with(
        &self,
        header: impl FnOnce(&[u8]) -> Option<IdTokenHeader>,
        claims: impl FnOnce(&[u8]) -> Option<IdTokenClaims>,
    ) -> Result<DecodedRefresh, RefreshError> {
        let id_token = match &self.id_token {
            None => None,
            Some(jwt) => Some(
                UnverifiedIdToken::decode_with(jwt.expose(), header, claims)?
                    .expecting(ExpectedNonce::Any, &self.tokens.access_token)
                    .about(&self.subject),
            ),
        };
        Ok(DecodedRefresh {
            subject: self.subject.clone(),
            tokens: self.tokens.clone(),
            id_token,
            received_at: self.received_at,
        })
    }
}

impl DecodedRefresh {
    /// Whether a key is needed, and which: `None` when no ID token came.
    pub fn key_id(&self) -> Option<Option<&str>> {
        self.id_token.as_ref().map(UnverifiedIdToken::key_id)
    }

    /// Whether one of these keys signed the ID token, if one came: to know whether other keys must be fetched before
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

    /// Confirms the tokens without their ID token, as if none had come: for when the provider's keys cannot be had,
    /// because the old refresh token is spent and these tokens are the only ones. They came from the token endpoint
    /// itself, and what their ID token says was compared.
    pub fn discard_id_token(self) -> Refreshed {
        Refreshed { tokens: self.tokens, identity: None, user_info: None, subject: self.subject }
    }

    /// Verifies the ID token as at the login, and that it is about the same user. Its times are held against when it
    /// came, however long ago that is.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`]. A wrong signature under keys that are older than the answer says little: see
    /// [`check_signature`](Self::check_signature).
    pub fn verify(
        self,
        app: &App,
        hub: &Hub,
        keys: &KeySet,
        verifier: &dyn SignatureVerifier,
        policy: IdTokenPolicy,
    ) -> Result<Refreshed, IdTokenError> {
        let now = self.received_at;
        let identity =
            self.id_token.map(|token| token.verify(app, hub, keys, verifier, policy, now)).transpose()?;
        Ok(Refreshed {
            tokens: self.tokens,
            identity: identity.map(|user_info| VerifiedIdentity { user_info }),
            user_info: None,
            subject: self.subject,
        })
    }
}
