//! What was measured.

use serde_json::Value;

pub(super) const BARE: &str = "axum, bare";
pub(super) const WARM: &str = "hf-oauth, warm";
pub(super) const COLD: &str = "hf-oauth, cold";
pub(super) const HUB: &str = "hf-oauth hub";
pub(super) const TOKEN: &str = "hf-oauth token";
pub(super) const OURS: &str = "hf-oauth";
pub(super) const TRUE: &str = "/bin/true";

pub(super) const ACTIX_BARE: &str = "actix-web, bare";
pub(super) const ACTIX_WARM: &str = "hf-oauth on actix-web, warm";

pub(super) struct Figures {
    pub(super) requests: Vec<Throughput>,
    /// None on a machine with one core.
    pub(super) threads: Option<Threads>,
    /// By name: how many in how many seconds, and the paths asked for in a first and in a later login.
    pub(super) logins: Value,
    pub(super) id_tokens: Value,
    pub(super) starts: Vec<Start>,
    pub(super) commands: Vec<CommandTime>,
    pub(super) binary_bytes: u64,
    /// Name and value, in order.
    pub(super) machine: Vec<(String, String)>,
}

/// A server under load.
pub(super) struct Throughput {
    pub(super) name: &'static str,
    /// The median of the rounds.
    pub(super) per_second: f64,
    /// The bare route of the same framework.
    pub(super) bare: &'static str,
    /// The median of what each round gives beside the bare route of the same round.
    pub(super) of_bare: f64,
    /// Processor time of a request in the server, in microseconds.
    pub(super) cpu_micros: f64,
    /// How much of its core the server used: near 1, or the load was the limit.
    pub(super) busy: f64,
}

/// The signed-in service in process: requests a second by one thread and by two, and the median of their ratios.
pub(super) struct Threads {
    pub(super) one: f64,
    pub(super) two: f64,
    pub(super) times: f64,
}

/// A server that was started.
pub(super) struct Start {
    pub(super) name: &'static str,
    /// To the end of its first answer.
    pub(super) millis: f64,
    pub(super) memory_kib: u64,
}

/// A command that was run to its end.
pub(super) struct CommandTime {
    pub(super) name: &'static str,
    pub(super) millis: f64,
}

impl Figures {
    pub(super) fn request(&self, name: &str) -> Option<&Throughput> {
        self.requests.iter().find(|it| it.name == name)
    }

    pub(super) fn command(&self, name: &str) -> Option<f64> {
        self.commands.iter().find(|it| it.name == name).map(|it| it.millis)
    }
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
