//! Two threads beside one: the signed-in service called in process, so that neither sockets nor the load stand between.

use std::time::Duration;

use serde_json::Value;

use super::children::bounded;
use super::figures::{Threads, median};
use super::tools::Tools;
use crate::Result;
use crate::process::command;

const ROUNDS: usize = 11;
const SECONDS: &str = "0.5";

pub(super) fn measure(tools: &Tools) -> Result<Option<Threads>> {
    if std::thread::available_parallelism().map_or(1, usize::from) < 2 {
        return Ok(None);
    }
    let mut command = command(&tools.bench, &["threads", SECONDS, &ROUNDS.to_string()]);
    let text = bounded(&mut command, Duration::from_secs(120))?;
    read(&text).map(Some)
}

/// `[[one, two], ...]`: requests a second of each round.
fn read(text: &str) -> Result<Threads> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("threads: {error}: {text}"))?;
    let rounds: Option<Vec<(f64, f64)>> = value.as_array().and_then(|rounds| {
        rounds.iter().map(|round| Some((round.get(0)?.as_f64()?, round.get(1)?.as_f64()?))).collect()
    });
    let rounds = rounds.filter(|rounds| !rounds.is_empty()).ok_or(format!("threads: {text}"))?;
    Ok(Threads {
        one: median(rounds.iter().map(|(one, _)| *one).collect()),
        two: median(rounds.iter().map(|(_, two)| *two).collect()),
        times: median(rounds.iter().map(|(one, two)| two / one).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_taken_within_each_round() {
        let threads = read("[[100.0, 190.0], [50.0, 90.0], [200.0, 390.0]]").unwrap();
        assert_eq!((threads.one, threads.two, threads.times), (100.0, 190.0, 1.9));
        assert!(read("[]").is_err() && read("{}").is_err() && read("[[1.0]]").is_err());
    }
}
