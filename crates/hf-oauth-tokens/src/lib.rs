//! The tokens that Python's `huggingface_hub` and every tool built on it use: found in the same order, kept in the same
//! files, refreshed under the same lock. Unix only.
//!
//! ```text
//! Environment ─▶ Locations ─▶ TokenStore ─┬▶ resolve, list            reads
//!                                         ├▶ save, switch, remove     writes: lock, journal, files
//!                                         └▶ fresh_token              resolve, and refresh once (feature `refresh`)
//! ```
//!
//! ```
//! # use hf_oauth_tokens::Environment;
//! use hf_oauth_tokens::{NewLogin, TokenStore};
//!
//! # let home = tempfile::tempdir()?;
//! let store = TokenStore::from_env(); // ~/.cache/huggingface, or where the variables say
//! # let store = TokenStore::new(Environment::from_pairs([("HF_HOME", home.path())]));
//! store.save(&NewLogin::new("laptop", "hf_example"))?;
//!
//! // What `hf` and every tool built on it would use now, and why it is this one.
//! let found = store.resolve()?;
//! assert_eq!(found.token().map(|token| token.token.expose()), Some("hf_example"));
//! assert_eq!(store.list()?[0].name, "laptop");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`TokenStore::fresh_token`] is what a program calls before it asks the Hub for something. The command `hf-oauth`
//! is built on this crate: <https://github.com/hf-oauth/hf-oauth/blob/main/docs/terminal.md>.
//!
//! # With `hf-hub`
//!
//! The crate `hf-hub` reads the same token file, so that it finds what was saved; it refreshes nothing, and knows
//! neither names nor CI exchanges. Give it a fresh token:
//!
//! ```text
//! use hf_hub::HFClient;
//! use hf_oauth_tokens::TokenStore;
//!
//! let token = TokenStore::from_env().fresh_token().await?;
//! let given = HFClient::builder().token(token.token.expose()).build()?;
//! println!("given to hf-hub: {}", given.whoami().send().await?.username);
//! ```
//!
//! These are lines of [`hf_hub_terminal.rs`], which runs and is tested; it is no member of the workspace, since `hf-hub`
//! brings crates under the MPL-2.0. `HFClient` keeps the token that it was given: make a new one before the token ends.
//!
//! [`hf_hub_terminal.rs`]: https://github.com/hf-oauth/hf-oauth/blob/main/examples/hf-hub/src/bin/hf_hub_terminal.rs
//!
//! The example `token` prints which token is used; with a refresh where one is due.
//!
//! # What is deliberately other than in Python
//!
//! - `[DEFAULT]` supplies nothing, and a corrupt file is an error and is never rewritten.
//! - A link is followed when it is one's own or root's, and written through where nobody else may write to a folder on the
//!   way. A file of another user is not read, except root's.
//! - Files are replaced, never emptied and filled again.
//! - A token that lives less than two days is refreshed at half its life, not by every process; and for five minutes no
//!   other process repeats a refresh that failed, while the token is valid.
//! - `HF_STORED_TOKENS_PATH` is honoured, with a warning: Python looks beside the token file.
//! - No keyring: it is not where Python looks.

#[cfg(not(unix))]
compile_error!("hf-oauth-tokens keeps its files by Unix modes and locks");

mod endpoint;
mod environment;
mod error;
mod file;
mod ini;
mod journal;
#[cfg(feature = "refresh")]
mod known;
mod locations;
mod lock;
mod next;
mod place;
mod platform;
#[cfg(feature = "refresh")]
mod refresh;
mod source;
mod store;
mod tables;
mod token;
mod users;
mod warning;

pub use endpoint::Endpoint;
pub use environment::Environment;
pub use error::{FileStep, StoreError, Unsafe, UnsafeLink};
pub use ini::Corruption;
pub use locations::Locations;
#[cfg(feature = "refresh")]
pub use refresh::{CiError, TokenError};
pub use source::TokenSource;
pub use store::TokenStore;
pub use token::{
    NewLogin, Renewal, Resolution, ResolvedToken, Saved, SourceState, StoredToken, Winner, is_token_name,
};
pub use users::Owner;
pub use warning::Warning;
