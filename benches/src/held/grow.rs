//! `grow`: what one heartbeat costs as more is in flight.

use clap::Args;

use crate::figures::Figures;
use crate::measure::Side;

/// The options of `grow`.
#[derive(Debug, Args)]
pub(crate) struct Grow {
    /// How many activities are in flight.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000, 1_000_000])]
    in_flight: Vec<u64>,
    /// How long each is measured.
    #[arg(long, default_value = "20s")]
    window: String,
}

/// Runs the scenario.
pub(crate) fn grow(options: &Grow) -> crate::Result<Figures> {
    println!("All processor time of a worker whose activities sleep, on two threads, by how many");
    println!("heartbeats it sent in it, one each 10 s; the service notes each and does no more.");
    let mut figures = Figures::default();
    let mut costs = Vec::new();
    for in_flight in &options.in_flight {
        let side = Side::new("held").with("in-flight", in_flight);
        let found = side.with("window", &options.window).run()?;
        println!("  {found}");
        let cost = found.get("heartbeat_us")?;
        figures.add(format!("heartbeat_us_{in_flight}"), cost);
        costs.push(cost);
    }
    if let [first, .., last] = costs.as_slice() {
        figures.add("growth", last / first);
    }
    Ok(figures)
}
