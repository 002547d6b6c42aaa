//! A screen that nobody sees, for a browser that has no headless mode.

use std::path::Path;

use crate::support::program::{Program, bare};

pub(super) struct Display {
    number: u32,
    _program: Program,
}

impl Display {
    pub(super) fn start(xvfb: &Path) -> Self {
        let mut command = bare(xvfb);
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1400x1000x24"]);
        let mut program = Program::start(command);
        let number = program.line(|line| line.trim().parse().ok());
        Self { number, _program: program }
    }

    pub(super) fn name(&self) -> String {
        format!(":{}", self.number)
    }
}
