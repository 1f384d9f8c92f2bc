//! Heartbeat deadlines that were missed.
//!
//! The service timed a task out for its silence while a worker ran it. That is the worker's
//! fault unless the network spoilt its tries: in the time from the last sign of life that the
//! service saw to the timeout, at least four of them, or at least two that took a quarter of
//! that time. A try is a heartbeat or an outcome; it is spoilt if it did not reach the service
//! within the ordinary latency of the run, or was not answered by it. One that got there in time
//! would have kept the task alive.
//!
//! One spoilt try is enough where no second has room: where the activity declares an interval of
//! more than half the timeout, and where the budget stretches the intervals or its rate is given.
//! There it need not even be a try of the same task: what is tried again takes calls that others
//! would have had. And one is enough if spoilt calls took three quarters of the time, as an outcome
//! does that is not answered: heartbeats wait for it.
//!
//! While the service throttles heartbeats, it takes fewer than are wanted, and which tasks that costs
//! is a question for the tests of the budget.
//!
//! Not blamed either: a worker that does not know the timeout, or was given the task too late, and
//! one whose status said in that time that the budget has let the task go. Those are counted apart.

use std::time::Duration;

use workbeat::service::ServiceErrorKind;
use workbeat::worker::UnknownType;

use super::case::{Call, Case, Held, Moment};
use super::{Check, Verdict};
use crate::log::{Answer, BodyEnd, Op};
use crate::plan::{BudgetPlan, Kind};
use crate::run::Closed;

pub(super) fn check(case: &Case<'_>, verdict: &mut Verdict) {
    for held in &case.held {
        let history = case.history(held.task);
        let closing = history.closings.first();
        let Some(closing) = closing.filter(|it| it.how == Closed::TimedOut("HEARTBEAT")) else {
            continue;
        };
        let (Some(timeout), Some(started)) = (case.plan(held.task).heartbeat, history.started)
        else {
            continue;
        };
        let window = Window::new(case, held, timeout, started, closing.at);
        match window.blame() {
            Blame::Worker(why) => {
                let text = format!("{}: {why}", held.task);
                verdict.found(Check::Missed, closing.at, text);
            }
            Blame::Network => verdict.tally.excused += 1,
            Blame::Budget => verdict.tally.let_go += 1,
            Blame::Nobody => {}
        }
    }
}

/// Whose fault it is.
enum Blame {
    Worker(String),
    Network,
    /// There were more heartbeats than calls, and the worker said so.
    Budget,
    /// The worker did not run it, or could not know better.
    Nobody,
}

/// The last timeout of a task's life.
struct Window<'a> {
    case: &'a Case<'a>,
    held: &'a Held,
    timeout: Duration,
    /// The last sign of life that the service saw.
    alive: Duration,
    /// When the service gave it up.
    until: Duration,
}

impl<'a> Window<'a> {
    fn new(
        case: &'a Case<'a>,
        held: &'a Held,
        timeout: Duration,
        started: Duration,
        until: Duration,
    ) -> Self {
        let beats = case.beats(held).flat_map(|call| &call.reached);
        let accepted = beats.filter(|(_, answer)| matches!(answer, Answer::Beat { .. }));
        let last = accepted.map(|(at, _)| at.at).max();
        Self {
            case,
            held,
            timeout,
            alive: last.unwrap_or(started).max(started),
            until,
        }
    }

    fn blame(&self) -> Blame {
        let (case, held) = (self.case, self.held);
        if !self.is_run() || !self.is_known() {
            return Blame::Nobody;
        }
        if self.is_let_go() {
            return Blame::Budget;
        }
        let from = self.alive.max(held.delivered.at);
        if from - self.alive > self.timeout / 10 {
            // It came late; the tries that are left are too few to count.
            return Blame::Network;
        }
        let calls: Vec<_> = case.beats(held).chain(case.offers(held)).collect();
        let tries = calls.iter().copied();
        let tries = tries.filter(|call| from <= call.called.at && call.called.at < self.until);
        let (spoilt, sound): (Vec<&Call>, Vec<&Call>) =
            tries.partition(|call| self.is_spoilt(call));
        let refusal = Some(Answer::Error(ServiceErrorKind::NotPermitted));
        let refused = spoilt.iter().any(|call| call.heard == refusal);
        // A try that began in the very end and got there too late is no excuse.
        let (count, waited) = (spoilt.len(), self.waited(&calls));
        if count >= 4 || count >= 2 && (waited >= self.timeout / 4 || refused) {
            return Blame::Network;
        }
        // A declared interval of more than half the timeout leaves no room for a second, nor
        // does a budget that is tight; and there the tries of others take calls too.
        let interval = case.declared(held).and_then(|declared| declared.interval);
        let wide = interval.is_some_and(|it| it > self.timeout / 2 && it < self.timeout);
        let tight = self.is_stretched() || matches!(case.record.budget, BudgetPlan::Rate(_));
        let waits = waited >= self.timeout * 3 / 4;
        if count >= 1 && (wide || tight || waits) || tight && self.others_spoilt() {
            return Blame::Network;
        }
        if self.is_throttled() {
            return Blame::Network;
        }
        let (sound, timeout, waited) = (sound.len(), self.timeout, waited);
        Blame::Worker(format!(
            "no heartbeat reached the service for {timeout:?}; of the worker's tries the network spoilt {count}, for {waited:?}, and {sound} set out too late"
        ))
    }

    /// Whether the budget had no room for the task, and the status said so.
    fn is_let_go(&self) -> bool {
        let spans = self.case.let_go.get(&self.held.task);
        spans.into_iter().flatten().any(|(from, until)| {
            from.at <= self.until && until.is_none_or(|until| until.at >= self.alive)
        })
    }

    /// Whether the budget stretched the worker's intervals.
    fn is_stretched(&self) -> bool {
        let life = self.case.lives.get(&self.held.life);
        let stretches = life.map_or(&[][..], |life| &life.stretches);
        let ends = stretches.iter().skip(1).map(|(at, _)| at.at);
        let ends = ends.chain(std::iter::once(Duration::MAX));
        stretches
            .iter()
            .zip(ends)
            .any(|((from, part), end)| part.is_some() && from.at <= self.until && end >= self.alive)
    }

    /// Whether the network spoilt a heartbeat of any task that shares the budget.
    fn others_spoilt(&self) -> bool {
        self.of_budget(|heard| {
            !matches!(heard, Some(Answer::Beat { .. })) && !heard.is_some_and(Answer::closes)
        })
    }

    /// Whether the service wanted fewer heartbeats of all that share the budget.
    fn is_throttled(&self) -> bool {
        let throttled = Some(Answer::Error(ServiceErrorKind::Throttled));
        self.of_budget(|heard| heard == throttled)
    }

    /// Whether any heartbeat under the same budget was answered so in the time.
    fn of_budget(&self, answered: impl Fn(Option<Answer>) -> bool) -> bool {
        let (case, life) = (self.case, self.held.life);
        let shared = !matches!(case.record.budget, BudgetPlan::Own);
        case.calls().iter().any(|call| {
            let ended = call.ended.map_or(self.until, |ended| ended.at);
            let beat = call.op == Op::Heartbeat && (shared || call.life == life);
            let now = call.called.at <= self.until && ended >= self.alive;
            beat && now && answered(call.heard)
        })
    }

    /// Whether a worker ran the task for the whole time.
    fn is_run(&self) -> bool {
        let over = |at: Option<Moment>| at.is_some_and(|at| at.at <= self.until);
        let (case, held) = (self.case, self.held);
        let life = case.lives.get(&held.life);
        let stopped = life.and_then(|life| life.stop_asked);
        let ended = held.body.as_ref().and_then(|body| body.ended);
        let handed_on =
            ended.is_some_and(|(at, end, _)| end == BodyEnd::HandedOn && at.at <= self.until);
        let left = case.plan(held.task).kind == Kind::Unknown
            && case.worker(held.life).unknown != UnknownType::Fail;
        held.delivered.at < self.until
            && !(over(case.end_of(held.life)) || over(stopped) || handed_on || left)
    }

    /// Whether the worker knew the timeout early enough.
    fn is_known(&self) -> bool {
        let early = self.alive.max(self.held.delivered.at) + self.timeout / 6;
        let declared = self
            .case
            .declared(self.held)
            .and_then(|declared| declared.heartbeat);
        if declared.is_some_and(|declared| declared <= self.timeout) {
            return true;
        }
        self.held.told.is_some_and(|(since, ..)| since.at <= early)
    }

    /// Whether the network kept a try from reaching the service in time.
    fn is_spoilt(&self, call: &Call) -> bool {
        let (_, ordinary) = self.case.record.weather.latency;
        let enough = Duration::from_millis(ordinary + 5);
        let sound = call.reached.iter().any(|(at, answer)| {
            let answered =
                matches!(answer, Answer::Beat { .. } | Answer::Accepted) || answer.closes();
            answered && at.at <= call.called.at + enough
        });
        !sound
    }

    /// For how long of the time the worker waited for a call that the network spoilt.
    fn waited(&self, calls: &[&Call]) -> Duration {
        let mut spans: Vec<_> = calls
            .iter()
            .filter(|call| {
                self.is_spoilt(call) || call.heard != call.reached.first().map(|it| it.1)
            })
            .map(|call| {
                let ended = call.ended.map_or(self.until, |ended| ended.at);
                (call.called.at.max(self.alive), ended.min(self.until))
            })
            .filter(|(from, until)| from < until)
            .collect();
        spans.sort_unstable();
        let (mut waited, mut reached) = (Duration::ZERO, Duration::ZERO);
        for (from, until) in spans {
            let from = from.max(reached);
            waited += until.saturating_sub(from);
            reached = reached.max(until);
        }
        waited
    }
}
