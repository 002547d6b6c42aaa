//! What ends a login from outside.

use std::io;
use std::process::ExitCode;

/// The signal that came. As exit code: 128 and its number, as shells have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interrupt(u8);

impl Interrupt {
    pub(super) fn exit_code(self) -> ExitCode {
        ExitCode::from(128 + self.0)
    }
}

/// Listens from its making on.
pub(super) struct Interrupts {
    #[cfg(unix)]
    signals: [(tokio::signal::unix::Signal, u8); 3],
}

impl Interrupts {
    /// Must be called within a runtime.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            signals: [
                (signal(SignalKind::interrupt())?, 2),
                (signal(SignalKind::terminate())?, 15),
                (signal(SignalKind::hangup())?, 1),
            ],
        })
    }

    #[cfg(not(unix))]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> Interrupt {
        let [(interrupt, two), (terminate, fifteen), (hangup, one)] = &mut self.signals;
        let number = tokio::select! {
            _ = interrupt.recv() => *two,
            _ = terminate.recv() => *fifteen,
            _ = hangup.recv() => *one,
        };
        Interrupt(number)
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> Interrupt {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Interrupt(2),
            Err(_) => std::future::pending().await,
        }
    }
}
