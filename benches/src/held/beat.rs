//! `beat`: how late heartbeats are.

use clap::Args;

use crate::figures::Figures;
use crate::measure::Side;

/// The options of `beat`.
#[derive(Debug, Args)]
pub(crate) struct Beat {
    /// How many activities are in flight.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000])]
    in_flight: Vec<u64>,
    /// How long each is measured.
    #[arg(long, default_value = "60s")]
    window: String,
    /// Over how much time they come; 0s is all at once.
    #[arg(long, default_value = "10s")]
    ramp: String,
}

/// Runs the scenario.
pub(crate) fn beat(options: &Beat) -> crate::Result<Figures> {
    println!(
        "Heartbeats every 10 s for activities that came over {}: by how much the service heard",
        options.ramp
    );
    println!("of a task later than 10 s after it had heard of it before; missed is over 30 s.");
    let mut figures = Figures::default();
    for in_flight in &options.in_flight {
        let side = Side::new("held").with("in-flight", in_flight);
        let side = side
            .with("window", &options.window)
            .with("ramp", &options.ramp);
        let found = side.run()?;
        println!("  {found}");
        for key in [
            "late_p50_ms",
            "late_p99_ms",
            "late_p999_ms",
            "late_max_ms",
            "missed",
        ] {
            figures.add(format!("{key}_{in_flight}"), found.get(key)?);
        }
    }
    Ok(figures)
}
