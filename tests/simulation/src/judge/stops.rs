//! Why activities were told to stop: what the service said, and nothing else.

use std::time::Duration;

use workbeat::StopReason;
use workbeat::service::ServiceErrorKind;

use super::case::{Call, Case, Held, Moment};
use super::{Check, Verdict};
use crate::log::Answer;

/// Timers go by whole milliseconds.
const MILLISECOND: Duration = Duration::from_millis(1);

pub(super) fn check(case: &Case<'_>, verdict: &mut Verdict) {
    for held in &case.held {
        let Some(body) = &held.body else { continue };
        if let Some((at, reason)) = body.told
            && !is_so(case, held, at, reason)
        {
            let text = format!("{} was told: {reason}", held.task);
            verdict.found(Check::StopWrong, at.at, text);
        }
        let Some((at, _, reason)) = body.ended else {
            continue;
        };
        if reason.is_some_and(|reason| !is_so(case, held, at, reason)) {
            let text = format!("{} ended under the impression: {reason:?}", held.task);
            verdict.found(Check::StopWrong, at.at, text);
        }
        let said = said(case, held, at);
        if said > reason {
            let text = format!("{} was not told {said:?}, but {reason:?}", held.task);
            verdict.found(Check::StopWrong, at.at, text);
        }
    }
}

/// The worst that the service had said of the task to the worker by then.
fn said(case: &Case<'_>, held: &Held, by: Moment) -> Option<StopReason> {
    let calls = case.beats(held).chain(case.offers(held));
    let heard = calls.filter(|call| call.ended.is_some_and(|ended| ended < by));
    heard
        .filter_map(|call| match call.heard? {
            Answer::Beat {
                cancel_requested: true,
            } => Some(StopReason::CancelRequested),
            Answer::Error(ServiceErrorKind::WorkflowClosed) if is_beat(call) => {
                Some(StopReason::WorkflowClosed)
            }
            answer if answer.closes() && is_beat(call) => Some(StopReason::TaskClosed),
            _ => None,
        })
        .max()
}

fn is_beat(call: &Call) -> bool {
    call.op == crate::log::Op::Heartbeat
}

fn is_so(case: &Case<'_>, held: &Held, at: Moment, reason: StopReason) -> bool {
    let calls = case.beats(held).chain(case.offers(held));
    let mut heard = calls.filter(|call| call.ended.is_some_and(|ended| ended < at));
    let ran = at.at.saturating_sub(held.delivered.at) + MILLISECOND;
    match reason {
        StopReason::CancelRequested => {
            let asked = Some(Answer::Beat {
                cancel_requested: true,
            });
            heard.any(|call| call.heard == asked)
        }
        StopReason::HeartbeatLost => {
            // The activity sees it a little later, and an answer may come within the same instant.
            let silent = at.at.saturating_sub(case.alive_before(held, at.at)) + MILLISECOND;
            // It may have ended long after it was told.
            let told = held.body.as_ref().and_then(|body| body.told);
            let timeout = case.known_timeout(held, at);
            told.is_some_and(|(told, _)| told < at)
                || timeout.is_some_and(|timeout| silent >= timeout)
        }
        StopReason::TimedOut => {
            let told = held.told.filter(|(since, ..)| *since < at);
            let told = told.and_then(|(.., start_to_close)| start_to_close);
            let declared = case
                .declared(held)
                .and_then(|declared| declared.start_to_close);
            [told, declared]
                .into_iter()
                .flatten()
                .any(|limit| ran >= limit)
        }
        StopReason::WorkerStopping => {
            let asked = case.lives.get(&held.life);
            let asked = asked.and_then(|life| life.drain_asked.or(life.stop_asked));
            let end = case.end_of(held.life);
            asked.is_some_and(|asked| asked < at) || end.is_some_and(|end| end.at == at.at)
        }
        StopReason::TaskClosed => {
            heard.any(|call| is_beat(call) && call.heard.is_some_and(Answer::closes))
        }
        StopReason::WorkflowClosed => {
            let closed = Some(Answer::Error(ServiceErrorKind::WorkflowClosed));
            heard.any(|call| is_beat(call) && call.heard == closed)
        }
        _ => false,
    }
}
