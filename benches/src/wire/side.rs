//! One side: so many short activities over the SDK.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::{Args, ValueEnum};
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use workbeat::{ActivityError, Worker};
use workbeat_swf::SwfService;

use super::by_hand;
use crate::figures::Figures;
use crate::measure::cpu;
use crate::sdk::client;
use crate::sides::runtime;

/// The domain of the canned answers.
pub(super) const DOMAIN: &str = "bench";

/// The task list of the canned answers.
pub(super) const LIST: &str = "wire";

/// What runs the activities.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    /// The framework's worker.
    Worker,
    /// A loop over the SDK.
    ByHand,
}

/// Which side, and how much of it.
#[derive(Debug, Args)]
pub(crate) struct WireSide {
    #[arg(long)]
    role: Role,
    #[arg(long)]
    url: String,
    #[arg(long, default_value_t = 10_000)]
    tasks: u64,
    #[arg(long, default_value_t = 1_000)]
    warm_up: u64,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    #[arg(long, default_value_t = 64)]
    slots: usize,
    #[arg(long, default_value_t = 4)]
    polls: usize,
}

/// Counts activities, and tells when there were enough.
#[derive(Clone, Debug, Default)]
pub(super) struct Count(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    ran: AtomicU64,
    wanted: AtomicU64,
    reached: Notify,
}

impl Count {
    fn one(&self) {
        let ran = self.0.ran.fetch_add(1, Ordering::AcqRel) + 1;
        if ran == self.0.wanted.load(Ordering::Acquire) {
            self.0.reached.notify_one();
        }
    }

    fn want(&self, activities: u64) {
        self.0.wanted.store(activities, Ordering::Release);
    }

    async fn reached(&self) {
        while self.0.ran.load(Ordering::Acquire) < self.0.wanted.load(Ordering::Acquire) {
            self.0.reached.notified().await;
        }
    }
}

/// The activity: it gives back what it was given.
pub(super) async fn echo(input: String, count: &Count) -> Result<String, ActivityError> {
    count.one();
    Ok(input)
}

/// Runs one side. The server has tasks without end; what runs when there were enough is left.
pub(crate) fn wire_side(options: &WireSide) -> crate::Result<Figures> {
    let runtime = runtime(options.threads)?;
    let figures = runtime.block_on(measure(options));
    runtime.shutdown_background();
    figures
}

async fn measure(options: &WireSide) -> crate::Result<Figures> {
    let count = Count::default();
    // One is run, or there would be nothing to wait for.
    let warm_up = options.warm_up.max(1);
    count.want(warm_up);
    let client = client(&options.url);
    match options.role {
        Role::Worker => {
            let counted = count.clone();
            let body = move |input: String| {
                let count = counted.clone();
                async move { echo(input, &count).await }
            };
            let worker = Worker::builder(SwfService::new(client, DOMAIN))
                .task_list(LIST)
                .slots(options.slots)
                .max_concurrent_polls(options.polls)
                .register_types(false)
                .activity_fn("echo", "1.0", body)
                .build()?;
            tokio::spawn(worker.run());
        }
        Role::ByHand => {
            let slots = Arc::new(Semaphore::new(options.slots));
            for _ in 0..options.polls {
                let polling = by_hand::poll(client.clone(), Arc::clone(&slots), count.clone());
                tokio::spawn(async {
                    if let Err(error) = polling.await {
                        eprintln!("bench: a poll failed: {error}");
                    }
                });
            }
        }
    }
    count.reached().await;
    let (began, cpu_before) = (Instant::now(), cpu());
    count.want(warm_up + options.tasks);
    count.reached().await;
    let tasks = crate::sides::count(options.tasks);
    Ok(Figures::default()
        .with("tasks_per_s", tasks / began.elapsed().as_secs_f64())
        .with("cpu_us", (cpu() - cpu_before).as_secs_f64() * 1e6 / tasks))
}
