//! Runs many seeds, and says of each that fails what is wrong and how to repeat it.

use std::num::NonZero;
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use workbeat_simulation::{Check, Outcome, Tally, simulate_all};

/// What the last lines mean.
const WORDS: &str = "\
The last lines count, over all seeds:
  lives        runs of workers
  calls        calls that they made
  spoilt       calls that the network did something to
  heartbeats   calls that were heartbeats
  accepted     tasks of which the service accepted an outcome
  closed       tasks of which the worker was told that they are closed
  reported     tasks in a drain report, as unanswered
  dropped      tasks that went with a run whose future was dropped
  handed_on    tasks that were handed on
  phantoms     tasks that were lost with the answer to a poll
  excused      heartbeat timeouts that the network is to blame for
  let_go       heartbeat timeouts of tasks that the budget had let go
  tasks        tasks that reached a worker
It exits with 1 if any of these is not 0:
  violations   of all checks but the next two
  unaccounted  tasks that none of the above accounts for
  missed       heartbeat timeouts that nothing excuses";

/// The real worker against the real engine, through a network that does its worst.
#[derive(Debug, Parser)]
#[command(after_help = WORDS)]
struct Arguments {
    /// How many seeds to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first_seed: u64,
    /// On how many threads. By default as many as the machine has cores.
    #[arg(long)]
    threads: Option<usize>,
    /// Print the timeline of every seed, and not only of the first that fails.
    #[arg(long)]
    timeline: bool,
}

#[derive(Default)]
struct Sum {
    seeds: u64,
    violations: u64,
    unaccounted: u64,
    missed: u64,
    failing: u64,
    tally: Tally,
}

#[expect(clippy::print_stdout, reason = "that is what the program is for")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = arguments.threads.unwrap_or(cores);
    let end = arguments.first_seed.saturating_add(arguments.seeds);
    let mut sum = Sum::default();
    simulate_all(arguments.first_seed..end, threads, |outcome| {
        let failed = sum.add(&outcome);
        if arguments.timeline || failed && sum.failing == 1 {
            print!("{}", outcome.timeline());
        }
        if failed {
            let seed = outcome.seed;
            println!("seed {seed} fails; repeat it with: simulate --seeds 1 --first-seed {seed}");
            for violation in &outcome.verdict.violations {
                println!("  {violation}");
            }
        }
    });
    let Tally {
        tasks,
        phantoms,
        accepted,
        closed,
        reported,
        dropped,
        handed_on,
        calls,
        spoilt,
        heartbeats,
        excused,
        let_go,
        cancellations,
        lives,
        ..
    } = sum.tally;
    println!("lives={lives} calls={calls} spoilt={spoilt} heartbeats={heartbeats}");
    println!(
        "accepted={accepted} closed={closed} reported={reported} dropped={dropped} handed_on={handed_on}"
    );
    println!("phantoms={phantoms} cancellations={cancellations} excused={excused} let_go={let_go}");
    println!(
        "seeds={} tasks={tasks} violations={} unaccounted={} missed={}",
        sum.seeds, sum.violations, sum.unaccounted, sum.missed
    );
    ExitCode::from(u8::from(sum.failing > 0))
}

impl Sum {
    /// Counts an outcome, and says whether it is a failure.
    fn add(&mut self, outcome: &Outcome) -> bool {
        self.seeds += 1;
        self.tally.add(&outcome.verdict.tally);
        for violation in &outcome.verdict.violations {
            match violation.check {
                Check::Unaccounted => self.unaccounted += 1,
                Check::Missed => self.missed += 1,
                _ => self.violations += 1,
            }
        }
        let failed = !outcome.verdict.violations.is_empty();
        self.failing += u64::from(failed);
        failed
    }
}
