//! What is done with a login: the commands beside `login`, each against its files.

mod child;
mod git;
mod golden;
pub(crate) mod machine;
mod sources;
