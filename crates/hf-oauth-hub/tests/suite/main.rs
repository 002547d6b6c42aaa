//! The local Hub over the wire, as a client and a browser meet it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod authorize;
mod browser;
mod chat;
mod client_metadata;
mod config;
mod connections;
mod control;
mod cors;
mod device;
mod exchange;
mod exposure;
mod faults;
mod headers;
mod identity;
mod issuer;
mod redirect_uris;
mod refresh;
mod shapes;
mod slow_clients;
mod space_refusals;
mod space_sign_in;
mod spaces;
mod support;
mod token;
mod upstream;
