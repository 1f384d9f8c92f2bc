//! The command line.

use clap::{Parser, Subcommand};

use crate::guard;
use crate::held::{self, Beat, Cancel, Grow, Hold};
use crate::measure::HeapCount;
#[cfg(feature = "sdk")]
use crate::serve::{self, Serve};
use crate::short::{self, Noop, Soak};
use crate::sides::Sides;
#[cfg(feature = "sdk")]
use crate::wire::{self, Wire};

/// Measures the worker and the local server. Figures are `key=value` on the last line.
#[derive(Debug, Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// What a short activity costs over a loop written by hand
    Noop(Noop),
    /// What activities in flight take of memory and of time
    Hold(Hold),
    /// How late heartbeats are
    Beat(Beat),
    /// How soon a cancellation is seen and acknowledged
    Cancel(Cancel),
    /// The worker over the AWS SDK beside a loop over the SDK
    #[cfg(feature = "sdk")]
    Wire(Wire),
    /// The local server beside moto's
    #[cfg(feature = "sdk")]
    Serve(Serve),
    /// What one heartbeat costs as more is in flight
    Grow(Grow),
    /// Whether memory stays flat
    Soak(Soak),
    /// Checks what can be counted exactly against limits
    Guard,
    /// One side of a measurement, for the scenarios
    #[command(hide = true, subcommand)]
    Side(Sides),
}

/// Runs what the command line says.
pub(crate) fn run(heap: Option<HeapCount>) -> crate::Result<()> {
    let figures = match Arguments::parse().scenario {
        Scenario::Noop(options) => short::noop(&options)?,
        Scenario::Hold(options) => held::hold(&options)?,
        Scenario::Beat(options) => held::beat(&options)?,
        Scenario::Cancel(options) => held::cancel(&options)?,
        #[cfg(feature = "sdk")]
        Scenario::Wire(options) => wire::wire(&options)?,
        #[cfg(feature = "sdk")]
        Scenario::Serve(options) => serve::serve(&options)?,
        Scenario::Grow(options) => held::grow(&options)?,
        Scenario::Soak(options) => short::soak(&options)?,
        Scenario::Guard => guard::guard()?,
        Scenario::Side(side) => return side.run(heap),
    };
    println!("{figures}");
    Ok(())
}
