//! A token that the person has already: one line of standard input, never an argument that `ps` would show.

use std::io::{self, BufRead as _, Read as _};

use hf_oauth::Secret;

use crate::failure::{Failure, Kind};

/// Far more than any token has.
const LONGEST: u64 = 16 * 1024;

pub(super) fn read() -> Result<Secret, Failure> {
    let mut line = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut line);
    read.map_err(|error| {
        Failure::new(Kind::Usage, "the token cannot be read from standard input").because(error)
    })?;
    let token = Secret::new(line.trim());
    let usable = !token.is_empty() && token.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if usable {
        return Ok(token);
    }
    Err(Failure::new(Kind::Usage, "the first line of standard input is no token")
        .next("make one at https://huggingface.co/settings/tokens and give it on one line"))
}
