//! The release binary, driven as people drive it: in a real browser, by the Hub's own clients, and from a terminal.
//!
//! `cargo xtask test` prepares what these tests need: Chromium and its driver, Node, Python.

mod command;
mod demo;
mod hub_pages;
mod peers;
mod support;
mod whole_login;
