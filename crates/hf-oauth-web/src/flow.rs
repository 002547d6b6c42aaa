//! The crate's own routes. None calls another: a login that must begin is returned as a value.

pub(crate) mod callback;
pub(crate) mod client_metadata;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod tab;
