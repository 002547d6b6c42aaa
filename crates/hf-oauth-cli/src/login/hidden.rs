//! A line that is typed at a terminal and not shown.
//!
//! Echo is off while the question stands, and nothing that was typed is left for whoever reads the terminal next. Signals
//! that end the process take the question away first (`Interrupts::listen_to_all`); Ctrl-Z gives the terminal back
//! before the process stops, and the question is put anew when it goes on.

#[cfg(unix)]
pub(super) use unix::line;
#[cfg(not(unix))]
pub(super) use without::line;

#[cfg(unix)]
mod unix {
    use std::fs::OpenOptions;
    use std::io::{self, IsTerminal as _, Write as _};
    use std::os::fd::AsFd as _;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Signal, getpid, getppid, getsid, kill_process};
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    use super::super::TICK;
    use crate::interrupt::heard;
    use crate::output;

    /// The first line, as long as the terminal lets a line be; empty at the end of the input.
    pub(in super::super) async fn line(prompt: &str) -> io::Result<Vec<u8>> {
        let mut suspends = heard(Signal::TSTP)?.map(|(signal, _)| signal);
        let mut hidden = Hidden::new(prompt)?;
        let line = loop {
            let suspend = async {
                match &mut suspends {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = suspend => {
                    drop(hidden);
                    stop()?;
                    hidden = Hidden::new(prompt)?;
                }
                () = tokio::time::sleep(TICK) => {
                    if let Some(line) = hidden.read()? {
                        break line;
                    }
                }
            }
        };
        drop(hidden);
        // The signal's usual effect does not come back by itself.
        if let Some(mut signal) = suspends {
            tokio::spawn(async move { while signal.recv().await.is_some() && stop().is_ok() {} });
        }
        Ok(line)
    }

    /// Nobody could wake a process up whose parent is in another session; the signal would not stop it either.
    fn stop() -> io::Result<()> {
        let session = |process| getsid(process).ok();
        if getppid().is_some_and(|parent| session(Some(parent)) == session(None)) {
            kill_process(getpid(), Signal::STOP)?;
        }
        Ok(())
    }

    /// The question, while it stands.
    struct Hidden {
        before: Termios,
    }

    impl Hidden {
        fn new(prompt: &str) -> io::Result<Self> {
            let stdin = io::stdin();
            let before = tcgetattr(stdin.as_fd())?;
            let mut hidden = before.clone();
            hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
            tcsetattr(stdin.as_fd(), OptionalActions::Now, &hidden)?;
            draw(prompt);
            Ok(Self { before })
        }

        /// The line, once it is typed: the terminal gives whole ones.
        fn read(&self) -> io::Result<Option<Vec<u8>>> {
            let stdin = io::stdin();
            let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
            let none = Timespec { tv_sec: 0, tv_nsec: 0 };
            if !poll(&mut ready, Some(&none)).is_ok_and(|count| count > 0) {
                return Ok(None);
            }
            let mut typed = vec![0; 16 * 1024];
            // Not by `std`, whose buffer would keep what a later reader should have.
            let count = rustix::io::read(stdin.as_fd(), &mut typed)?;
            typed.truncate(count);
            Ok(Some(typed))
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            // What is typed and not read yet may be half a token: the shell must not show it.
            let _ = tcsetattr(io::stdin().as_fd(), OptionalActions::Flush, &self.before);
            draw("\n");
        }
    }

    /// On the terminal, wherever standard error goes.
    fn draw(text: &str) {
        if io::stderr().is_terminal() {
            output::draw(text);
        } else if let Ok(mut terminal) = OpenOptions::new().write(true).open("/dev/tty") {
            let _ = terminal.write_all(text.as_bytes());
        }
    }
}

#[cfg(not(unix))]
mod without {
    use std::io;

    /// Echo cannot be switched off here.
    pub(in super::super) async fn line(_: &str) -> io::Result<Vec<u8>> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this terminal would show it: give it by a file or a pipe",
        ))
    }
}
