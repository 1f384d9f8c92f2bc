//! Many seeds, on several threads, in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::{Outcome, simulate};

/// Runs `seeds` on `threads` threads and hands the outcomes to `seen`, in the order of the
/// seeds.
pub fn simulate_all(seeds: Range<u64>, threads: usize, mut seen: impl FnMut(Outcome)) {
    let next = AtomicU64::new(seeds.start);
    let (sender, outcomes) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let (sender, next, end) = (sender.clone(), &next, seeds.end);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || sender.send(simulate(seed)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = seeds.start;
        for outcome in outcomes {
            waiting.insert(outcome.seed, outcome);
            while let Some(outcome) = waiting.remove(&due) {
                seen(outcome);
                due += 1;
            }
        }
    });
}
