//! Delays: an outcome is sent at once, and again after a while; a cancel grace is not overrun.
//!
//! A worker that sits on an outcome loses no task that a check could find: it heartbeats for it,
//! until the service itself closes the task.

use std::time::Duration;

use workbeat::service::ServiceErrorKind;

use super::case::{Case, Held, Moment};
use super::{Check, Verdict};
use crate::log::{Answer, BodyEnd};

/// The longest wait between two tries of an outcome.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What is no delay.
const SLACK: Duration = Duration::from_millis(100);

pub(super) fn check(case: &Case<'_>, verdict: &mut Verdict) {
    for held in &case.held {
        for due in outcome_due(case, held) {
            if is_over_by(case, held, due) || is_offered(case, held, due) {
                continue;
            }
            let text = format!("{}: no outcome is offered for too long", held.task);
            verdict.found(Check::OutcomeLate, due.until, text);
        }
        if let Some(until) = grace_end(case, held)
            && let Some(body) = &held.body
            && body.ended.is_none_or(|(at, ..)| at.at > until)
            && case.end_of(held.life).is_none_or(|end| end.at > until)
        {
            let text = format!("{} goes on after its cancel grace", held.task);
            verdict.found(Check::GraceOverrun, until, text);
        }
    }
}

/// In which time an outcome must be offered.
#[derive(Clone, Copy)]
struct Due {
    after: Moment,
    until: Duration,
}

/// One when the body has ended, and one after each try that was not the last word.
fn outcome_due(case: &Case<'_>, held: &Held) -> Vec<Due> {
    let body = held.body.as_ref().and_then(|body| body.ended);
    let ended = body.filter(|(_, end, _)| *end != BodyEnd::HandedOn);
    let first = ended.map(|(after, ..)| Due {
        after,
        until: after.at + SLACK,
    });
    let tries = case.offers(held).filter_map(|offer| {
        let after = offer.ended?;
        let again = !offer.heard.is_some_and(|heard| {
            heard == Answer::Accepted
                || heard.closes()
                || heard == Answer::Error(ServiceErrorKind::Invalid)
        });
        again.then_some(Due {
            after,
            until: after.at + LONGEST_WAIT + SLACK,
        })
    });
    first.into_iter().chain(tries).collect()
}

/// Whether the worker had ended by then, or had heard the last word on the task.
fn is_over_by(case: &Case<'_>, held: &Held, due: Due) -> bool {
    let life = case.lives.get(&held.life);
    let ends = [
        case.end_of(held.life),
        life.and_then(|life| life.stop_asked),
        case.accepted(held),
        case.closed(held),
    ];
    let over = ends.into_iter().flatten().any(|at| at.at <= due.until);
    let last = case.record.entries.last();
    over || last.is_none_or(|last| last.at < due.until)
}

/// Whether one was offered in the time, or had been and was still under way.
fn is_offered(case: &Case<'_>, held: &Held, due: Due) -> bool {
    case.offers(held).any(|offer| {
        offer.called.at <= due.until && offer.ended.is_none_or(|ended| ended > due.after)
    })
}

/// When the cancel grace is over that the activity declares, if it has begun.
fn grace_end(case: &Case<'_>, held: &Held) -> Option<Duration> {
    let grace = case.declared(held)?.grace?;
    let asked = Some(Answer::Beat {
        cancel_requested: true,
    });
    let beats = || case.beats(held).filter(|beat| beat.ended.is_some());
    let asked = beats().find(|beat| beat.heard == asked);
    let closed = beats().find(|beat| beat.heard.is_some_and(Answer::closes));
    let heard = [asked, closed].into_iter().flatten();
    let last = heard.filter_map(|beat| beat.ended).max()?;
    Some(last.at + grace + SLACK)
}
