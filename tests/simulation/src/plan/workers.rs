//! Which workers there are, and how each of them lives.

use std::time::Duration;

use workbeat::worker::UnknownType;

use super::{Draw, LISTS};

/// A worker: the same settings in each of its lives.
#[derive(Clone, Debug)]
pub(crate) struct WorkerPlan {
    pub(crate) lists: Vec<&'static str>,
    pub(crate) slots: usize,
    pub(crate) polls: usize,
    pub(crate) unknown: UnknownType,
    /// Its interval where nothing says one.
    pub(crate) interval: Duration,
    pub(crate) drain_deadline: Duration,
    pub(crate) registers: bool,
    pub(crate) lives: Vec<LifePlan>,
}

/// One run of a worker, from its start to its end.
#[derive(Clone, Debug)]
pub(crate) struct LifePlan {
    pub(crate) seed: u64,
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    pub(crate) end: LifeEnd,
    pub(crate) pauses: Vec<Pause>,
}

/// The budget of heartbeats.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BudgetPlan {
    /// Each worker has its own, which learns.
    Own,
    /// All share one, which learns.
    Learning,
    /// All share one of so many calls a second.
    Rate(f64),
}

pub(crate) fn budget(draw: &mut Draw) -> BudgetPlan {
    let rate = draw.share(4.0..=300.0);
    draw.one(&[
        BudgetPlan::Own,
        BudgetPlan::Own,
        BudgetPlan::Learning,
        BudgetPlan::Rate(rate),
    ])
}

/// How a life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LifeEnd {
    /// It drains.
    Drain,
    /// It drains, and is told to stop at once this much later.
    DrainThenStop(Duration),
    /// It stops at once.
    Stop,
    /// The future of its run is dropped.
    Drop,
    /// It stays until everything has come to its end, and drains then.
    Last,
}

/// A time in which a worker is paused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    pub(crate) from: Duration,
    pub(crate) until: Duration,
}

pub(crate) fn workers(draw: &mut Draw, active: Duration) -> Vec<WorkerPlan> {
    let count = draw.one(&[1, 1, 2, 3]);
    let mut workers: Vec<_> = (0..count).map(|_| worker(draw, active)).collect();
    workers.push(last(draw, active));
    workers
}

fn worker(draw: &mut Draw, active: Duration) -> WorkerPlan {
    let lists = draw.some(&LISTS);
    let slots = draw.magnitude(lists.len() as u64..=400) as usize;
    let ends: &[LifeEnd] = &draw.some(&[
        LifeEnd::Drain,
        LifeEnd::DrainThenStop(Duration::ZERO),
        LifeEnd::Stop,
        LifeEnd::Drop,
    ]);
    let mut lives = Vec::new();
    let active = active.as_millis() as u64;
    let mut from = draw.magnitude(1..=20_000).min(active / 2);
    for _ in 0..draw.one(&[1, 1, 2, 4, 8]) {
        if from >= active {
            break;
        }
        let until = (from + draw.magnitude(500..=active)).min(active);
        lives.push(life(draw, ends, from, until));
        from = until + draw.magnitude(1..=20_000);
    }
    WorkerPlan {
        lists,
        slots,
        polls: draw.one(&[1, 2, 2, 5]),
        unknown: draw.one(&[
            UnknownType::Fail,
            UnknownType::Fail,
            UnknownType::LeaveToOthers,
        ]),
        interval: Duration::from_millis(draw.one(&[10_000, 10_000, 3_000, 700, 30_000])),
        drain_deadline: Duration::from_millis(draw.one(&[0, 40, 500, 3_000, 10_000, 75_000])),
        registers: draw.chance(0.6),
        lives,
    }
}

fn life(draw: &mut Draw, ends: &[LifeEnd], from: u64, until: u64) -> LifePlan {
    let end = match draw.one(ends) {
        LifeEnd::DrainThenStop(_) => {
            LifeEnd::DrainThenStop(Duration::from_millis(draw.magnitude(1..=8_000)))
        }
        end => end,
    };
    let mut pauses = Vec::new();
    if draw.chance(0.3) {
        for _ in 0..draw.within(1..=4) {
            let at = draw.within(from..=until);
            pauses.push(Pause {
                from: Duration::from_millis(at),
                until: Duration::from_millis(at + draw.magnitude(10..=30_000)),
            });
        }
    }
    LifePlan {
        seed: draw.seed(),
        from: Duration::from_millis(from),
        until: Duration::from_millis(until),
        end,
        pauses,
    }
}

/// The one that is left when all is calm, and knows every list and every type.
fn last(draw: &mut Draw, active: Duration) -> WorkerPlan {
    WorkerPlan {
        lists: LISTS.to_vec(),
        slots: 500,
        polls: 3,
        unknown: UnknownType::Fail,
        interval: Duration::from_secs(10),
        drain_deadline: Duration::from_secs(90),
        registers: true,
        lives: vec![LifePlan {
            seed: draw.seed(),
            from: active,
            until: active,
            end: LifeEnd::Last,
            pauses: Vec::new(),
        }],
    }
}
