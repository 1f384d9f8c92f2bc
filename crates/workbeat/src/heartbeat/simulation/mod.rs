//! Schedules and budgets against a service with a token bucket, without a clock or a runtime.

mod faults;
mod fleet;
mod leaving;
mod mixes;
mod overload;
mod recovery;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::schedule::{Beaten, Due, Schedule};
use super::seat::Seat;
use super::{HeartbeatBudget, Pace};
use crate::service::Timeout;
use crate::task::TaskKey;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What happens to a call on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Arrives,
    /// It never arrives, and the caller learns that at once.
    Refused,
    /// It never arrives, and nobody answers.
    Hangs,
    /// It is throttled, however few calls there are.
    Throttled,
}

/// Of a thousand calls, how many meet which fate.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    refused: u64,
    hanging: u64,
    throttled: u64,
}

impl Faults {
    fn draw(self, random: &mut fastrand::Rng) -> Fate {
        let drawn = random.u64(0..1_000);
        let refused = self.refused;
        let hanging = refused + self.hanging;
        match drawn {
            _ if drawn < refused => Fate::Refused,
            _ if drawn < hanging => Fate::Hangs,
            _ if drawn < hanging + self.throttled => Fate::Throttled,
            _ => Fate::Arrives,
        }
    }
}

/// A task as the service sees it.
#[derive(Clone, Copy, Debug)]
struct Served {
    timeout: Option<Duration>,
    alive: Instant,
    beats: u32,
    let_go: bool,
    /// The worker presumed that it is lost.
    presumed: bool,
}

type Name = (usize, Seat);

/// A service, and the workers' schedules that call it.
struct Stage {
    start: Instant,
    now: Instant,
    schedules: Vec<Schedule<()>>,
    /// Of which worker something happened. All of them, where they share a budget.
    touched: Vec<usize>,
    /// When each worker wakes.
    wakes: Vec<Option<Instant>>,
    shared: bool,
    tasks: BTreeMap<Name, Served>,
    lost: BTreeSet<Name>,
    /// Answers on their way, by when they come.
    answers: BTreeMap<(Instant, u64), (Name, Beaten)>,
    calls: u64,
    throttled: u64,
    keys: u64,
    /// There and back.
    latency: Duration,
    faults: Faults,
    random: fastrand::Rng,
    bucket: Option<Bucket>,
    pace: fn(Duration) -> Pace,
}

/// A token bucket, as services have.
struct Bucket {
    depth: f64,
    refill: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn takes(&mut self, now: Instant) -> bool {
        let past = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = self.depth.min(self.tokens + past * self.refill);
        self.at = now;
        let takes = self.tokens >= 1.0;
        self.tokens -= f64::from(u8::from(takes));
        takes
    }
}

impl Stage {
    /// With so many workers that share `budget`.
    fn new(workers: usize, budget: &HeartbeatBudget) -> Self {
        let shared = workers > 1;
        Self::of(&vec![budget.clone(); workers], shared)
    }

    /// With a worker for each budget.
    fn apart(budgets: &[HeartbeatBudget]) -> Self {
        Self::of(budgets, false)
    }

    fn of(budgets: &[HeartbeatBudget], shared: bool) -> Self {
        let now = Instant::now();
        let seeded = budgets.iter().zip(0..);
        let schedule = |(budget, seed): (&HeartbeatBudget, _)| {
            Schedule::new(
                budget.join(std::sync::Arc::default()),
                fastrand::Rng::with_seed(seed),
            )
        };
        Self {
            start: now,
            now,
            schedules: seeded.map(schedule).collect(),
            touched: Vec::new(),
            wakes: vec![None; budgets.len()],
            shared,
            tasks: BTreeMap::new(),
            lost: BTreeSet::new(),
            answers: BTreeMap::new(),
            calls: 0,
            throttled: 0,
            keys: 0,
            latency: Duration::ZERO,
            faults: Faults::default(),
            random: fastrand::Rng::with_seed(7),
            bucket: None,
            pace: |timeout| Pace::new(None, Some(timeout.into()), seconds(10)),
        }
    }

    /// With a service that throttles.
    fn throttling(mut self, depth: f64, refill: f64) -> Self {
        self.bucket = Some(Bucket {
            depth,
            refill,
            tokens: depth,
            at: self.now,
        });
        self
    }

    fn begin(&mut self, worker: usize, timeout: Option<Duration>) -> Name {
        self.keys += 1;
        let pace = match timeout {
            Some(timeout) => (self.pace)(timeout),
            None => Pace::new(None, Some(Timeout::None), seconds(10)),
        };
        self.touched.push(worker);
        let schedule = &mut self.schedules[worker];
        let name = (
            worker,
            schedule.insert(TaskKey(self.keys), (), pace, self.now),
        );
        self.tasks.insert(
            name,
            Served {
                timeout,
                alive: self.now,
                beats: 0,
                let_go: false,
                presumed: false,
            },
        );
        name
    }

    fn end(&mut self, name: Name) {
        self.touched.push(name.0);
        self.schedules[name.0].remove(name.1);
        self.tasks.remove(&name);
    }

    /// Lets time pass.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.look();
        while let Some(at) = self.next().filter(|at| *at <= end) {
            assert!(at >= self.now);
            self.now = at;
            self.step();
            self.look();
        }
        self.now = end;
    }

    /// When something happens next. A timer wakes at whole milliseconds.
    fn next(&self) -> Option<Instant> {
        let answer = self.answers.first_key_value().map(|((at, _), _)| *at);
        let wake = self.wakes.iter().flatten().min().copied();
        answer.into_iter().chain(wake).min()
    }

    /// Asks those of whom something happened when they wake.
    fn look(&mut self) {
        let mut touched = std::mem::take(&mut self.touched);
        if self.shared {
            // One of them may have ended.
            self.wakes.truncate(self.schedules.len());
            touched = (0..self.schedules.len()).collect();
        }
        for worker in touched {
            self.wakes[worker] = self.schedules[worker].next_wake().map(|at| {
                let past = at.saturating_duration_since(self.start);
                let grain = Duration::from_nanos(999_999);
                let whole = millis(u64::try_from((past + grain).as_millis()).unwrap());
                (self.start + whole).max(self.now)
            });
        }
    }

    fn step(&mut self) {
        while let Some(entry) = self.answers.first_entry() {
            if entry.key().0 > self.now {
                break;
            }
            let ((worker, key), beaten) = entry.remove();
            self.touched.push(worker);
            self.schedules[worker].answered(key, beaten, self.now);
        }
        for worker in 0..self.schedules.len() {
            let wakes = self.wakes[worker].is_some_and(|at| at <= self.now);
            if !wakes && !self.shared && !self.touched.contains(&worker) {
                continue;
            }
            self.touched.push(worker);
            let mut granted = 0;
            for (key, due) in self.schedules[worker].due(self.now) {
                match due {
                    Due::Beat { .. } => {
                        granted += 1;
                        let call_timeout = self.schedules[worker].begins(key, self.now);
                        self.call((worker, key), call_timeout.unwrap());
                    }
                    Due::LetGo => self.set_let_go((worker, key), true),
                    Due::Kept => self.set_let_go((worker, key), false),
                    Due::HeartbeatLost => {
                        if let Some(task) = self.tasks.get_mut(&(worker, key)) {
                            task.presumed = true;
                        }
                    }
                    Due::TimedOut | Due::GraceExpired => {}
                }
            }
            let again = self.schedules[worker].next_wake();
            assert!(
                granted > 0 || again.is_none_or(|again| again > self.now) || self.now == self.start,
                "it would wake again and again: {again:?} at {:?}",
                self.now
            );
        }
    }

    fn set_let_go(&mut self, name: Name, let_go: bool) {
        if let Some(task) = self.tasks.get_mut(&name) {
            task.let_go = let_go;
        }
    }

    fn call(&mut self, name: Name, call_timeout: Duration) {
        self.calls += 1;
        let fate = self.faults.draw(&mut self.random);
        let arrives = self.now + self.latency / 2;
        let (answer, after) = match fate {
            Fate::Refused => (Beaten::Failed, self.latency),
            Fate::Hangs => (Beaten::Failed, call_timeout),
            Fate::Throttled => {
                self.throttled += 1;
                (Beaten::Throttled, self.latency)
            }
            Fate::Arrives => (self.receive(name, arrives), self.latency),
        };
        // An answer that takes longer than the caller waits is none.
        let (answer, after) = if after > call_timeout {
            (Beaten::Failed, call_timeout)
        } else {
            (answer, after)
        };
        self.answers
            .insert((self.now + after, self.calls), (name, answer));
    }

    /// The service's side of a heartbeat.
    fn receive(&mut self, name: Name, now: Instant) -> Beaten {
        if self
            .bucket
            .as_mut()
            .is_some_and(|bucket| !bucket.takes(now))
        {
            self.throttled += 1;
            return Beaten::Throttled;
        }
        let Some(task) = self.tasks.get_mut(&name) else {
            return Beaten::Closed;
        };
        if task
            .timeout
            .is_some_and(|timeout| now >= task.alive + timeout)
        {
            self.lost.insert(name);
            return Beaten::Closed;
        }
        task.alive = now;
        task.beats += 1;
        Beaten::Accepted
    }

    /// The tasks that the service has timed out so far.
    fn lost(&self) -> BTreeSet<Name> {
        let over = self.tasks.iter().filter(|(_, task)| {
            let timeout = task.timeout;
            timeout.is_some_and(|timeout| self.now >= task.alive + timeout)
        });
        let over: BTreeSet<_> = over.map(|(name, _)| *name).collect();
        &over | &self.lost
    }
}
