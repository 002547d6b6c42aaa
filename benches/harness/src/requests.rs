//! Requests a second: every server in every round, so that noise hits all alike.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::children::{Server, bounded};
use super::figures::{ACTIX_BARE, ACTIX_WARM, BARE, COLD, Throughput, WARM, median};
use super::tools::Tools;
use crate::process::root;
use crate::{Result, output};

const ROUNDS: usize = 21;
const SECONDS: f64 = 0.5;
/// Every person's session once, and a little more, before anything is counted.
const FIRST: usize = 11_000;
/// Python takes seconds for what the others do in a fraction of one.
const FIRST_OF_PYTHON: usize = 500;
const PEOPLE_OF_PYTHON: &str = "1000";

struct Contestant {
    name: &'static str,
    /// The bare route of the same framework.
    bare: &'static str,
    server: Server,
    port: String,
    cookies: PathBuf,
    first: usize,
    cpu: f64,
    requests: f64,
    seconds: f64,
    rates: Vec<f64>,
}

pub(super) fn measure(tools: &Tools) -> Result<Vec<Throughput>> {
    let mut all = contestants(tools)?;
    for contestant in &mut all {
        contestant.load(tools, 0.0, contestant.first)?;
    }
    for round in 0..ROUNDS {
        let turn = round % all.len();
        all.rotate_left(turn);
        for contestant in &mut all {
            let rate = contestant.measured(tools)?;
            contestant.rates.push(rate);
        }
        all.rotate_right(turn);
    }
    let rates = |name: &str| all.iter().find(|it| it.name == name).map(|it| it.rates.clone());
    Ok(all.iter().map(|it| it.outcome(&rates(it.bare).unwrap_or_default())).collect())
}

fn contestants(tools: &Tools) -> Result<Vec<Contestant>> {
    let mut all = Vec::new();
    // Its name, the bare route that it stands beside, its program and what that calls it.
    let rust = [
        (BARE, BARE, &tools.bench, "bare"),
        (WARM, BARE, &tools.bench, "warm"),
        (COLD, BARE, &tools.bench, "cold"),
        (ACTIX_BARE, ACTIX_BARE, &tools.bench, "actix-bare"),
        (ACTIX_WARM, ACTIX_BARE, &tools.bench, "actix-warm"),
        ("tower-sessions, memory", BARE, &tools.peers, "tower-sessions"),
        ("axum-extra, SignedCookieJar", BARE, &tools.peers, "signed"),
        ("axum-extra, PrivateCookieJar", BARE, &tools.peers, "private"),
    ];
    for (name, bare, program, kind) in rust {
        let cookies = tools.scratch.join(format!("{kind}.cookies"));
        let mut command = tools.pinned(program, 0);
        command.args(["serve", kind]).arg(&cookies);
        all.push(Contestant::new(
            (name, bare),
            Server::spawn_and_read(&mut command, Duration::from_secs(60))?,
            cookies,
            FIRST,
        )?);
    }
    let Some(python) = &tools.python else {
        output::note("left out: Python");
        return Ok(all);
    };
    let (people, cookies) = (tools.scratch.join("people"), tools.scratch.join("python.cookies"));
    let mut make = tools.pinned(&tools.bench, 0);
    bounded(make.arg("people").arg(&people).arg(PEOPLE_OF_PYTHON), Duration::from_secs(30))?;
    let mut command = tools.pinned(python, 0);
    command.arg(root().join("benches/python/app.py")).arg(&cookies).arg(&people);
    let started = Server::spawn_and_read(&mut command, Duration::from_secs(60))?;
    all.push(Contestant::new(("Python: huggingface_hub, FastAPI", BARE), started, cookies, FIRST_OF_PYTHON)?);
    Ok(all)
}

impl Contestant {
    fn new(
        (name, bare): (&'static str, &'static str),
        (server, line): (Server, String),
        cookies: PathBuf,
        first: usize,
    ) -> Result<Self> {
        let ready: Value = serde_json::from_str(&line).map_err(|error| format!("{name}: {error}: {line}"))?;
        let port = ready["port"].to_string();
        Ok(Self {
            name,
            bare,
            server,
            port,
            cookies,
            first,
            cpu: 0.0,
            requests: 0.0,
            seconds: 0.0,
            rates: Vec::new(),
        })
    }

    fn load(&self, tools: &Tools, seconds: f64, first: usize) -> Result<(f64, f64)> {
        let mut command = tools.pinned(&tools.bench, 1);
        command.args(["load", &self.port]).arg(&self.cookies).args([seconds.to_string(), first.to_string()]);
        let text = bounded(&mut command, Duration::from_secs(60))
            .map_err(|error| format!("{}: {error}", self.name))?;
        let value: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", self.name))?;
        Ok((value["requests"].as_f64().unwrap_or_default(), value["seconds"].as_f64().unwrap_or_default()))
    }

    /// Requests a second of one round.
    fn measured(&mut self, tools: &Tools) -> Result<f64> {
        let before = self.server.cpu_seconds().unwrap_or_default();
        let (requests, seconds) = self.load(tools, SECONDS, 0)?;
        self.cpu += self.server.cpu_seconds().unwrap_or_default() - before;
        self.requests += requests;
        self.seconds += seconds;
        output::note(&format!("{:34} {:>9.0} a second", self.name, requests / seconds));
        Ok(requests / seconds)
    }

    fn outcome(&self, bare: &[f64]) -> Throughput {
        Throughput {
            name: self.name,
            bare: self.bare,
            per_second: median(self.rates.clone()),
            of_bare: median(self.rates.iter().zip(bare).map(|(rate, bare)| rate / bare).collect()),
            cpu_micros: self.cpu / self.requests * 1e6,
            busy: self.cpu / self.seconds,
        }
    }
}
