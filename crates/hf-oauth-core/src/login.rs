//! One login, in the order in which it happens. Each step consumes the one before it.

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod exchange;
pub(crate) mod pending;
pub(crate) mod verify;
