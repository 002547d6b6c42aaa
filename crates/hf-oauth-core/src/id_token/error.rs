use std::fmt;

use crate::UnixTime;

/// Why an ID token was refused. Nothing that came with it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdTokenError {
    /// Not a JSON Web Signature that can be read.
    Malformed {
        /// Which part.
        what: &'static str,
    },
    /// `alg` is not RS256: others are never accepted, whatever the keys are.
    Algorithm {
        /// What came instead.
        found: Option<String>,
    },
    /// `typ` says that this is another kind of token, such as an access token (RFC 9068) or a logout token.
    Type {
        /// What it says; `None` when that is no text.
        found: Option<String>,
    },
    /// `crit` demands an extension (RFC 7515 section 4.1.11); none is known.
    Critical,
    /// No key of the provider fits.
    UnknownKey {
        /// The key id that the token names.
        kid: Option<String>,
    },
    /// The signature is wrong.
    Signature,
    /// `iss` is missing or another.
    Issuer {
        /// The issuer that was expected.
        expected: String,
        /// The issuer that the token names.
        found: Option<String>,
    },
    /// `aud` is not this app, or not this app alone.
    Audience,
    /// `azp` is another app.
    AuthorizedParty,
    /// `sub` is missing, empty, no string, longer than 255 characters, or not printable ASCII (OpenID Connect Core
    /// section 2).
    Subject,
    /// A refreshed ID token is about another user.
    OtherSubject,
    /// `exp` is missing or has passed.
    Expired {
        /// When it ended.
        at: Option<UnixTime>,
    },
    /// `iat` is missing, in the future, or too long ago.
    IssuedAt {
        /// When it was issued.
        at: Option<UnixTime>,
    },
    /// `nbf` is in the future.
    NotBefore,
    /// The clocks of this machine and of the provider are too far apart to judge.
    ClockSkew {
        /// This machine's time.
        local: UnixTime,
        /// The provider's time, from its `Date` header.
        hub: UnixTime,
    },
    /// `nonce` is missing or of another login: a code may have been injected.
    Nonce,
    /// `auth_time` of a refreshed ID token is of another login (OpenID Connect Core section 12.2).
    AuthTime,
    /// `at_hash` is of another access token.
    AccessTokenHash,
}

impl fmt::Display for IdTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ID token: ")?;
        match self {
            Self::Malformed { what } => write!(f, "malformed: {what}"),
            Self::Algorithm { found } => {
                write!(f, "signed with {:?}; only RS256 is accepted", found.as_deref().unwrap_or("nothing"))
            }
            Self::Type { found } => {
                write!(f, "it is another kind of token (typ {:?})", found.as_deref().unwrap_or("not a text"))
            }
            Self::Critical => f.write_str("it demands an extension that is not known (crit)"),
            Self::UnknownKey { kid } => write!(
                f,
                "no RS256 key of the provider fits (kid {:?}). If its keys were just changed, try again in a minute",
                kid.as_deref().unwrap_or("none")
            ),
            Self::Signature => f.write_str("the signature is wrong"),
            Self::Issuer { expected, found } => write!(
                f,
                "it is of the issuer {:?}, expected was {expected:?}",
                found.as_deref().unwrap_or("none")
            ),
            Self::Audience => f.write_str("it is not for this app (aud). Is the client id right?"),
            Self::AuthorizedParty => f.write_str("it was given to another app (azp)"),
            Self::Subject => {
                f.write_str("it does not say who signed in (sub: 1 to 255 printable ASCII characters)")
            }
            Self::OtherSubject => f.write_str("it is about another user than before (sub)"),
            Self::Expired { at: Some(at) } => write!(f, "it ended at {at}"),
            Self::Expired { at: None } => f.write_str("it does not say when it ends (exp)"),
            Self::IssuedAt { at: Some(at) } => write!(f, "it was issued at {at}, too far from now"),
            Self::IssuedAt { at: None } => f.write_str("it does not say when it was issued (iat)"),
            Self::NotBefore => f.write_str("it is not valid yet (nbf)"),
            Self::ClockSkew { local, hub } => write!(
                f,
                "this machine's clock says {local}, the provider's says {hub}, {} seconds apart: set this machine's clock",
                local.as_secs().abs_diff(hub.as_secs())
            ),
            Self::Nonce => {
                f.write_str("its nonce is not this login's: possibly an attack, begin the login again")
            }
            Self::AuthTime => f.write_str("it is of another login than before (auth_time)"),
            Self::AccessTokenHash => f.write_str("it came with another access token (at_hash)"),
        }
    }
}

impl std::error::Error for IdTokenError {}
