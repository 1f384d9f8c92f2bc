//! How many heartbeats may go out a second: a token bucket whose rate learns from throttling.
//!
//! Additive increase and multiplicative decrease, as in TCP, with CUBIC's memory: near the rate
//! that was throttled last it grows slowly, away from it quickly. Pure: it is told the time.

use std::time::Duration;

use crate::moment::Moment;
use crate::time::from_seconds;

/// The bucket holds this much time's worth of calls, and two calls at least: enough to make up
/// for a timer that is late, too little for a burst that a service would mind.
const BURST: Duration = Duration::from_millis(50);

/// What a throttled call leaves of a known rate. Little is cut, because the rate grew slowly to
/// what failed.
const CUT: f64 = 0.95;

/// What the first one leaves of what was sent while no rate was known. Intervals are a third of
/// the timeout, so half of the heartbeats keep every task.
const FIRST_CUT: f64 = 0.5;

/// A cut soon after another goes by what the service still accepts, because it has used up what
/// it had in reserve; but it leaves half.
const MOST: f64 = 0.5;

/// How soon that is.
const SOON: Duration = Duration::from_secs(3);

/// The least time between two cuts. Calls that went out before a cut say nothing of it.
const CUT_WINDOW: Duration = Duration::from_millis(500);

/// No throttling makes the rate less: so few calls overload no service, and a worker with few tasks
/// keeps all of them whatever it learned.
const LEAST_RATE: f64 = 10.0;

/// However many workers share that: one call in so many seconds must go out, or a worker would not hear
/// for minutes that the throttling is over.
const HEARS_WITHIN: f64 = 10.0;

/// While the service takes most calls, nothing makes the rate less than what the tasks need, up to
/// this: throttling that others cause does not end when this worker calls less, and would cut the
/// rate until tasks are lost that the service would have kept.
const MOST_NEEDED: f64 = 40.0;

/// Where many workers learn from the throttling of one account, nothing makes the rate of one less
/// than so many times what keeps its tasks, made up for what is throttled. All of them together ask
/// for no more than that, so it fits as soon as a tenth of the quota is to spare.
const KEEPS: f64 = 1.05;

/// Up to which part that is throttled, and from which on nothing of it is left: then the account
/// cannot keep all tasks, and it must be said whose heartbeats are let go.
const BEARABLE: [f64; 2] = [0.3, 0.5];

/// How many times the calls that keep all tasks leave each of them time for a few retries.
const WITH_RETRIES: f64 = 2.0;

/// How much one answer weighs in which part of all calls is throttled.
const WEIGHT: f64 = 1.0 / 32.0;

/// By which part the rate grows in a second: far below the rate that was throttled last, below
/// it, near it, and past it.
const GROWTH: [f64; 4] = [MOST_GROWTH, 0.02, 0.005, 0.1];

/// What is far below: one cut leaves more.
const FAR: f64 = 0.47;

/// The rate at most doubles in a second.
const MOST_GROWTH: f64 = 1.0;

/// From so long after a cut on the rate grows faster and faster: whatever was throttled then, it
/// says less and less of what the service takes now.
const CALM: Duration = Duration::from_secs(10);

/// Of many workers each hears of throttling as seldom as it calls. So that all of them leave the
/// account's quota alike, they grow slower the fewer calls they make under this rate, and wait for
/// this many calls before they grow faster.
const HEARS: f64 = 160.0;
const CALM_CALLS: f64 = 100.0;

/// How much faster in each second after that.
const CALMER: f64 = 0.03;

/// The longest time that one accepted call can make the rate grow for.
const LONGEST_GROWTH: Duration = Duration::from_secs(10);

/// Without a ceiling, a rate so many times what is sent bounds nothing, and is forgotten.
const UNLIMITED: f64 = 4.0;

/// What sums of parts of calls may be off by.
const EPSILON: f64 = 1e-6;

/// The rate, and the bucket that it fills.
#[derive(Debug)]
pub(super) struct Rate {
    ceiling: Option<f64>,
    /// How many workers learn from the same throttling.
    workers: f64,
    /// Calls a second; none while nothing is known.
    limit: Option<f64>,
    /// What the bucket held at `settled`.
    tokens: f64,
    settled: Option<Moment>,
    second: Window,
    accepted: Window,
    ten_seconds: Window,
    /// The rate that was throttled last, while the service still took most calls.
    level: f64,
    /// Whether the last cut was of a rate that nothing had cut: little may have been sent just
    /// then, which says nothing of how much the service takes.
    alone: bool,
    /// Whether a call was accepted that went out after the last cut.
    heard: bool,
    /// The rate before the cuts that followed one another without any accepted call.
    unheard: Option<f64>,
    cut: Option<Moment>,
    grown: Option<Moment>,
    /// How many calls a second keep all tasks.
    needed: f64,
    /// How many calls a second all tasks want, in the long run.
    wanted: f64,
    /// The part of the calls that was throttled of late.
    refused: f64,
    throttled: u64,
}

impl Rate {
    pub(super) fn new(ceiling: Option<f64>) -> Self {
        Self {
            ceiling,
            workers: 1.0,
            limit: ceiling,
            tokens: ceiling.map_or(0.0, burst),
            settled: None,
            second: Window::new(Duration::from_secs(1)),
            accepted: Window::new(CUT_WINDOW),
            ten_seconds: Window::new(Duration::from_secs(10)),
            level: 0.0,
            alone: false,
            heard: true,
            unheard: None,
            cut: None,
            grown: None,
            needed: 0.0,
            wanted: f64::INFINITY,
            refused: 0.0,
            throttled: 0,
        }
    }

    /// The rate of one of so many workers that learn from the same throttling.
    pub(super) fn among(mut self, workers: u32) -> Self {
        self.workers = workers.max(1).into();
        self
    }

    pub(super) fn ceiling(&self) -> Option<f64> {
        self.ceiling
    }

    /// Calls a second; none while nothing is known.
    pub(super) fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// How many calls were throttled.
    pub(super) fn throttled(&self) -> u64 {
        self.throttled
    }

    /// So many calls a second keep all tasks, and so many they want in the long run.
    pub(super) fn needs(&mut self, calls: f64, wanted: f64) {
        self.needed = calls;
        self.wanted = wanted;
        let least = self.least();
        self.limit = self.limit.map(|limit| limit.max(least));
    }

    /// What no throttling makes the rate less than.
    fn least(&self) -> f64 {
        let needed = if self.workers > 1.0 {
            let [bearable, too_much] = BEARABLE;
            let left = (too_much - self.refused) / (too_much - bearable);
            self.needed * KEEPS * left.clamp(0.0, 1.0)
        } else if self.refused < 0.5 {
            (self.needed * WITH_RETRIES).min(MOST_NEEDED)
        } else {
            0.0
        };
        let least = (LEAST_RATE / self.workers).max(1.0 / HEARS_WITHIN);
        let least = needed.max(least);
        self.ceiling.map_or(least, |ceiling| ceiling.min(least))
    }

    /// The part of the calls that was not throttled of late. A few per cent are what it takes to
    /// find the rate; below that it is not worth a stretch.
    pub(super) fn accepted_part(&self) -> f64 {
        if self.refused < 0.05 {
            1.0
        } else {
            1.0 - self.refused
        }
    }

    /// When a call can go out: at once if it is in the past, and if there is no limit.
    pub(super) fn ready_at(&self) -> Option<Moment> {
        self.holds_at(1.0)
    }

    /// When a call can go out that no other will miss: the bucket would run over.
    pub(super) fn full_at(&self) -> Option<Moment> {
        self.holds_at(self.limit.map_or(0.0, burst))
    }

    fn holds_at(&self, tokens: f64) -> Option<Moment> {
        let (limit, settled) = (self.limit?, self.settled?);
        let missing = tokens - self.tokens;
        if missing <= 0.0 {
            return Some(settled);
        }
        // Rounded up, so that the call does not find the bucket a hair too empty.
        let wait = from_seconds(missing / limit) + Duration::from_nanos(2);
        Some(settled + wait)
    }

    /// Fills the bucket up to `now`.
    pub(super) fn settle(&mut self, now: Moment) {
        let settled = *self.settled.get_or_insert(now);
        if let Some(limit) = self.limit {
            let past = now.saturating_since(settled).as_secs_f64();
            self.tokens = (self.tokens + past * limit).min(burst(limit));
        }
        self.settled = Some(settled.max(now));
    }

    /// Whether a call can go out now. The bucket must be settled.
    pub(super) fn is_ready(&self) -> bool {
        self.limit.is_none() || self.tokens >= 1.0 - EPSILON
    }

    /// Whether a call can go out that no other will miss. The bucket must be settled.
    pub(super) fn is_full(&self) -> bool {
        self.limit
            .is_none_or(|limit| self.tokens >= burst(limit) - EPSILON)
    }

    /// A call goes out.
    pub(super) fn take(&mut self, now: Moment) {
        self.second.count(now);
        self.ten_seconds.count(now);
        if self.limit.is_some() {
            self.tokens -= 1.0;
        }
    }

    /// How many calls a second went out of late.
    pub(super) fn measured(&self, now: Moment) -> f64 {
        self.second.rate(now).max(self.ten_seconds.rate(now))
    }

    /// A call that went out at `sent` was throttled. True if the rate was cut for it.
    pub(super) fn throttle(&mut self, sent: Moment, now: Moment) -> bool {
        self.throttled += 1;
        self.refused += (1.0 - self.refused) * WEIGHT;
        let heeded = self
            .cut
            .is_some_and(|cut| sent <= cut || now < cut + CUT_WINDOW);
        if heeded {
            return false;
        }
        self.settle(now);
        let measured = self.measured(now);
        // The rate that failed is the one that was sent, not the one that was allowed.
        let failed = self.limit.map_or(measured, |limit| limit.min(measured));
        let again = self.cut.is_some_and(|cut| now < cut + SOON);
        let accepted = self.accepted.rate(now);
        let left = match self.limit {
            // Tasks that came together send their first heartbeats together.
            None => failed.min(self.wanted) * FIRST_CUT,
            Some(_) if again && self.heard => failed.min(accepted).max(failed * MOST) * CUT,
            Some(_) => failed * CUT,
        };
        // Where it takes few, somebody else has the rest, or it is about to take none; neither
        // lasts, and then the rate must not be learned anew from next to nothing.
        let most = accepted >= failed / 2.0;
        self.level = if most { failed } else { failed.max(self.level) };
        // A service that takes no call at all does not say which rate it would take: these cuts
        // only spare it, and are undone when it takes one.
        self.unheard = self
            .limit
            .filter(|_| !self.heard)
            .map(|limit| self.unheard.unwrap_or(limit));
        self.heard = false;
        self.alone = self.limit == self.ceiling;
        self.limit = Some(left.max(self.least()));
        self.tokens = 0.0;
        self.cut = Some(now);
        self.grown = Some(now);
        true
    }

    /// A call that went out at `sent` was accepted. True if the rate changed for it.
    pub(super) fn accept(&mut self, sent: Moment, now: Moment) -> bool {
        self.accepted.count(now);
        self.refused -= self.refused * WEIGHT;
        let mut changed = false;
        if self.cut.is_none_or(|cut| sent > cut) {
            self.heard = true;
            if let (Some(limit), Some(unheard)) = (self.limit, self.unheard.take()) {
                self.settle(now);
                self.limit = Some(unheard.max(limit));
                changed = true;
            }
        }
        let (Some(limit), Some(grown)) = (self.limit, self.grown) else {
            return changed;
        };
        let past = now.saturating_since(grown).min(LONGEST_GROWTH);
        if past < Duration::from_millis(100) {
            return changed;
        }
        self.settle(now);
        self.grown = Some(now);
        let limit = limit * (1.0 + self.growth(limit, now) * past.as_secs_f64());
        match self.ceiling {
            Some(ceiling) if limit >= ceiling => {
                self.limit = Some(ceiling);
                self.grown = None;
            }
            None if limit > self.level * 1.1 && limit > self.measured(now) * UNLIMITED => {
                self.limit = None;
                self.grown = None;
            }
            _ => self.limit = Some(limit),
        }
        true
    }
}

impl Rate {
    /// By which part the rate grows in a second.
    fn growth(&self, limit: f64, now: Moment) -> f64 {
        let [far, below, near, past_it] = GROWTH;
        let since_cut = self
            .cut
            .map_or(Duration::ZERO, |cut| now.saturating_since(cut));
        let (hears, calm) = if self.workers > 1.0 {
            let calm = from_seconds(CALM_CALLS / limit);
            ((limit / HEARS).min(1.0), calm.max(CALM))
        } else {
            (1.0, CALM)
        };
        let growth = match limit / self.level {
            // Sooner than that the next cut may be on its way.
            ratio if (ratio < FAR || self.alone) && since_cut > CUT_WINDOW * 2 => far,
            ratio if ratio < 0.9 => below * hears,
            ratio if ratio < 1.1 => near * hears,
            _ => past_it,
        };
        let calm = since_cut.saturating_sub(calm).as_secs_f64();
        growth.max(calm * CALMER).min(MOST_GROWTH)
    }
}

fn burst(limit: f64) -> f64 {
    (limit * BURST.as_secs_f64()).max(2.0)
}

/// Counts calls in a window of time that slides.
#[derive(Debug)]
struct Window {
    length: Duration,
    began: Option<Moment>,
    current: u32,
    previous: Option<u32>,
}

impl Window {
    fn new(length: Duration) -> Self {
        Self {
            length,
            began: None,
            current: 0,
            previous: None,
        }
    }

    fn count(&mut self, now: Moment) {
        let began = *self.began.get_or_insert(now);
        let past = now.saturating_since(began);
        if past >= self.length * 2 {
            (self.began, self.current, self.previous) = (Some(now), 0, None);
        } else if past >= self.length {
            self.began = Some(began + self.length);
            self.previous = Some(std::mem::take(&mut self.current));
        }
        self.current = self.current.saturating_add(1);
    }

    fn rate(&self, now: Moment) -> f64 {
        let Some(began) = self.began else { return 0.0 };
        let length = self.length.as_secs_f64();
        let past = now.saturating_since(began).as_secs_f64();
        let current = f64::from(self.current);
        match self.previous {
            Some(previous) if past < length => {
                (f64::from(previous) * (1.0 - past / length) + current) / length
            }
            _ => current / past.max(length / 10.0),
        }
    }
}

#[cfg(test)]
#[path = "rate_tests.rs"]
mod tests;
