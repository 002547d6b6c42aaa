//! `hf-oauth token`: the token alone on standard output.

use std::process::ExitCode;

use hf_oauth_tokens::TokenStore;

use crate::failure::Failure;
use crate::output;

use super::store;

pub(crate) fn run() -> Result<ExitCode, Failure> {
    let token = store::fresh(&TokenStore::from_env())?;
    output::say(token.token.expose());
    Ok(ExitCode::SUCCESS)
}
