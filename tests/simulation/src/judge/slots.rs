//! Slots: those held and the polls under way are never more than the limit.
//!
//! Seen from outside a task holds its slot at least from when its poll came back until its body
//! has ended and the worker has heard the last word on its outcome.

use super::case::{Case, Held, Moment};
use super::{Check, Verdict};
use crate::log::BodyEnd;
use crate::plan::Kind;
use workbeat::worker::UnknownType;

pub(super) fn check(case: &Case<'_>, verdict: &mut Verdict) {
    for life in case.lives.values() {
        let slots = case.worker(life.id).slots as i64;
        let mut changes: Vec<(usize, i64)> = Vec::new();
        let mut add = |from: Moment, until: Option<Moment>| {
            changes.push((from.place, 1));
            changes.extend(until.map(|until| (until.place, -1)));
        };
        for poll in &life.polls {
            let poll = case.call(*poll);
            add(poll.called, poll.ended);
        }
        for held in case.held.iter().filter(|held| held.life == life.id) {
            if let Some(until) = held_until(case, held) {
                // The slot goes over from the poll to the task at the same place.
                add(
                    held.delivered,
                    Some(until).filter(|until| *until > held.delivered),
                );
            }
        }
        changes.sort_unstable();
        let mut taken = 0;
        for (place, change) in changes {
            taken += change;
            if taken > slots {
                let at = case.record.entries[place].at;
                let text = format!("{}: {taken} of {slots} slots are taken", life.id);
                verdict.found(Check::SlotsOver, at, text);
                break;
            }
        }
    }
}

/// Until when a task surely holds its slot; none if it may have none at all.
fn held_until(case: &Case<'_>, held: &Held) -> Option<Moment> {
    let left = case.worker(held.life).unknown == UnknownType::LeaveToOthers;
    if left && case.plan(held.task).kind == Kind::Unknown {
        return None;
    }
    let body = held.body.as_ref().and_then(|body| body.ended);
    let body_end = body.map(|(at, ..)| at);
    let handed_on = body.is_some_and(|(_, end, _)| end == BodyEnd::HandedOn);
    let last_word = match (case.accepted(held), case.closed(held)) {
        (Some(accepted), Some(closed)) => Some(accepted.min(closed)),
        (one, other) => one.or(other),
    };
    let end = case.end_of(held.life);
    match (last_word, body_end) {
        (Some(word), Some(body)) => Some(word.max(body)),
        (Some(word), None) if held.body.is_none() => Some(word),
        (None, Some(body)) if handed_on => Some(body),
        _ => end,
    }
}
