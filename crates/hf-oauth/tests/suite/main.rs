//! The client against real sockets: the local Hub, which keeps a journal, and servers that say whatever bytes they
//! are told to.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod answers;
mod bodies;
mod callback;
mod clocks;
mod deadlines;
mod device;
mod discovery;
mod environment;
mod id_token;
mod keys;
mod login;
#[cfg(feature = "loopback")]
mod loopback;
mod raw;
mod refresh;
mod refresh_driver;
mod support;
mod tls;
mod token_exchange;
