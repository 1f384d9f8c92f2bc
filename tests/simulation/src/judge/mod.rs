//! The judge: what must always hold, asked of the service's side.
//!
//! It knows the service's history, every call as it reached the service and as the worker heard
//! its answer, and what the worker and its activities said. Each check is named by what it
//! finds.

mod account;
mod beats;
mod case;
mod delays;
mod lives;
mod missed;
mod outcomes;
mod slots;
mod stops;

use std::fmt;
use std::time::Duration;

use self::case::Case;
use crate::log::{LifeId, TaskId};
use crate::run::Record;

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Check {
    /// The service accepted two outcomes for one task.
    OutcomeTwice,
    /// The worker offered an outcome although it had heard that one was accepted or the task
    /// closed, or two at once.
    OutcomeRepeated,
    /// The outcome is not what came of the activity.
    OutcomeWrong,
    /// An outcome was not offered when the activity had ended, or not again for long.
    OutcomeLate,
    /// An activity went on after its cancel grace.
    GraceOverrun,
    /// The history says otherwise than the calls.
    HistoryDisagrees,
    /// A task ended as canceled and nobody had asked for it.
    CanceledUnasked,
    /// A task that reached the worker has no outcome, is not known closed and not in the report.
    Unaccounted,
    /// The report does not say what happened.
    ReportWrong,
    /// A task is open in the service although its worker is done with it.
    Leftover,
    /// A heartbeat began after the worker had heard that the outcome was accepted.
    BeatAfterOutcome,
    /// A heartbeat began while an outcome was under way, and no timeout was near.
    BeatAcrossOutcome,
    /// A heartbeat began after the worker had heard that the task is closed.
    BeatAfterClosed,
    /// A heartbeat for a task that nobody runs.
    BeatForNobody,
    /// A heartbeat began before the one before it had ended.
    BeatsOverlap,
    /// A heartbeat deadline was missed that the network allowed to meet.
    Missed,
    /// Slots held and polls under way were more than the limit.
    SlotsOver,
    /// A slot was held after the run had ended.
    SlotsNotFree,
    /// The worker polled although it was paused, draining or over.
    PolledUnasked,
    /// The worker gave up a poll while its run went on.
    PollDropped,
    /// The run did not return in time.
    Late,
    /// The run ended though nobody asked, with an error or by a panic.
    RunFailed,
    /// An activity was told to stop for a reason that is not so, or not told for one that is.
    StopWrong,
    /// Work was left over when all had been calm for hours.
    Stuck,
}

/// Something that must not be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Violation {
    /// What it is.
    pub check: Check,
    /// When.
    pub at: Duration,
    /// What was found, in a few words.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_secs_f64();
        write!(f, "{:?} at {at:.3} s: {}", self.check, self.text)
    }
}

/// What was seen in a run, or in many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Tasks that reached a worker.
    pub tasks: u64,
    /// Tasks that the service handed to a poll whose answer was lost.
    pub phantoms: u64,
    /// Outcomes that the service accepted.
    pub accepted: u64,
    /// Tasks that the worker heard were closed.
    pub closed: u64,
    /// Tasks in the reports of drains and stops.
    pub reported: u64,
    /// Tasks that went with a run that was dropped.
    pub dropped: u64,
    /// Tasks that were handed on, and of which nothing else became while their worker ran.
    pub handed_on: u64,
    /// Calls of workers.
    pub calls: u64,
    /// Calls that the network spoilt in some way.
    pub spoilt: u64,
    /// Heartbeats that workers sent.
    pub heartbeats: u64,
    /// Heartbeat timeouts of tasks that a worker ran, excused by what the network did.
    pub excused: u64,
    /// Heartbeat timeouts of tasks that the budget had let go, as the status said.
    pub let_go: u64,
    /// Cancellations that workers heard of.
    pub cancellations: u64,
    /// Runs of workers.
    pub lives: u64,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.tasks += other.tasks;
        self.phantoms += other.phantoms;
        self.accepted += other.accepted;
        self.closed += other.closed;
        self.reported += other.reported;
        self.dropped += other.dropped;
        self.handed_on += other.handed_on;
        self.calls += other.calls;
        self.spoilt += other.spoilt;
        self.heartbeats += other.heartbeats;
        self.excused += other.excused;
        self.let_go += other.let_go;
        self.cancellations += other.cancellations;
        self.lives += other.lives;
    }
}

/// What the judge found in a run.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Verdict {
    /// What must not be, in order.
    pub violations: Vec<Violation>,
    /// What was seen.
    pub tally: Tally,
}

impl Verdict {
    fn found(&mut self, check: Check, at: Duration, text: impl Into<String>) {
        let text = text.into();
        self.violations.push(Violation { check, at, text });
    }
}

/// Judges a run.
pub(crate) fn judge(record: &Record) -> Verdict {
    let case = Case::new(record);
    let mut verdict = Verdict::default();
    tally(&case, &mut verdict.tally);
    for check in [
        outcomes::check,
        delays::check,
        account::check,
        beats::check,
        missed::check,
        slots::check,
        lives::check,
        stops::check,
    ] {
        check(&case, &mut verdict);
    }
    verdict.violations.sort_by_key(|violation| violation.at);
    verdict
}

fn tally(case: &Case<'_>, tally: &mut Tally) {
    use crate::log::{Answer, Op};
    tally.tasks = case.held.len() as u64;
    tally.phantoms = case.phantoms.len() as u64;
    tally.calls = case.calls().len() as u64;
    tally.lives = case.lives.len() as u64;
    for call in case.calls() {
        let reached = call.reached.iter();
        let accepted = |(_, answer): &&(_, Answer)| *answer == Answer::Accepted;
        tally.accepted +=
            u64::from(call.op.is_outcome() && reached.clone().any(|it| accepted(&it)));
        tally.heartbeats += u64::from(call.op == Op::Heartbeat);
        let answer = call.reached.first().map(|(_, answer)| *answer);
        tally.spoilt += u64::from(call.reached.len() != 1 || call.heard != answer);
    }
    for held in &case.held {
        let asked = |call: &case::Call| {
            let asked = Answer::Beat {
                cancel_requested: true,
            };
            call.heard == Some(asked)
        };
        tally.cancellations += u64::from(case.beats(held).any(asked));
        tally.closed += u64::from(case.closed(held).is_some());
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a{}", self.0)
    }
}

impl fmt::Display for LifeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "w{}.{}", self.worker, self.life)
    }
}
