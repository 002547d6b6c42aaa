//! What is done with a login: the commands beside `login`, each against its files.

mod child;
mod ci;
mod git;
mod golden;
mod logout;
pub(crate) mod machine;
mod refresh;
mod sources;
#[cfg(unix)]
mod switch;
