//! One side: so many short activities, through the worker, the floor, or the service alone.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use workbeat::Worker;

use super::service::{ShortPort, ShortService};
use super::{SLOTS, echo, floor};
use crate::figures::Figures;
use crate::measure::{HeapCount, cpu, resident};
use crate::sides::{count, runtime};

/// What runs the activities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// The framework's worker.
    Worker,
    /// A loop by hand.
    Floor,
    /// Nothing: the service is called and that is all.
    Service,
}

/// Which side, and how much of it.
#[derive(Debug, Args)]
pub(crate) struct ShortSide {
    #[arg(long)]
    role: Role,
    /// How many activities are measured.
    #[arg(long, default_value_t = 100_000)]
    tasks: u64,
    /// How many are run before.
    #[arg(long, default_value_t = 20_000)]
    warm_up: u64,
    /// One: tokio's current-thread runtime.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// How many loops, or workers.
    #[arg(long, default_value_t = 1)]
    loops: usize,
    /// In how many batches they come; after each, the memory is looked at.
    #[arg(long, default_value_t = 1)]
    batches: u64,
}

/// Runs one side.
pub(crate) fn short_side(options: &ShortSide, heap: Option<HeapCount>) -> crate::Result<Figures> {
    let runtime = runtime(options.threads)?;
    let figures = runtime.block_on(measure(options, heap));
    // Where threads parked, times are of little worth; so it is said how often they did.
    let metrics = runtime.metrics();
    let parks = (0..metrics.num_workers()).map(|worker| metrics.worker_park_count(worker));
    let parks = count(parks.sum()) / count(options.tasks + options.warm_up);
    figures.map(|figures| figures.with("parks_per_task", parks))
}

async fn measure(options: &ShortSide, heap: Option<HeapCount>) -> crate::Result<Figures> {
    let service = Arc::new(ShortService::new());
    let end = CancellationToken::new();
    let mut loops = JoinSet::new();
    let mut workers = Vec::new();
    for _ in 0..options.loops {
        let service = Arc::clone(&service);
        match options.role {
            Role::Floor => loops.spawn(floor::run(service, end.clone())),
            Role::Service => loops.spawn(floor::run_service_alone(service, end.clone())),
            Role::Worker => {
                let worker = Worker::builder(ShortPort(service))
                    .task_list("short")
                    .slots(SLOTS)
                    .activity_fn("echo", "1.0", echo)
                    .build()?;
                workers.push(worker.handle());
                loops.spawn(async move {
                    let ended = worker.run().await;
                    drop(ended);
                })
            }
        };
    }
    service.batch(options.warm_up).await;
    let (began, cpu_before, heap_before) = (Instant::now(), cpu(), heap.map(|heap| heap()));
    let resident_before = resident()?;
    let mut residents = Vec::new();
    for _ in 0..options.batches {
        service.batch(options.tasks / options.batches).await;
        residents.push(resident()?);
    }
    let tasks = count(options.tasks / options.batches * options.batches);
    let mut figures = Figures::default()
        .with("tasks", tasks)
        .with("cpu_us", (cpu() - cpu_before).as_secs_f64() * 1e6 / tasks)
        .with("tasks_per_s", tasks / began.elapsed().as_secs_f64())
        .with("rss_before", resident_before)
        .with("rss", resident()?);
    if let (Some(heap), Some(before)) = (heap, heap_before) {
        let made = heap().allocations - before.allocations;
        figures.add("allocations", count(made) / tasks);
    }
    if options.batches > 1 {
        for (at, resident) in residents.into_iter().enumerate() {
            figures.add(format!("rss_{at}"), resident);
        }
    }
    end.cancel();
    for worker in workers {
        worker.drain();
    }
    while loops.join_next().await.is_some() {}
    Ok(figures)
}
