//! ID tokens: JSON Web Signatures of one algorithm, RS256 (RFC 7515, OpenID Connect Core section 2).

mod claims;
mod error;
mod nonce;

pub use claims::{IdTokenClaims, IdTokenHeader};
pub use error::IdTokenError;
pub(crate) use nonce::ExpectedNonce;

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use claims::{Audience, Claim};

use crate::keys::{KeySet, SignatureVerifier};
use crate::userinfo::OAuthUserInfo;
use crate::{App, Hub, Secret, UnixTime};

const LONGEST_ID_TOKEN: usize = 64 * 1024;
const LONGEST_SUBJECT: usize = 255;

/// How much time may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdTokenPolicy {
    /// How far the two clocks may be apart; at most 60 s.
    leeway: Duration,
    /// How old `iat` may be: an ID token comes straight from the provider.
    max_age: Duration,
}

impl IdTokenPolicy {
    /// With another bound for the age of `iat`.
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// With less leeway; more than 60 s is cut to 60 s.
    #[must_use]
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.min(Duration::from_secs(60));
        self
    }
}

/// 60 s of leeway, 5 minutes of age.
impl Default for IdTokenPolicy {
    fn default() -> Self {
        Self { leeway: Duration::from_secs(60), max_age: Duration::from_secs(300) }
    }
}

/// An ID token that was taken apart, and what it will be held against.
pub(crate) struct UnverifiedIdToken {
    kid: Option<String>,
    claims: IdTokenClaims,
    signing_input: String,
    signature: Vec<u8>,
    nonce: ExpectedNonce,
    subject: Option<String>,
    auth_time: Option<UnixTime>,
    access_token_hash: String,
    server_date: Option<UnixTime>,
}

impl UnverifiedIdToken {
    pub(crate) fn decode_with(
        jwt: &str,
        header: impl FnOnce(&[u8]) -> Option<IdTokenHeader>,
        claims: impl FnOnce(&[u8]) -> Option<IdTokenClaims>,
    ) -> Result<Self, IdTokenError> {
        let malformed = |what| IdTokenError::Malformed { what };
        if jwt.len() > LONGEST_ID_TOKEN {
            return Err(malformed("longer than 64 KiB"));
        }
        let mut segments = jwt.split('.');
        let (Some(head), Some(body), Some(signature), None) =
            (segments.next(), segments.next(), segments.next(), segments.next())
        else {
            return Err(malformed("not three segments"));
        };
        let header: IdTokenHeader =
            object(head).and_then(|json| header(&json)).ok_or(malformed("its header"))?;
        if header.alg.as_deref() != Some("RS256") {
            let found = header.alg.map(|alg| crate::text::printable(&alg, 20));
            return Err(IdTokenError::Algorithm { found });
        }
        if !matches!(header.crit, Claim::Missing) {
            return Err(IdTokenError::Critical);
        }
        // RFC 8725 section 3.11: what is signed to be something else is no ID token. A media type has no case.
        if !matches!(&header.typ, Claim::Missing) && !header.typ.value().is_some_and(|typ| is_jwt(typ)) {
            let found = header.typ.value().map(|typ| crate::text::printable(typ, 40));
            return Err(IdTokenError::Type { found });
        }
        // RFC 7797 section 3: without base64url the signature is over other bytes than those that were read.
        if !matches!(header.b64, Claim::Missing | Claim::Value(true)) {
            return Err(malformed("its payload is not encoded as base64url (b64)"));
        }
        let claims = object(body).and_then(|json| claims(&json)).ok_or(malformed("its claims"))?;
        let signature_bytes = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed("its signature"))?;
        Ok(Self {
            kid: header.kid,
            claims,
            signing_input: jwt[..head.len() + 1 + body.len()].to_owned(),
            signature: signature_bytes,
            nonce: ExpectedNonce::Any,
            subject: None,
            auth_time: None,
            access_token_hash: String::new(),
            server_date: None,
        })
    }

    pub(crate) fn expecting(mut self, nonce: ExpectedNonce, access_token: &Secret) -> Self {
        self.nonce = nonce;
        // OpenID Connect Core section 3.1.3.6: the left half of the hash that the algorithm uses.
        self.access_token_hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token.expose())[..16]);
        self
    }

    pub(crate) fn about(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned());
        self
    }

    pub(crate) fn authenticated_at(mut self, auth_time: Option<UnixTime>) -> Self {
        self.auth_time = auth_time;
        self
    }

    pub(crate) fn received_at(mut self, server_date: Option<UnixTime>) -> Self {
        self.server_date = server_date;
        self
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The signature alone, which is what other keys can change.
    pub(crate) fn check_signature(
        &self,
        keys: &KeySet,
        verifier: &dyn SignatureVerifier,
    ) -> Result<(), IdTokenError> {
        let candidates = keys.candidates(self.key_id());
        if candidates.is_empty() {
            let kid = self.key_id().map(|kid| crate::text::printable(kid, 60));
            return Err(IdTokenError::UnknownKey { kid });
        }
        let signed = |key| verifier.verify_rs256(key, self.signing_input.as_bytes(), &self.signature);
        if candidates.into_iter().any(signed) { Ok(()) } else { Err(IdTokenError::Signature) }
    }

    pub(crate) fn verify(
        self,
        app: &App,
        hub: &Hub,
        keys: &KeySet,
        verifier: &dyn SignatureVerifier,
        policy: IdTokenPolicy,
        now: UnixTime,
    ) -> Result<OAuthUserInfo, IdTokenError> {
        self.check_signature(keys, verifier)?;
        self.check_claims(app, hub, policy, now)?;
        let claims = self.claims;
        let sub = claims.sub.required().ok_or(IdTokenError::Subject)?;
        Ok(OAuthUserInfo {
            name: claims.name,
            preferred_username: claims.preferred_username,
            profile: claims.profile,
            picture: claims.picture,
            website: claims.website,
            email: claims.email,
            email_verified: claims.email_verified,
            ..OAuthUserInfo::new(sub)
        })
    }

    /// All that needs no key. It proves nothing by itself: it tells early whose token this cannot be.
    pub(crate) fn check_claims(
        &self,
        app: &App,
        hub: &Hub,
        policy: IdTokenPolicy,
        now: UnixTime,
    ) -> Result<(), IdTokenError> {
        let skewed = |error| match self.server_date {
            Some(hub_time) if apart(hub_time, now) > policy.leeway => {
                IdTokenError::ClockSkew { local: now, hub: hub_time }
            }
            _ => error,
        };
        self.check_parties(app, hub)?;
        self.check_times(policy, now).map_err(skewed)?;
        self.check_bindings()
    }

    fn check_parties(&self, app: &App, hub: &Hub) -> Result<(), IdTokenError> {
        let claims = &self.claims;
        let issuer = hub.issuer().as_str();
        if claims.iss.value().map(String::as_str) != Some(issuer) {
            let found = claims.iss.value().map(|found| crate::text::printable(found, 200));
            return Err(IdTokenError::Issuer { expected: issuer.to_owned(), found });
        }
        // A second audience would be a party that this app does not know (OpenID Connect Core section 3.1.3.7, 3).
        let for_us = match claims.aud.value() {
            Some(Audience::One(audience)) => *audience == app.client_id,
            Some(Audience::Many(audiences)) => matches!(audiences.as_slice(), [one] if *one == app.client_id),
            None => false,
        };
        if !for_us {
            return Err(IdTokenError::Audience);
        }
        match &claims.azp {
            Claim::Missing => {}
            Claim::Value(azp) if *azp == app.client_id => {}
            _ => return Err(IdTokenError::AuthorizedParty),
        }
        let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        let sub = claims
            .sub
            .value()
            .filter(|sub| (1..=LONGEST_SUBJECT).contains(&sub.len()) && sub.bytes().all(printable));
        match (sub, &self.subject) {
            (None, _) => Err(IdTokenError::Subject),
            (Some(sub), Some(expected)) if sub != expected => Err(IdTokenError::OtherSubject),
            _ => Ok(()),
        }
    }

    fn check_times(&self, policy: IdTokenPolicy, now: UnixTime) -> Result<(), IdTokenError> {
        let claims = &self.claims;
        let expires_at = claims.exp.value().ok_or(IdTokenError::Expired { at: None })?.0;
        if now >= expires_at + policy.leeway {
            return Err(IdTokenError::Expired { at: Some(expires_at) });
        }
        let issued_at = claims.iat.value().ok_or(IdTokenError::IssuedAt { at: None })?.0;
        if issued_at > now + policy.leeway || issued_at + policy.leeway + policy.max_age < now {
            return Err(IdTokenError::IssuedAt { at: Some(issued_at) });
        }
        match &claims.nbf {
            Claim::Missing => Ok(()),
            Claim::Value(not_before) if not_before.0 <= now + policy.leeway => Ok(()),
            _ => Err(IdTokenError::NotBefore),
        }
    }

    fn check_bindings(&self) -> Result<(), IdTokenError> {
        let as_expected = match (&self.nonce, &self.claims.nonce) {
            (ExpectedNonce::Any, _) | (ExpectedNonce::Absent, Claim::Missing) => true,
            (ExpectedNonce::Exactly(expected), Claim::Value(nonce)) => {
                Secret::new(nonce.as_str()) == *expected
            }
            (ExpectedNonce::AbsentOr(_), Claim::Missing) => true,
            (ExpectedNonce::AbsentOr(expected), Claim::Value(nonce)) => {
                Secret::new(nonce.as_str()) == *expected
            }
            _ => false,
        };
        if !as_expected {
            return Err(IdTokenError::Nonce);
        }
        let same_login = match (self.auth_time, &self.claims.auth_time) {
            (None, _) | (Some(_), Claim::Missing) => true,
            (Some(expected), Claim::Value(auth_time)) => auth_time.0 == expected,
            (Some(_), Claim::Invalid) => false,
        };
        if !same_login {
            return Err(IdTokenError::AuthTime);
        }
        match &self.claims.at_hash {
            Claim::Missing => Ok(()),
            Claim::Value(hash) if *hash == self.access_token_hash => Ok(()),
            _ => Err(IdTokenError::AccessTokenHash),
        }
    }
}

/// Signing input and signature together are the token itself: they do not print.
impl fmt::Debug for UnverifiedIdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedIdToken").field("kid", &self.kid).finish_non_exhaustive()
    }
}

fn is_jwt(typ: &str) -> bool {
    typ.eq_ignore_ascii_case("JWT")
}

fn apart(one: UnixTime, other: UnixTime) -> Duration {
    one.until(other).max(other.until(one))
}

/// The bytes of a base64url segment, if they can be a JSON object in UTF-8 (RFC 7515 section 5.2): serde would read a
/// struct from an array too, and does not look into members that it skips.
fn object(segment: &str) -> Option<Vec<u8>> {
    let json = URL_SAFE_NO_PAD.decode(segment).ok()?;
    (json.first() == Some(&b'{') && std::str::from_utf8(&json).is_ok()).then_some(json)
}
