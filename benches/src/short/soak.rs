//! `soak`: does memory stay flat over millions of short activities?

use clap::Args;

use crate::figures::Figures;
use crate::measure::Side;
use crate::peer::Peer;
use crate::sides::count;

/// In how many parts the memory is looked at.
const BATCHES: u64 = 10;

/// The options of `soak`.
#[derive(Debug, Args)]
pub(crate) struct Soak {
    /// How many activities.
    #[arg(long, default_value_t = 5_000_000)]
    tasks: u64,
    /// The peer's driver (benches/peer), to look at its memory too.
    #[arg(long, value_name = "PROGRAM")]
    peer: Option<Peer>,
}

/// Runs the scenario.
pub(crate) fn soak(options: &Soak) -> crate::Result<Figures> {
    let warm_up = options.tasks / BATCHES;
    println!(
        "{} short activities through one worker on two threads, after {warm_up} that warm it",
        options.tasks
    );
    println!("up; what is resident after each tenth, in bytes.");
    let side = Side::new("short").with("role", "worker").with("threads", 2);
    let side = side.with("tasks", options.tasks).with("batches", BATCHES);
    let found = side.with("warm-up", warm_up).run()?;
    let (before, after) = (found.get("rss_before")?, found.get("rss")?);
    println!("  {found}");
    let mut figures = Figures::default()
        .with("rss_after_warm_up", before)
        .with("rss_end", after)
        .with("growth_percent", (after / before - 1.0) * 100.0)
        .with(
            "growth_per_activity",
            (after - before) / found.get("tasks")?,
        );
    match &options.peer {
        Some(peer) => {
            let (few, many) = (20_000, 100_000);
            println!("{}", Peer::WHAT);
            println!("Its memory after {many} activities less that after {few}.");
            let (less, more) = (peer.noop("sdk", few, 2)?, peer.noop("sdk", many, 2)?);
            let growth = (more.get("rss")? - less.get("rss")?) / count(many - few);
            figures.add("peer_growth_per_activity", growth);
        }
        None => {
            println!("The peer is left out: say where its driver is with --peer (benches/peer).")
        }
    }
    Ok(figures)
}
