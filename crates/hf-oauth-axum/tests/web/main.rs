//! The whole of signing in, as browsers and programs see it, against the local Hub.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod browser;
mod world;

mod address;
mod after_sign_out;
mod callback;
mod clients;
mod cookies;
mod guard;
mod logout;
mod pages;
mod provider;
mod refresh;
mod refresh_answers;
mod return_path;
mod secrets;
mod session;
mod sign_in;
mod tabs;
