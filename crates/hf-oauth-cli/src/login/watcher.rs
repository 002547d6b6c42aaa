//! Whoever watches a login.

use std::io::{IsTerminal as _, stderr, stdin, stdout};

use super::events::Event;
use super::screen::Screen;
use crate::failure::Failure;
use crate::output;

pub(super) enum Watcher {
    /// A person, who may press keys.
    Screen(Box<Screen>),
    /// Plain lines on standard error.
    Lines,
    /// One event a line on standard output.
    Json,
}

impl Watcher {
    pub(super) fn new(json: bool) -> Self {
        match json {
            true => Self::Json,
            false if stdin().is_terminal() && stdout().is_terminal() && stderr().is_terminal() => {
                Self::Screen(Box::new(Screen::new()))
            }
            false => Self::Lines,
        }
    }

    pub(super) fn is_person(&self) -> bool {
        matches!(self, Self::Screen(_))
    }

    pub(super) fn event(&mut self, event: &Event) {
        match self {
            Self::Screen(screen) => screen.tell(event),
            Self::Lines => event.text().iter().for_each(|text| output::tell(text)),
            Self::Json => output::json(&event.json()),
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, seconds_left: Option<u64>) {
        if let Self::Screen(screen) = self {
            screen.tick(seconds_left);
        }
    }

    /// The end, with the terminal as it was before.
    pub(super) fn failed(&mut self, failure: &Failure) {
        match self {
            Self::Json => output::json(&failure.event()),
            Self::Screen(_) | Self::Lines => {
                *self = Self::Lines;
                output::tell(&failure.report());
            }
        }
    }
}
