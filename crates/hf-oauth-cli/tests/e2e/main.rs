//! The release binary, driven as people drive it: in a real browser, by the Hub's own clients, and from a terminal.
//!
//! `cargo xtask test` prepares what these tests need: browsers and their drivers, Node, Python.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says why it did"
)]

mod accessible;
mod account;
mod browsers;
mod command;
mod demo;
mod documents;
mod hub_pages;
mod hub_spaces;
#[cfg(unix)]
mod login;
mod page;
mod peers;
mod python;
#[cfg(unix)]
mod signals;
mod space;
mod support;
mod whole_login;
