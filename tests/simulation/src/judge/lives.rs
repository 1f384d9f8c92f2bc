//! Lives: a worker polls when it should, ends when it should, and leaves nothing held.

use std::time::Duration;

use super::case::{Case, Ending, Life, Moment};
use super::{Check, Verdict};

/// What the end of a run waits for what was aborted; see the worker's drain.
const SETTLE: Duration = Duration::from_millis(50);

/// Timers go by whole milliseconds.
const ROUNDING: Duration = Duration::from_millis(2);

pub(super) fn check(case: &Case<'_>, verdict: &mut Verdict) {
    for life in case.lives.values() {
        polls(case, life, verdict);
        end(case, life, verdict);
    }
}

fn polls(case: &Case<'_>, life: &Life, verdict: &mut Verdict) {
    let end = life.ended.as_ref().map(|(at, _)| *at);
    // The worker sees what is asked of it within the same instant, but not at once.
    let after = |since: Option<Moment>, at: Moment| since.is_some_and(|since| at.at > since.at);
    for poll in &life.polls {
        let poll = case.call(*poll);
        let paused = life.pauses.iter().any(|(from, until)| {
            after(Some(*from), poll.called) && until.is_none_or(|until| poll.called < until)
        });
        let over = end.is_some_and(|end| poll.called > end);
        if paused || over || after(life.drain_asked.or(life.stop_asked), poll.called) {
            let text = format!("{} polls", life.id);
            verdict.found(Check::PolledUnasked, poll.called.at, text);
        }
        if let Some(ended) = poll.ended.filter(|_| poll.heard.is_none())
            && end.is_none_or(|end| ended.at < end.at)
        {
            let text = format!("{} drops a poll", life.id);
            verdict.found(Check::PollDropped, ended.at, text);
        }
    }
}

fn end(case: &Case<'_>, life: &Life, verdict: &mut Verdict) {
    let id = life.id;
    let Some((at, ending)) = &life.ended else {
        let text = format!("{id} has not ended");
        return verdict.found(Check::Late, Duration::MAX, text);
    };
    let mut failed = |text: &str| {
        verdict.found(Check::RunFailed, at.at, format!("{id} {text}"));
    };
    match ending {
        Ending::Panicked => failed("panicked"),
        Ending::Returned(report) if report.failed_run => failed("ended with an error"),
        Ending::Returned(_) if life.drain_asked.is_none() && life.stop_asked.is_none() => {
            failed("ended, and nobody had asked it to");
        }
        _ => {}
    }
    let deadline = case.worker(id).drain_deadline;
    let drained = life.drain_asked.map(|asked| asked.at + deadline);
    let stopped = life.stop_asked.map(|asked| asked.at + SETTLE);
    let by = [drained, stopped].into_iter().flatten().min();
    if matches!(ending, Ending::Returned(_)) && by.is_some_and(|by| at.at > by + ROUNDING) {
        let text = format!("{id} should have ended at {:?}", by.unwrap_or_default());
        verdict.found(Check::Late, at.at, text);
    }
    if let Some(held) = life.slots_at_end.filter(|held| *held > 0) {
        let text = format!("{id} holds {held} slots after its end");
        verdict.found(Check::SlotsNotFree, at.at, text);
    }
}
