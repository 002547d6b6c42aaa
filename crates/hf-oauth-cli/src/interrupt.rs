//! What ends a command from outside.

#[cfg(unix)]
use std::future::poll_fn;
use std::io;
#[cfg(unix)]
use std::task::Poll;

#[cfg(unix)]
use rustix::process::Signal;

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
    signals: Vec<(tokio::signal::unix::Signal, u8)>,
}

#[cfg(unix)]
impl Interrupts {
    /// Must be called within a runtime. What the caller had ignored (`nohup`, a shell's background) stays ignored, here
    /// and in the program that `exec` becomes.
    pub(crate) fn listen() -> io::Result<Self> {
        Self::to(&[Signal::INT, Signal::TERM, Signal::HUP])
    }

    /// The same with every other signal that would end the process: for as long as the terminal is not as it was.
    #[rustfmt::skip]
    pub(crate) fn listen_to_all() -> io::Result<Self> {
        Self::to(&[
            Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT, Signal::ALARM, Signal::USR1, Signal::USR2,
            Signal::XCPU, Signal::VTALARM, Signal::PROF,
        ])
    }

    fn to(wanted: &[Signal]) -> io::Result<Self> {
        let signals =
            wanted.iter().filter_map(|&signal| heard(signal).transpose()).collect::<io::Result<_>>()?;
        Ok(Self { signals })
    }

    pub(crate) async fn next(&mut self) -> Interrupt {
        poll_fn(|context| {
            let came = self.signals.iter_mut().find_map(|(signal, number)| {
                signal.poll_recv(context).is_ready().then_some(Interrupt(*number))
            });
            came.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

#[cfg(not(unix))]
impl Interrupts {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    pub(crate) fn listen_to_all() -> io::Result<Self> {
        Ok(Self {})
    }

    pub(crate) async fn next(&mut self) -> Interrupt {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Interrupt(2),
            Err(_) => std::future::pending().await,
        }
    }
}

/// None for a signal that the caller had ignored.
#[cfg(unix)]
pub(crate) fn heard(wanted: Signal) -> io::Result<Option<(tokio::signal::unix::Signal, u8)>> {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(number @ 1..=64) = u8::try_from(wanted.as_raw()) else { return Ok(None) };
    match ignored() & (1 << (number - 1)) {
        0 => Ok(Some((signal(SignalKind::from_raw(wanted.as_raw()))?, number))),
        _ => Ok(None),
    }
}

/// The signals that this process was started with ignored, a bit each from the first; none where the system does not say.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
