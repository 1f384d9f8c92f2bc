//! Measures what the framework costs beside a hand-written loop, a peer and moto.
//!
//! `cargo run --release --bin bench -- SCENARIO`. A scenario says what it does, and its figures
//! are `key=value` on the last line. docs/benchmarks.md says what each one measures and how.
//!
//! Every measurement runs in a process of its own, a *side*: this program again, with the hidden
//! command `side`. So none inherits the heap or the threads of another, and the same side can be
//! run for its time, under callgrind for its instructions, or on the counting allocator.

#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]
#![allow(clippy::print_stderr, reason = "why it failed")]

mod args;
mod figures;
mod guard;
mod held;
mod measure;
mod peer;
#[cfg(feature = "sdk")]
mod sdk;
#[cfg(feature = "sdk")]
mod serve;
mod short;
mod sides;
#[cfg(feature = "sdk")]
mod wire;

use std::process::ExitCode;

pub use measure::{Heap, HeapCount};

/// What can go wrong ends the run with a message.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Runs what the command line says. `heap` is there where allocations are counted.
#[must_use]
pub fn run(heap: Option<HeapCount>) -> ExitCode {
    match args::run(heap) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
