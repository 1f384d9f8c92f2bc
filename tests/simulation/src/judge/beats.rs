//! Heartbeats: none when there is nothing to say.
//!
//! That no heartbeat begins after the outcome was accepted can only be asked of a worker that
//! could know. So: none begins after the worker has *heard* that it was accepted, or that the
//! task is closed; and while an outcome is under way, which may just be accepted, none begins
//! unless three quarters of the heartbeat timeout have passed since the service last saw the
//! task alive, as far as the worker knows. If the answer of an accepted outcome is lost, the
//! worker must take the task for open, and beats for it.

use std::time::Duration;

use workbeat::worker::UnknownType;

use super::case::{Case, Held, Moment};
use super::{Check, Verdict};
use crate::plan::Kind;

/// Timers go by whole milliseconds.
const MILLISECOND: Duration = Duration::from_millis(1);

pub(super) fn check(case: &Case<'_>, verdict: &mut Verdict) {
    for held in &case.held {
        let (accepted, closed) = (case.accepted(held), case.closed(held));
        let mut before = None;
        for id in &held.beats {
            let beat = case.call(*id);
            let began = beat.called;
            let mut found = |check, text: &str| {
                verdict.found(check, began.at, format!("{}: {text}", held.task));
            };
            if accepted.is_some_and(|accepted| began > accepted) {
                found(
                    Check::BeatAfterOutcome,
                    "a heartbeat after its outcome was accepted",
                );
            }
            if closed.is_some_and(|closed| began > closed) {
                found(
                    Check::BeatAfterClosed,
                    "a heartbeat after it was known closed",
                );
            }
            let offered = case.offers(held).any(|offer| offer.is_under_way(began));
            if offered && !is_urgent(case, held, began) {
                found(
                    Check::BeatAcrossOutcome,
                    "a heartbeat while its outcome was under way",
                );
            }
            if nobody_runs(case, held, beat.life, began) {
                found(Check::BeatForNobody, "a heartbeat, and nobody runs it");
            }
            let overlaps = before.replace(beat);
            if overlaps.is_some_and(|before: &super::case::Call| before.is_under_way(began)) {
                found(Check::BeatsOverlap, "a heartbeat while one was under way");
            }
        }
    }
}

/// Whether three quarters of the timeout that the worker knows of have passed.
fn is_urgent(case: &Case<'_>, held: &Held, at: Moment) -> bool {
    let alive = case.alive(held, at);
    let timeout = case.known_timeout(held, at);
    timeout.is_some_and(|timeout| at.at + MILLISECOND >= alive + timeout * 3 / 4)
}

fn nobody_runs(case: &Case<'_>, held: &Held, life: crate::log::LifeId, at: Moment) -> bool {
    if life != held.life || case.end_of(life).is_some_and(|end| at > end) {
        return true;
    }
    let left = case.worker(life).unknown == UnknownType::LeaveToOthers;
    if left && case.plan(held.task).kind == Kind::Unknown {
        return true;
    }
    let ended = held.body.as_ref().and_then(|body| body.ended);
    // The body is gone, and no outcome of it was offered that might need another try.
    let offered = case.offers(held).any(|offer| offer.called < at);
    ended.is_some_and(|(ended, ..)| ended < at) && !offered
}
