//! Tasks that come evenly over some time, because no service hands out thousands at once.

use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// So many tasks, the first when it is opened.
#[derive(Debug)]
pub(super) struct Arrivals {
    tasks: u64,
    over: Duration,
    given: AtomicU64,
    began: OnceLock<Instant>,
    opened: Notify,
    waiting: AtomicU64,
}

impl Arrivals {
    pub(super) fn new(tasks: u64, over: Duration) -> Self {
        Self {
            tasks,
            over,
            given: AtomicU64::new(0),
            began: OnceLock::new(),
            opened: Notify::new(),
            waiting: AtomicU64::new(0),
        }
    }

    /// How many polls have come so far.
    pub(super) fn polls(&self) -> u64 {
        self.waiting.load(Ordering::Acquire)
    }

    pub(super) fn open(&self) {
        // Opened once.
        let _ = self.began.set(Instant::now());
        self.opened.notify_waiters();
    }

    /// The number of the next task, when it is time; none when there are no more.
    pub(super) async fn next(&self) -> Option<u64> {
        let began = self.began().await;
        let number = self.given.fetch_add(1, Ordering::AcqRel);
        if number >= self.tasks {
            return None;
        }
        let part = crate::sides::count(number) / crate::sides::count(self.tasks);
        let due = began + self.over.mul_f64(part);
        if due > Instant::now() {
            sleep_until(due).await;
        }
        Some(number)
    }

    async fn began(&self) -> Instant {
        if let Some(began) = self.began.get() {
            return *began;
        }
        self.waiting.fetch_add(1, Ordering::AcqRel);
        loop {
            let mut opened = pin!(self.opened.notified());
            opened.as_mut().enable();
            if let Some(began) = self.began.get() {
                return *began;
            }
            opened.await;
        }
    }
}
