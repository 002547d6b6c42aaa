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
//! The crate `hf-hub` reads the same token file, so that it finds what was saved; it refreshes nothing, and knows
//! neither names nor CI exchanges. Give it a fresh token:
//!
//! ```ignore
//! use hf_hub::HFClient;
//! use hf_oauth_tokens::TokenStore;
//!
//! let token = TokenStore::from_env().fresh_token().await?;
//! let client = HFClient::builder().token(token.token.expose()).build()?;
//! let username = client.whoami().send().await?.username;
//! ```
//!
//! The package in `examples/hf-hub` runs this, and has a test of both ways. It stands outside of the workspace, since
//! `hf-hub` brings crates under the MPL-2.0. `HFClient` keeps the token that it was given: make a new one before the
//! token ends.
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
mod next;
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
