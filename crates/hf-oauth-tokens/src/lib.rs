//! The tokens that Python's `huggingface_hub` and every tool built on it use: found in the same order, kept in the same
//! files, refreshed under the same lock. Unix only.
//!
//! ```text
//! Environment ─▶ Locations ─▶ TokenStore ─┬▶ resolve, list            reads
//!                                         ├▶ save, switch, remove     writes: lock, journal, files
//!                                         └▶ fresh_token              resolve, and refresh once (feature `refresh`)
//! ```
//!
//! # With `hf-hub`
//!
//! The crate `hf-hub` takes a token as it is. Give it a fresh one:
//!
//! ```
//! # use hf_oauth_tokens::{Environment, NewLogin, TokenStore};
//! # let home = tempfile::tempdir()?;
//! # let store = TokenStore::new(Environment::from_pairs([("HF_HOME", home.path())]));
//! # store.save(&NewLogin::new("laptop", "hf_abc"))?;
//! // let store = TokenStore::from_env();
//! let resolution = store.resolve()?;
//! let token = resolution.token().expect("signed in");
//! assert_eq!(token.token.expose(), "hf_abc");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The example `token` prints which token is used; with a refresh where one is due.
//!
//! # What is deliberately other than in Python
//!
//! - `[DEFAULT]` supplies nothing, a corrupt file is an error and is never rewritten, and no write goes through a link.
//! - Files are replaced, never emptied and filled again.
//! - `HF_STORED_TOKENS_PATH` is honoured, with a warning: Python looks beside the token file.
//! - No keyring: it is not where Python looks.

#[cfg(not(unix))]
compile_error!("hf-oauth-tokens keeps its files by Unix modes and locks");

mod environment;
mod error;
mod file;
mod ini;
mod journal;
mod locations;
mod lock;
#[cfg(feature = "refresh")]
mod refresh;
mod store;
mod tables;
mod token;

pub use environment::Environment;
pub use error::{FileStep, StoreError, Unsafe, Warning};
pub use ini::Corruption;
pub use locations::Locations;
#[cfg(feature = "refresh")]
pub use refresh::{CiError, TokenError};
pub use store::TokenStore;
pub use token::{
    NewLogin, Renewal, Resolution, ResolvedToken, Saved, SourceState, StoredToken, TokenSource, Winner,
};
