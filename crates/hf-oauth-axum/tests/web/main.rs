//! The whole of signing in, as browsers and programs see it, against the local Hub.

mod browser;
mod world;

mod sign_in;
