//! The `hf-oauth` command.
fn main() {}
