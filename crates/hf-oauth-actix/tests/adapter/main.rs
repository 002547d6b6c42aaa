//! What is actix's own: extractors, guards, errors, methods, scopes. What sign-in decides is tested once for all adapters.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod world;

mod answers;
mod routes;
mod testing;
