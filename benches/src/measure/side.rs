//! One side of a measurement: this program again, in a process of its own.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{counting, instructions};
use crate::figures::Figures;

/// One side, which can be run in several ways.
#[derive(Clone, Debug)]
pub(crate) struct Side(Vec<String>);

impl Side {
    /// The side of this name; see [`crate::sides`].
    pub(crate) fn new(name: &str) -> Self {
        Self(vec!["side".to_owned(), name.to_owned()])
    }

    /// With an option.
    pub(crate) fn with(mut self, option: &str, value: impl fmt::Display) -> Self {
        self.0.push(format!("--{option}"));
        self.0.push(value.to_string());
        self
    }

    /// With a switch.
    pub(crate) fn switch(mut self, option: &str, on: bool) -> Self {
        if on {
            self.0.push(format!("--{option}"));
        }
        self
    }

    /// Runs it as it is.
    pub(crate) fn run(&self) -> crate::Result<Figures> {
        figures_of(&mut self.command(std::env::current_exe()?))
    }

    /// Runs it on the counting allocator.
    pub(crate) fn counted(&self) -> crate::Result<Figures> {
        figures_of(&mut self.command(counting::program()?))
    }

    /// How many instructions each further task takes, from two runs with so many tasks: what
    /// starting and ending take is in both. None where there is no valgrind.
    pub(crate) fn instructions(&self, few: u64, many: u64) -> crate::Result<Option<f64>> {
        let run = |tasks: u64| self.clone().with("tasks", tasks).with("warm-up", 0).all();
        let (Some(less), Some(more)) = (run(few)?, run(many)?) else {
            return Ok(None);
        };
        Ok(Some((more.0 - less.0) / count(many - few)))
    }

    /// The same of what `key` counts, between two sides of which `more` runs for longer.
    pub(crate) fn instructions_each(&self, more: &Self, key: &str) -> crate::Result<Option<f64>> {
        let (Some(less), Some(more)) = (self.all()?, more.all()?) else {
            return Ok(None);
        };
        let each = more.1.get(key)? - less.1.get(key)?;
        Ok(Some((more.0 - less.0) / each))
    }

    /// All instructions of a run, and what it found.
    fn all(&self) -> crate::Result<Option<(f64, Figures)>> {
        instructions::of(&self.command(std::env::current_exe()?))
    }

    /// The command, not started yet.
    pub(crate) fn command(&self, program: PathBuf) -> Command {
        let mut command = Command::new(program);
        command.args(&self.0).stdin(Stdio::null());
        command
    }
}

/// Runs a program to its end, and reads its last line.
pub(crate) fn figures_of(command: &mut Command) -> crate::Result<Figures> {
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?} failed with {}: {said}", output.status).into());
    }
    Ok(Figures::read(&String::from_utf8_lossy(&output.stdout)))
}

/// A count as a figure.
#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(crate) fn count(count: u64) -> f64 {
    count as f64
}
