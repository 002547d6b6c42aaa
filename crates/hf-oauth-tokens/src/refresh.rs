use std::fmt;

/// What was learnt in this process.
#[derive(Debug, Default)]
pub(crate) struct Known;

/// Why there is no token.
#[derive(Debug)]
#[non_exhaustive]
pub enum TokenError {
    /// Nobody is signed in.
    NotSignedIn,
    /// The store cannot be used.
    Store(crate::StoreError),
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSignedIn => f.write_str("nobody is signed in: run `hf-oauth login`"),
            Self::Store(_) => f.write_str("the token store cannot be used"),
        }
    }
}

impl std::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::NotSignedIn => None,
        }
    }
}
