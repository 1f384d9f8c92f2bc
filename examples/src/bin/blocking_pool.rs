//! CPU-bound work on tokio's blocking pool: it reports progress, and ends when it is cancelled.
//! The runtime has one thread, and the heartbeats go on beside the computing all the same.
//!
//! ```sh
//! cargo run --release --package workbeat-examples --bin blocking_pool
//! ```

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

use std::error::Error;

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use workbeat::prelude::*;
use workbeat_local::{LocalService, StartActivity};

/// How many numbers are looked at between two looks at the token.
const STEP: u64 = 1_000;

/// What goes out with the heartbeats.
#[derive(Serialize, Deserialize)]
struct Progress {
    looked_at: u64,
    primes: u64,
}

/// Counts the primes below a number.
///
/// `blocking` puts it on tokio's blocking pool. In an async activity, `ctx.run_blocking` does the
/// same for a part of the work. A plain `tokio::task::spawn_blocking` would compute as well, but
/// the worker would not know of it: a drain could not wait for it, nor say that it still runs.
#[activity(heartbeat_timeout = "30s", heartbeat_interval = "50ms", blocking)]
fn count_primes(below: u64, ctx: &ActivityContext) -> Result<u64, ActivityError> {
    let mut primes = 0;
    let mut looked_at = 0;
    while looked_at < below {
        // Nothing can stop this thread from outside: it has to look. Between two steps, so that
        // it is not seen in the time that the work takes.
        if ctx.is_stopped() {
            let far = format!("stopped at {looked_at}, after {primes} primes");
            return Err(ActivityError::canceled(far));
        }
        let end = below.min(looked_at + STEP);
        primes += (looked_at..end).filter(|&number| is_prime(number)).count() as u64;
        looked_at = end;
        ctx.report(Progress { looked_at, primes }); // sends nothing: the next heartbeat does
    }
    Ok(primes)
}

fn is_prime(number: u64) -> bool {
    let mut divisors = (2..).take_while(|divisor| divisor * divisor <= number);
    number > 1 && !divisors.any(|divisor| number.is_multiple_of(divisor))
}

// One thread for everything that is async: the service, the worker, its heartbeats, this program.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("numbers")
        .activity(CountPrimes)
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());

    println!("1. Counting primes: it completes");
    show(&service, 1_000_000, None).await?;
    println!("\n2. Too many numbers for any patience: cancelled after 3 heartbeats");
    show(&service, u64::MAX, Some(3)).await?;

    handle.drain();
    println!("\nThe worker: {}", running.await??);
    Ok(())
}

/// Starts the activity and shows what the service hears of it.
async fn show(
    service: &LocalService,
    below: u64,
    cancel_after: Option<usize>,
) -> Result<(), Box<dyn Error>> {
    let start = StartActivity::of(&CountPrimes, &below)?.task_list("numbers");
    let activity = service.start(start)?;
    let mut heartbeats = activity.heartbeats().enumerate();
    while let Some((before, heartbeat)) = heartbeats.next().await {
        let number = before + 1;
        if let Some(progress) = heartbeat.details_as::<Progress>()? {
            let Progress { looked_at, primes } = progress;
            println!("  heartbeat {number}: {primes} primes among the first {looked_at}");
        }
        if heartbeat.cancel_requested {
            println!("  heartbeat {number} was answered with the request: the token fires");
        }
        if cancel_after == Some(number) {
            println!("  asking the service to cancel it");
            activity.request_cancel()?;
        }
    }
    let outcome = activity.outcome().await;
    match outcome.details() {
        Some(details) => println!("  it {outcome}: {details}"),
        None => println!("  it {outcome}: {} primes", outcome.result::<u64>()?),
    }
    Ok(())
}
