//! Header and claims as they come: a member of the wrong type is that member's fault, and not the whole token's.

use std::fmt;

use serde::{Deserialize, Deserializer, de::IgnoredAny};

use crate::UnixTime;
use crate::lenient::lenient;

/// The JWS header; `jwk`, `jku`, `x5u` and `x5c` are not even read.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the members are the specification's own")]
pub struct IdTokenHeader {
    #[serde(default, deserialize_with = "lenient")]
    pub alg: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub kid: Option<String>,
    #[serde(default)]
    pub(super) typ: Claim<String>,
    #[serde(default)]
    pub(super) b64: Claim<bool>,
    #[serde(default)]
    pub(super) crit: Claim<IgnoredAny>,
}

/// The claims as they come; every one is looked at in [`DecodedLogin::verify`](crate::DecodedLogin::verify).
#[derive(Deserialize)]
pub struct IdTokenClaims {
    #[serde(default)]
    pub(super) iss: Claim<String>,
    #[serde(default)]
    pub(super) sub: Claim<String>,
    #[serde(default)]
    pub(super) aud: Claim<Audience>,
    #[serde(default, deserialize_with = "null_is_missing")]
    pub(super) azp: Claim<String>,
    #[serde(default)]
    pub(super) exp: Claim<NumericDate>,
    #[serde(default)]
    pub(super) iat: Claim<NumericDate>,
    #[serde(default, deserialize_with = "null_is_missing")]
    pub(super) nbf: Claim<NumericDate>,
    #[serde(default)]
    pub(super) auth_time: Claim<NumericDate>,
    #[serde(default)]
    pub(super) nonce: Claim<String>,
    #[serde(default, deserialize_with = "null_is_missing")]
    pub(super) at_hash: Claim<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) preferred_username: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) profile: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) picture: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) website: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) email_verified: Option<bool>,
}

/// Who somebody is does not print.
impl fmt::Debug for IdTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdTokenClaims").finish_non_exhaustive()
    }
}

/// A claim that may be absent or of the wrong type, which are two different faults.
#[derive(Debug, Default)]
pub(super) enum Claim<T> {
    #[default]
    Missing,
    Value(T),
    Invalid,
}

impl<T> Claim<T> {
    pub(super) fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn required(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Claim<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(lenient(deserializer)?.map_or(Self::Invalid, Self::Value))
    }
}

/// Of a claim that may be left out: some write `null` where there is nothing to say (OpenID Connect Core section 5.3.2
/// asks them not to), and who could write it could as well leave the claim out.
fn null_is_missing<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Claim<T>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

/// `NumericDate` of RFC 7519 section 2: seconds, possibly with a fraction.
#[derive(Debug)]
pub(super) struct NumericDate(pub(super) UnixTime);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Number {
            Integer(i64),
            Float(f64),
        }
        Ok(Self(UnixTime::from_secs(match Number::deserialize(deserializer)? {
            Number::Integer(seconds) => seconds,
            Number::Float(seconds) => seconds as i64,
        })))
    }
}
