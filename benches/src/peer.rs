//! The peer, driven by its own program.

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use crate::figures::Figures;
use crate::measure::figures_of;

/// The program of `benches/peer`, a workspace of its own.
#[derive(Clone, Debug)]
pub(crate) struct Peer(PathBuf);

impl FromStr for Peer {
    type Err = Infallible;

    fn from_str(program: &str) -> Result<Self, Infallible> {
        Ok(Self(program.into()))
    }
}

impl Peer {
    /// What it is.
    pub(crate) const WHAT: &str = "The peer is Temporal's Rust SDK, temporalio-sdk 1.1.1, with a service in its own process; its\n\
        core is temporalio-sdk-core 0.10.1 alone, with a mocked client.";

    /// So many short activities through `stack`: `sdk`, `core` or `service`.
    pub(crate) fn noop(&self, stack: &str, tasks: u64, threads: usize) -> crate::Result<Figures> {
        let tasks = format!("tasks={tasks}");
        let threads = format!("threads={threads}");
        figures_of(Command::new(&self.0).args([stack, "noop", &tasks, &threads]))
    }

    /// So many activities in flight, heartbeating every ten seconds.
    pub(crate) fn hold(&self, in_flight: u64, seconds: u64) -> crate::Result<Figures> {
        let in_flight = format!("tasks={in_flight}");
        let seconds = format!("seconds={seconds}");
        figures_of(Command::new(&self.0).args(["sdk", "hold", &in_flight, &seconds]))
    }
}
