//! The targets, in the order in which a login meets their bytes.

mod answers;
mod browser;
mod hub_toml;
mod id_token;
mod jwks;
mod terminal;

pub use answers::{discovery, token_response, userinfo};
pub use browser::{callback_query, cookie_set, return_path};
pub use hub_toml::hub_toml;
pub use id_token::id_token;
pub use jwks::jwks;
pub use terminal::{device_response, stored_tokens_ini};
