//! `hold`: what an activity in flight takes of memory and of time.

use clap::Args;

use crate::figures::Figures;
use crate::measure::{Side, Spread, in_turn};
use crate::peer::Peer;

/// The options of `hold`.
#[derive(Debug, Args)]
pub(crate) struct Hold {
    /// How many activities are in flight.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000, 1_000_000])]
    in_flight: Vec<u64>,
    /// Each activity has reported progress once, which is kept for the next heartbeat.
    #[arg(long)]
    report: bool,
    /// The peer's driver (benches/peer), to run it in turn.
    #[arg(long, value_name = "PROGRAM")]
    peer: Option<Peer>,
    /// How many activities the peer holds, and the worker beside it.
    #[arg(long, default_value_t = 10_000)]
    peer_in_flight: u64,
    /// How many runs of each beside the peer.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// Runs the scenario.
pub(crate) fn hold(options: &Hold) -> crate::Result<Figures> {
    println!(
        "Activities in flight that sleep, while the worker heartbeats for each every 10 s, with"
    );
    println!(
        "150-byte tokens, on two threads. They come evenly over 10 s; a round of heartbeats later"
    );
    println!(
        "20 s are measured. rss_per_activity is what is resident more than with the idle worker,"
    );
    println!("in bytes; missed counts gaps between two heartbeats of over 30 s.");
    let mut figures = Figures::default();
    for in_flight in &options.in_flight {
        let side = Side::new("held").with("in-flight", in_flight);
        let found = side.switch("report", options.report).run()?;
        println!("  {found}");
        if options.in_flight.len() == 1 {
            figures.add_all(&found, "");
        } else {
            for key in [
                "rss_per_activity",
                "cpu_cores",
                "heartbeats_per_s",
                "missed",
            ] {
                figures.add(format!("{key}_{in_flight}"), found.get(key)?);
            }
        }
    }
    match &options.peer {
        Some(peer) => figures.add_all(&beside_peer(options, peer)?, ""),
        None => {
            println!("The peer is left out: say where its driver is with --peer (benches/peer).")
        }
    }
    Ok(figures)
}

fn beside_peer(options: &Hold, peer: &Peer) -> crate::Result<Figures> {
    println!("{}", Peer::WHAT);
    println!(
        "In turn with it, {} in flight, all at once, heartbeats every 10 s of both:",
        options.peer_in_flight
    );
    let side = Side::new("held").with("in-flight", options.peer_in_flight);
    // The peer's activity must report to heartbeat, so ours does too. Its service hands out tasks as
    // fast as they are polled, and heartbeats that come together cost less; so ours does too.
    let side = side.switch("report", true).with("ramp", "0s");
    let [ours, peer] = in_turn(
        options.rounds,
        [&|| side.run(), &|| peer.hold(options.peer_in_flight, 20)],
    )?;
    let mut figures = Figures::default();
    for (key, of_peer, ratio) in [
        (
            "rss_per_activity",
            "peer_rss_per_activity",
            "peer_rss_ratio",
        ),
        // By the heartbeat: a burst may lie across an end of what is measured.
        ("heartbeat_us", "peer_heartbeat_us", "peer_cpu_ratio"),
        (
            "heartbeats_per_s",
            "peer_heartbeats_per_s",
            "peer_heartbeats_ratio",
        ),
    ] {
        figures.add(format!("{key}_beside_peer"), ours.median(key)?);
        figures.add(of_peer, peer.median(key)?);
        Spread::of_ratios(&peer.of(key)?, &ours.of(key)?).add_to(&mut figures, ratio);
    }
    println!("  {figures}");
    Ok(figures)
}
