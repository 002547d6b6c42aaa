//! What must be reached; each shortfall is named.

use super::figures::{ACTIX_BARE, ACTIX_WARM, BARE, COLD, Figures, HUB, TOKEN, TRUE, WARM};
use crate::{Result, output};

/// Warm beside the bare route of the same framework.
const WARM_OF_BARE: f64 = 0.80;
const WARM_ROUTES: &[&str] = &[WARM, ACTIX_WARM];
/// Two threads beside one.
const TIMES: f64 = 1.8;
/// `hf-oauth token` beside `/bin/true`.
const TOKEN_OF_TRUE: f64 = 5.0;
/// The local Hub's first answer, in milliseconds.
const HUB_MILLIS: f64 = 50.0;
/// The binary's size in bytes.
pub(super) const BINARY_BYTES: u64 = 12_000_000;
/// Below this the load generator was the limit, and ratios say nothing.
const BUSY: f64 = 0.80;

pub(super) fn check(figures: &Figures) -> Result {
    let short = shortfalls(figures);
    if short.is_empty() {
        output::note("every goal is reached");
        return Ok(());
    }
    Err(format!("below the goal:\n  {}", short.join("\n  ")))
}

pub(super) fn shortfalls(figures: &Figures) -> Vec<String> {
    let mut short = Vec::new();
    let bare = [BARE, ACTIX_BARE];
    for name in bare.iter().chain(WARM_ROUTES).chain(&[COLD]) {
        match figures.request(name) {
            Some(it) if it.busy < BUSY => {
                short.push(format!(
                    "{name}: the server used {:.2} of its core; the load was the limit",
                    it.busy
                ));
            }
            Some(_) => {}
            None => short.push(format!("{name} was not measured")),
        }
    }
    let warm = WARM_ROUTES.iter().filter_map(|name| figures.request(name));
    for warm in warm.filter(|it| it.of_bare < WARM_OF_BARE) {
        short.push(format!(
            "{}: {:.3} of the bare route, at least {WARM_OF_BARE} is wanted",
            warm.name, warm.of_bare
        ));
    }
    match &figures.threads {
        Some(threads) if threads.times >= TIMES => {}
        Some(threads) => short.push(format!(
            "two threads: {:.2} times one in process, at least {TIMES} is wanted",
            threads.times
        )),
        None => short.push("two threads were not measured: this machine has one core".to_owned()),
    }
    let cold = figures.request(COLD).map_or(0.0, |it| it.of_bare);
    let on_axum = figures.requests.iter().filter(|it| it.bare == BARE);
    for peer in on_axum.filter(|it| ![BARE, WARM, COLD].contains(&it.name)) {
        if cold <= peer.of_bare {
            short.push(format!(
                "{COLD}: {cold:.3} of the bare route, {} reaches {:.3}",
                peer.name, peer.of_bare
            ));
        }
    }
    match figures.starts.iter().find(|it| it.name == HUB) {
        Some(hub) if hub.millis < HUB_MILLIS => {}
        hub => {
            let millis = hub.map_or(0.0, |it| it.millis);
            short
                .push(format!("{HUB}: {millis:.1} ms to the first answer, less than {HUB_MILLIS} is wanted"));
        }
    }
    match (figures.command(TOKEN), figures.command(TRUE)) {
        (Some(token), Some(nothing)) if token <= TOKEN_OF_TRUE * nothing => {}
        (Some(token), Some(nothing)) => short.push(format!(
            "{TOKEN}: {token:.2} ms, {:.1} times {TRUE}, at most {TOKEN_OF_TRUE} is wanted",
            token / nothing
        )),
        _ => short.push(format!("{TOKEN} was not measured")),
    }
    if figures.binary_bytes > BINARY_BYTES {
        short.push(format!(
            "the binary has {} bytes, at most {BINARY_BYTES} are wanted",
            figures.binary_bytes
        ));
    }
    short
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::super::figures::{CommandTime, Start, Threads, Throughput};
    use super::*;

    /// A word of the shortfall, and what brings it about.
    type Change = (&'static str, fn(&mut Figures));

    pub(crate) fn figures() -> Figures {
        let request = |name, of_bare| Throughput {
            name,
            per_second: of_bare * 1e5,
            bare: if name == ACTIX_BARE { ACTIX_BARE } else { BARE },
            of_bare,
            cpu_micros: 10.0 / of_bare,
            busy: 0.99,
        };
        Figures {
            requests: vec![
                request(BARE, 1.0),
                request(WARM, 0.95),
                request(COLD, 0.7),
                request("a peer", 0.6),
                request(ACTIX_BARE, 1.0),
                Throughput { bare: ACTIX_BARE, ..request(ACTIX_WARM, 0.9) },
            ],
            threads: Some(Threads { one: 150_000.0, two: 285_000.0, times: 1.9 }),
            logins: json!({
                "hf-oauth": {"logins": 1_000, "seconds": 5.0, "first": ["/a", "/b"], "next": ["/b"]},
            }),
            id_tokens: json!({"hf-oauth": 30_000.0, "openidconnect": 5_000.0, "jsonwebtoken": 20_000.0}),
            starts: vec![Start { name: HUB, millis: 12.0, memory_kib: 9_000 }],
            commands: vec![CommandTime { name: TRUE, millis: 0.5 }, CommandTime { name: TOKEN, millis: 2.0 }],
            binary_bytes: 9_000_000,
            machine: vec![("date".to_owned(), "2026-01-01".to_owned())],
        }
    }

    #[test]
    fn figures_that_reach_every_goal_pass() {
        assert_eq!(shortfalls(&figures()), [""; 0]);
    }

    #[test]
    fn every_goal_that_is_missed_is_named() {
        let changes: [Change; 11] = [
            ("warm", |it| it.requests[1].of_bare = 0.79),
            ("two threads: 1.79", |it| it.threads.as_mut().unwrap().times = 1.79),
            ("two threads were not measured", |it| it.threads = None),
            ("actix-web, warm was not measured", |it| it.requests.truncate(5)),
            ("cold", |it| it.requests[2].of_bare = 0.6),
            ("load", |it| it.requests[0].busy = 0.5),
            ("50", |it| it.starts[0].millis = 50.0),
            ("not measured", |it| it.commands.truncate(1)),
            ("5.2 times", |it| it.commands[1].millis = 2.6),
            ("bytes", |it| it.binary_bytes = BINARY_BYTES + 1),
            ("hub", |it| it.starts.clear()),
        ];
        for (word, change) in changes {
            let mut figures = figures();
            change(&mut figures);
            let short = shortfalls(&figures);
            assert!(short.len() == 1 && short[0].contains(word), "{word}: {short:?}");
        }
    }
}
