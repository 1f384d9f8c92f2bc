//! One side: so many activities in flight, which sleep while the worker heartbeats.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, sleep};
use workbeat::activity_fn;
use workbeat::prelude::*;

use super::service::{HeldService, declared, worker};
use crate::figures::Figures;
use crate::measure::{HeapCount, Side, cpu, peak, resident};
use crate::sides::{count, runtime};

/// What is held, and for how long it is measured.
#[derive(Debug, Args)]
pub(crate) struct HeldSide {
    /// How many activities.
    #[arg(long)]
    in_flight: u64,
    /// How often each heartbeats.
    #[arg(long, value_parser = humantime::parse_duration, default_value = "10s")]
    interval: Duration,
    /// The heartbeat timeout: a gap longer than this is a missed deadline.
    #[arg(long, value_parser = humantime::parse_duration, default_value = "30s")]
    timeout: Duration,
    /// Over how much time they come; by default over one interval.
    #[arg(long, value_parser = humantime::parse_duration)]
    ramp: Option<Duration>,
    /// How long it is measured, after a round of heartbeats.
    #[arg(long, value_parser = humantime::parse_duration, default_value = "20s")]
    window: Duration,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Each activity has reported progress once.
    #[arg(long)]
    report: bool,
}

/// Counts: bytes that an activity in flight holds, and allocations and instructions a heartbeat.
pub(crate) fn counts() -> crate::Result<Figures> {
    let side = Side::new("held")
        .with("threads", 1)
        .with("interval", "500ms");
    let counted = side.clone().with("in-flight", 2_000).with("window", "2s");
    let counted = counted.counted()?;
    let mut figures = Figures::default()
        .with("held_bytes", counted.get("held_bytes")?)
        .with("heartbeat_allocs", counted.get("heartbeat_allocs")?);
    let side = side.with("in-flight", 500);
    let shorter = side.clone().with("window", "1s");
    let instructions = shorter.instructions_each(&side.with("window", "4s"), "heartbeats")?;
    if let Some(instructions) = instructions {
        figures.add("heartbeat_instructions", instructions);
    }
    Ok(figures)
}

/// Runs one side.
pub(crate) fn held_side(options: &HeldSide, heap: Option<HeapCount>) -> crate::Result<Figures> {
    runtime(options.threads)?.block_on(measure(options, heap))
}

/// Sleeps for longer than any measurement; told to stop, it ends.
async fn lie_in(report: bool, ctx: ActivityContext) -> Result<(), ActivityError> {
    if report {
        ctx.report_text("progress: 42");
    }
    sleep(Duration::from_secs(24 * 60 * 60)).await;
    Ok(())
}

async fn measure(options: &HeldSide, heap: Option<HeapCount>) -> crate::Result<Figures> {
    let tasks = options.in_flight;
    let (interval, timeout) = (options.interval, options.timeout);
    let ramp = options.ramp.unwrap_or(interval);
    let service = Arc::new(HeldService::new(tasks, ramp, interval, timeout));
    let started = Arc::new(AtomicU64::new(0));
    let (counted, report) = (Arc::clone(&started), options.report);
    let body = move |_: String, ctx: ActivityContext| {
        counted.fetch_add(1, Ordering::AcqRel);
        lie_in(report, ctx)
    };
    let activity = activity_fn("hold", "1.0", body).with_options(declared(interval, timeout));
    let worker = worker(&service, tasks)?.activity(activity).build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());
    while service.arrivals.polls() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    let (idle, idle_heap) = (resident()?, heap.map(|heap| heap().bytes));
    service.arrivals.open();
    while started.load(Ordering::Acquire) < tasks {
        sleep(Duration::from_millis(5)).await;
    }
    let held_heap = heap.map(|heap| heap().bytes);
    // In the middle between two rounds where all beat at once.
    sleep(interval * 3 / 2).await;
    let (began, cpu_before, beats_before) = (Instant::now(), cpu(), service.heartbeats());
    let made_before = heap.map(|heap| heap().allocations);
    service.measure();
    sleep(options.window).await;
    let (took, used) = (began.elapsed().as_secs_f64(), cpu() - cpu_before);
    let beats = count(service.heartbeats() - beats_before);
    let made = heap.map(|heap| heap().allocations);
    let used = used.as_secs_f64();
    let (held, most) = (resident()?, peak()?);
    let lateness = service.lateness();
    let mut figures = Figures::default()
        .with("in_flight", count(tasks))
        .with("rss_per_activity", (held - idle) / count(tasks))
        .with("peak_rss_per_activity", (most - idle) / count(tasks))
        .with("idle_rss", idle)
        .with("heartbeats", count(service.heartbeats()))
        .with("heartbeats_per_s", beats / took)
        .with("cpu_cores", used / took)
        .with("heartbeat_us", used * 1e6 / beats)
        .with("missed", count(service.missed()))
        .with("late_p50_ms", quantile(&lateness, 0.5))
        .with("late_p99_ms", quantile(&lateness, 0.99))
        .with("late_p999_ms", quantile(&lateness, 0.999))
        .with("late_max_ms", quantile(&lateness, 1.0));
    if let (Some(idle), Some(held)) = (idle_heap, held_heap) {
        figures.add("held_bytes", (count(held) - count(idle)) / count(tasks));
    }
    if let (Some(before), Some(after)) = (made_before, made) {
        figures.add("heartbeat_allocs", count(after - before) / beats);
    }
    handle.stop();
    let report = running.await??;
    drop(report);
    Ok(figures)
}

/// A quantile of sorted microseconds, in milliseconds.
pub(super) fn quantile(sorted: &[u32], quantile: f64) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank"
    )]
    let rank = ((sorted.len() as f64 * quantile).ceil() as usize).saturating_sub(1);
    sorted
        .get(rank)
        .map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_ranks() {
        let sorted: Vec<u32> = (1..=1000).map(|ms| ms * 1000).collect();
        assert_eq!(quantile(&sorted, 0.5), 500.0);
        assert_eq!(quantile(&sorted, 0.999), 999.0);
        assert_eq!(quantile(&sorted, 1.0), 1000.0);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
