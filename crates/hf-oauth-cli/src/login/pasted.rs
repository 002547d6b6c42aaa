//! A token that the person has already: one line of standard input, never an argument that `ps` would show.

use std::io::{self, BufRead as _, Read as _};

use hf_oauth::{Issuer, Secret};

use super::hidden;
use crate::failure::{Failure, Kind};

/// Far more than any token has.
const LONGEST: u64 = 16 * 1024;

/// From a file or a pipe.
pub(super) fn read(issuer: &Issuer) -> Result<Secret, Failure> {
    let mut line = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut line);
    read.map_err(unreadable)?;
    token(&line, issuer)
}

/// From the person at the terminal, which does not show it.
pub(super) async fn ask(issuer: &Issuer) -> Result<Secret, Failure> {
    let prompt = format!("Paste a token of {} (it is not shown), then press Enter: ", page(issuer));
    let line = hidden::line(&prompt).await.map_err(unreadable)?;
    token(&String::from_utf8_lossy(&line), issuer)
}

fn token(line: &str, issuer: &Issuer) -> Result<Secret, Failure> {
    let token = Secret::new(line.trim());
    let usable = !token.is_empty() && token.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if usable {
        return Ok(token);
    }
    Err(Failure::new(Kind::Usage, "the first line of standard input is no token")
        .next(format_args!("make one at {} and give it on one line", page(issuer))))
}

fn page(issuer: &Issuer) -> String {
    format!("{}/settings/tokens", issuer.as_str().trim_end_matches('/'))
}

fn unreadable(error: io::Error) -> Failure {
    Failure::new(Kind::Usage, "the token cannot be read from standard input").because(error)
}
