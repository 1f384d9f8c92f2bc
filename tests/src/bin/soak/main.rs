//! Millions of short activities through one worker: its memory must stay flat.
//!
//! `cargo run --release -p workbeat-tests --bin soak -- --activities 2000000`
//!
//! The service around the worker keeps nothing of a task once it is over. With `--http` the worker
//! calls it through the adapter and the AWS SDK.

#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

mod memory;
mod service;

use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Parser;
use tokio::time::{Instant, sleep};
use workbeat::prelude::*;
use workbeat::worker::OutcomeCounts;
use workbeat::{ActivityService, Worker, activity_fn};
use workbeat_swf::SwfService;
use workbeat_tests::{Wire, sdk_client};

use service::{Endless, Kind};

/// How many lines it prints on its way.
const LINES: u64 = 20;

/// Runs millions of short activities and watches the memory of the process.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many activities.
    #[arg(long, default_value_t = 2_000_000)]
    activities: u64,
    /// After how many the memory is measured first; a tenth by default.
    #[arg(long)]
    warm_up: Option<u64>,
    /// By how many per cent it may have grown at the end.
    #[arg(long, default_value_t = 5.0)]
    tolerance: f64,
    /// How many run at once.
    #[arg(long, default_value_t = 200)]
    slots: usize,
    /// Over HTTP, through the AWS SDK.
    #[arg(long)]
    http: bool,
    /// Loses so many bytes with each activity, to see that this is noticed.
    #[arg(long, default_value_t = 0)]
    leak: usize,
}

/// Does what its input says, so that everything in the worker has its turn.
async fn act(input: String, ctx: ActivityContext) -> Result<String, ActivityError> {
    match Kind::of(ctx.activity_id()) {
        Kind::Complete => {}
        Kind::Report => ctx.report(&input),
        Kind::Fail => return Err(ActivityError::failed("out of paper").with_details(input)),
        Kind::Panic => panic!("as it should"),
        Kind::HandOn => return Err(ActivityError::handed_on()),
        Kind::Block => return Ok(ctx.run_blocking(move |_| input).await),
        Kind::Linger => {
            ctx.stopped().await;
            return Err(ActivityError::canceled("stopped"));
        }
    }
    Ok(input)
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    // One activity in a hundred panics, and nobody wants to read that.
    std::panic::set_hook(Box::new(|_| {}));
    let endless = Arc::new(Endless::new(arguments.activities));
    if !arguments.http {
        return soak(&arguments, Arc::clone(&endless)).await;
    }
    let answers = Arc::clone(&endless);
    let wire = Wire::forgetful(move |request| answers.reply(request)).await;
    let service = SwfService::new(sdk_client(wire.url()), "soak");
    soak(&arguments, service).await
}

async fn soak(
    arguments: &Arguments,
    service: impl ActivityService,
) -> Result<ExitCode, Box<dyn Error>> {
    let lost = Arc::<Mutex<Vec<Vec<u8>>>>::default();
    let leak = arguments.leak;
    let activity = activity_fn("soak", "1.0", move |input: String, ctx: ActivityContext| {
        if leak > 0 {
            let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
            lost.push(vec![1; leak]);
        }
        act(input, ctx)
    });
    let options = ActivityOptions::new().heartbeat_interval(Duration::from_millis(20));
    let worker = Worker::builder(service)
        .task_list("soak")
        .slots(arguments.slots)
        .max_concurrent_polls(8)
        .register_types(false)
        .activity(activity.with_options(options))
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    let began = Instant::now();
    let warm_up = arguments.warm_up.unwrap_or(arguments.activities / 10);
    let (mut warm, mut next_line) = (None, 0);
    loop {
        let ended = ended(&handle.status().outcomes);
        if warm.is_none() && ended >= warm_up {
            warm = Some(memory::resident()?);
        }
        if ended >= next_line {
            let seconds = began.elapsed().as_secs();
            println!(
                "seconds={seconds} activities={ended} rss={}",
                memory::resident()?
            );
            next_line += (arguments.activities / LINES).max(1);
        }
        if ended >= arguments.activities || running.is_finished() {
            break;
        }
        sleep(Duration::from_millis(5)).await;
    }
    let end = memory::resident()?;
    handle.drain();
    let report = running.await??;
    println!("{report}");
    let warm = warm.unwrap_or(end);
    #[allow(clippy::cast_precision_loss, reason = "a percentage of some megabytes")]
    let growth = (end as f64 / warm as f64 - 1.0) * 100.0;
    let ended = ended(&report.outcomes);
    println!("activities={ended} rss_after_warm_up={warm} rss_end={end} growth={growth:.1}%");
    let whole = ended == arguments.activities && report.is_clean();
    Ok(if whole && growth <= arguments.tolerance {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn ended(outcomes: &OutcomeCounts) -> u64 {
    outcomes.completed + outcomes.failed + outcomes.canceled + outcomes.closed + outcomes.handed_on
}
