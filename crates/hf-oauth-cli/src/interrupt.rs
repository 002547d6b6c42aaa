//! What ends a command from outside.

use std::io;

/// The signal that came. As exit code: 128 and its number, as shells have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interrupt(u8);

impl Interrupt {
    pub(crate) fn exit(self) -> u8 {
        128 + self.0
    }
}

/// The first signal from the first poll on. Where nothing listens, or can, signals have their usual effect.
pub(crate) async fn interrupted() -> Interrupt {
    match Interrupts::listen() {
        Ok(mut interrupts) => interrupts.next().await,
        Err(_) => std::future::pending().await,
    }
}

/// Listens from its making on.
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: [Option<(tokio::signal::unix::Signal, u8)>; 3],
}

impl Interrupts {
    /// Must be called within a runtime. What the caller had ignored (`nohup`, a shell's background) stays ignored, here
    /// and in the program that `exec` becomes.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let ignored = ignored();
        let heard = |kind: SignalKind, number: u8| match ignored & (1 << (number - 1)) {
            0 => Ok(Some((signal(kind)?, number))),
            _ => io::Result::Ok(None),
        };
        Ok(Self {
            signals: [
                heard(SignalKind::interrupt(), 2)?,
                heard(SignalKind::terminate(), 15)?,
                heard(SignalKind::hangup(), 1)?,
            ],
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Interrupt {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            it = heard(interrupt) => it,
            it = heard(terminate) => it,
            it = heard(hangup) => it,
        }
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Interrupt {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Interrupt(2),
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
async fn heard(signal: &mut Option<(tokio::signal::unix::Signal, u8)>) -> Interrupt {
    match signal {
        Some((signal, number)) => {
            signal.recv().await;
            Interrupt(*number)
        }
        None => std::future::pending().await,
    }
}

/// The signals that this process was started with ignored, a bit each from the first; none where the system does not say.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
