//! Single keys from the terminal, while a login waits.
//!
//! The terminal keeps its signals (Ctrl-C, Ctrl-Z) and its output as they are; only lines and echo are switched off, and
//! on again whenever this goes. Nothing waits for a key: whoever draws the countdown asks now and then.

#[cfg(unix)]
pub(super) use unix::Keys;
#[cfg(not(unix))]
pub(super) use without::Keys;

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::AsFd as _;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::termios::{
        LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetpgrp, tcsetattr,
    };

    /// Keys can be read while this lives.
    pub(in super::super) struct Keys {
        before: Termios,
    }

    impl Keys {
        /// None where standard input is no terminal, or one that belongs to another job just now.
        pub(in super::super) fn listen() -> Option<Self> {
            let stdin = io::stdin();
            let before = tcgetattr(stdin.as_fd()).ok()?;
            if tcgetpgrp(stdin.as_fd()).ok()? != rustix::process::getpgrp() {
                return None;
            }
            let mut while_waiting = before.clone();
            while_waiting.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            tcsetattr(stdin.as_fd(), OptionalActions::Now, &while_waiting).ok()?;
            Some(Self { before })
        }

        /// The next key, if one was pressed.
        pub(in super::super) fn pressed(&self) -> Option<u8> {
            let stdin = io::stdin();
            let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
            let none = Timespec { tv_sec: 0, tv_nsec: 0 };
            let is_ready = poll(&mut ready, Some(&none)).is_ok_and(|count| count > 0)
                && ready[0].revents().contains(PollFlags::IN);
            let mut key = [0];
            // Not by `std`, whose buffer would keep what a later reader should have.
            (is_ready && rustix::io::read(stdin.as_fd(), &mut key) == Ok(1)).then_some(key[0])
        }
    }

    impl Drop for Keys {
        fn drop(&mut self) {
            let stdin = io::stdin();
            // Keys pressed at the last moment were not meant for the shell.
            let _ = tcflush(stdin.as_fd(), QueueSelector::IFlush);
            let _ = tcsetattr(stdin.as_fd(), OptionalActions::Now, &self.before);
        }
    }
}

#[cfg(not(unix))]
mod without {
    /// Not here: the code and the address are on the screen.
    pub(in super::super) struct Keys;

    impl Keys {
        pub(in super::super) fn listen() -> Option<Self> {
            None
        }

        pub(in super::super) fn pressed(&self) -> Option<u8> {
            None
        }
    }
}
