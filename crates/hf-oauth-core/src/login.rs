//! One login, in the order in which it happens. Each step consumes the one before it, and nothing on the left imports
//! what is on its right:
//!
//! `options`, `seed` -> `pending` -> `authorize` -> `callback` -> `exchange` -> `verify`

pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod exchange;
pub(crate) mod options;
pub(crate) mod pending;
pub(crate) mod seed;
pub(crate) mod verify;
