//! `wire`: the worker over the AWS SDK beside a loop over the SDK.

mod by_hand;
mod side;
mod stub;

pub(crate) use side::{WireSide, wire_side};
pub(crate) use stub::stub;

use clap::Args;

use crate::figures::Figures;
use crate::measure::{Side, Spread, in_turn};
use crate::sdk::Server;

/// The options of `wire`.
#[derive(Debug, Args)]
pub(crate) struct Wire {
    /// How many activities a run measures.
    #[arg(long, default_value_t = 10_000)]
    tasks: u64,
    /// How many runs of each side.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// How many activities run at once.
    #[arg(long, default_value_t = 64)]
    slots: usize,
    /// How many polls are under way at once.
    #[arg(long, default_value_t = 8)]
    polls: usize,
}

/// Runs the scenario.
pub(crate) fn wire(options: &Wire) -> crate::Result<Figures> {
    let Wire {
        tasks,
        rounds,
        slots,
        polls,
    } = options;
    println!(
        "Short activities over aws-sdk-swf and loopback, from a server of canned answers in a process"
    );
    println!(
        "of its own: the worker with its adapter beside a loop over the SDK by hand, {polls} polls and"
    );
    println!(
        "{slots} activities at a time of both; {tasks} tasks a run, {rounds} runs of each in turn, two threads."
    );
    let server = Server::side("stub")?;
    let side = |role: &str| {
        let side = Side::new("wire")
            .with("role", role)
            .with("url", server.url());
        side.with("slots", slots).with("polls", polls)
    };
    let (worker, by_hand) = (side("worker"), side("by-hand"));
    let timed = |side: &Side| side.clone().with("tasks", tasks).with("threads", 2).run();
    let [ours, others] = in_turn(*rounds, [&|| timed(&worker), &|| timed(&by_hand)])?;
    let mut figures = Figures::default();
    for (key, name) in [("tasks_per_s", "throughput_ratio"), ("cpu_us", "cpu_ratio")] {
        let (ours, others) = (ours.of(key)?, others.of(key)?);
        Spread::of_ratios(&ours, &others).add_to(&mut figures, name);
        figures.add(format!("worker_{key}"), Spread::new(ours).median);
        figures.add(format!("by_hand_{key}"), Spread::new(others).median);
    }
    println!("  {figures}");
    println!("Instructions are counted by callgrind, on one thread: 1,000 tasks less 200.");
    match (
        worker.instructions(200, 1_000)?,
        by_hand.instructions(200, 1_000)?,
    ) {
        (Some(ours), Some(others)) => {
            figures.add("instructions_ratio", ours / others);
            figures.add("worker_instructions", ours);
            figures.add("by_hand_instructions", others);
        }
        _ => println!("There is no valgrind, so instructions are left out."),
    }
    Ok(figures)
}
