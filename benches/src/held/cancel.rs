//! `cancel`: how soon a cancellation is seen, and how soon its acknowledgement is accepted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep, sleep_until};
use workbeat::activity_fn;
use workbeat::prelude::*;

use super::service::{HeldService, declared, worker};
use super::side::quantile;
use crate::figures::Figures;
use crate::measure::Side;
use crate::sides::{count, runtime};

/// The options of `cancel`.
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// How many activities are in flight.
    #[arg(long, default_value_t = 10_000)]
    in_flight: u64,
    /// How many of them are cancelled.
    #[arg(long, default_value_t = 5_000)]
    cancelled: u64,
}

/// Which activities, and how many of them are cancelled.
#[derive(Debug, Args)]
pub(crate) struct CancelSide {
    #[arg(long)]
    in_flight: u64,
    #[arg(long)]
    cancelled: u64,
    #[arg(long, value_parser = humantime::parse_duration, default_value = "10s")]
    interval: Duration,
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

/// Runs the scenario.
pub(crate) fn cancel(options: &Cancel) -> crate::Result<Figures> {
    let Cancel {
        in_flight,
        cancelled,
    } = options;
    println!(
        "{in_flight} activities in flight, heartbeats every 10 s; {cancelled} of them are asked to be cancelled,"
    );
    println!(
        "evenly over two intervals. seen: from the heartbeat's answer to the activity seeing its"
    );
    println!(
        "token. accepted: from the request to the accepted outcome, which needs a heartbeat first."
    );
    let side = Side::new("cancel").with("in-flight", in_flight);
    let found = side.with("cancelled", cancelled).run()?;
    Ok(found)
}

/// Runs one side.
pub(crate) fn cancel_side(options: &CancelSide) -> crate::Result<Figures> {
    runtime(options.threads)?.block_on(measure(options))
}

/// Waits for its token, notes when it saw it, and acknowledges.
async fn linger(service: Arc<HeldService>, ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.stopped().await;
    let at = ctx.activity_id().parse().unwrap_or(usize::MAX);
    if let Some(cancellation) = service.cancellations.get(at) {
        cancellation.seen.store(service.now(), Ordering::Release);
    }
    Err(ActivityError::canceled("stopped"))
}

async fn measure(options: &CancelSide) -> crate::Result<Figures> {
    let (tasks, interval) = (options.in_flight, options.interval);
    let timeout = interval * 3;
    let service = HeldService::new(tasks, interval, interval, timeout).with_cancellations();
    let service = Arc::new(service);
    let started = Arc::new(AtomicU64::new(0));
    let (counted, noted) = (Arc::clone(&started), Arc::clone(&service));
    let body = move |_: String, ctx: ActivityContext| {
        counted.fetch_add(1, Ordering::AcqRel);
        linger(Arc::clone(&noted), ctx)
    };
    let activity = activity_fn("hold", "1.0", body).with_options(declared(interval, timeout));
    let worker = worker(&service, tasks)?.activity(activity).build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    service.arrivals.open();
    while started.load(Ordering::Acquire) < tasks {
        sleep(Duration::from_millis(5)).await;
    }
    // Not in the order in which they came: that would meet each at the same time of its interval.
    let stride = usize::try_from(tasks)? / usize::try_from(options.cancelled)?.max(1);
    let began = Instant::now();
    for turn in 0..options.cancelled {
        let part = count(turn) / count(options.cancelled);
        sleep_until(began + (interval * 2).mul_f64(part)).await;
        let scattered = turn.wrapping_mul(7_919) % options.cancelled;
        let at = usize::try_from(scattered)? * stride;
        if let Some(cancellation) = service.cancellations.get(at) {
            cancellation.asked.store(service.now(), Ordering::Release);
        }
    }
    let limit = Instant::now() + timeout;
    while service.canceled() < options.cancelled && Instant::now() < limit {
        // A lost notification only makes it look again.
        let _ = tokio::time::timeout(Duration::from_millis(100), service.ended.notified()).await;
    }
    let figures = figures(&service, interval);
    handle.stop();
    let report = running.await??;
    drop(report);
    Ok(figures)
}

fn figures(service: &HeldService, interval: Duration) -> Figures {
    let (mut seen, mut accepted) = (Vec::new(), Vec::new());
    for cancellation in &service.cancellations {
        let at = |moment: &AtomicU64| moment.load(Ordering::Acquire);
        if at(&cancellation.accepted) != 0 {
            let micros = |from, to: u64| u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX);
            seen.push(micros(at(&cancellation.told), at(&cancellation.seen)));
            accepted.push(micros(at(&cancellation.asked), at(&cancellation.accepted)));
        }
    }
    seen.sort_unstable();
    accepted.sort_unstable();
    Figures::default()
        .with("cancelled", count(accepted.len() as u64))
        .with("seen_p50_ms", quantile(&seen, 0.5))
        .with("p99_ms", quantile(&seen, 0.99))
        .with("seen_max_ms", quantile(&seen, 1.0))
        .with("accepted_p50_ms", quantile(&accepted, 0.5))
        .with("accepted_p99_ms", quantile(&accepted, 0.99))
        .with("accepted_max_ms", quantile(&accepted, 1.0))
        .with("interval_ms", interval.as_secs_f64() * 1000.0)
        .with("missed", count(service.missed()))
}
