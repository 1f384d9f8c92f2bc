//! Outcomes: one a task, the right one, and canceled only when somebody asked.

use workbeat::service::ServiceErrorKind;

use super::case::{Call, Case, Held};
use super::{Check, Verdict};
use crate::log::{Answer, BodyEnd, Op, TaskId};
use crate::run::Closed;

pub(super) fn check(case: &Case<'_>, verdict: &mut Verdict) {
    for held in &case.held {
        accepted_once(case, held, verdict);
        offered_once(case, held, verdict);
        asked_for(case, held, verdict);
        right(case, held, verdict);
        history(case, held, verdict);
    }
    for (task, history) in case.record.histories.iter().enumerate() {
        if history.closings.len() > 1 {
            let task = TaskId(task as u32);
            let text = format!("the history closes {task} {} times", history.closings.len());
            verdict.found(Check::HistoryDisagrees, history.closings[1].at, text);
        }
    }
}

fn accepted_once(case: &Case<'_>, held: &Held, verdict: &mut Verdict) {
    let reached = case.offers(held).flat_map(|call| &call.reached);
    let mut accepted = reached.filter(|(_, answer)| *answer == Answer::Accepted);
    if let (Some(_), Some((at, _))) = (accepted.next(), accepted.next()) {
        let text = format!("the service accepted two outcomes of {}", held.task);
        verdict.found(Check::OutcomeTwice, at.at, text);
    }
}

fn offered_once(case: &Case<'_>, held: &Held, verdict: &mut Verdict) {
    let over = [case.accepted(held), case.closed(held)]
        .into_iter()
        .flatten()
        .min();
    let mut before: Option<&Call> = None;
    for offer in case.offers(held) {
        let task = held.task;
        let at = offer.called.at;
        if over.is_some_and(|over| offer.called > over) {
            let text = format!("{task}: an outcome is offered after the last word was heard");
            verdict.found(Check::OutcomeRepeated, at, text);
        }
        if before.is_some_and(|before| before.is_under_way(offer.called)) {
            let text = format!("{task}: an outcome is offered while another is under way");
            verdict.found(Check::OutcomeRepeated, at, text);
        }
        let rejected = Some(Answer::Error(ServiceErrorKind::Invalid));
        if before.is_some_and(|before| before.op != offer.op && before.heard != rejected) {
            let text = format!("{task}: another outcome is offered than before");
            verdict.found(Check::OutcomeWrong, at, text);
        }
        before = Some(offer);
    }
}

/// No cancellation without a request that the worker has heard of.
fn asked_for(case: &Case<'_>, held: &Held, verdict: &mut Verdict) {
    let asked = Some(Answer::Beat {
        cancel_requested: true,
    });
    let heard = case.beats(held).filter(|call| call.heard == asked);
    let heard = heard.filter_map(|call| call.ended).min();
    for offer in case.offers(held).filter(|offer| offer.op == Op::Cancel) {
        if heard.is_none_or(|heard| heard > offer.called) {
            let text = format!("{} is canceled, and the worker was not asked", held.task);
            verdict.found(Check::CanceledUnasked, offer.called.at, text);
        }
    }
    for closing in &case.history(held.task).closings {
        if closing.how == (Closed::Canceled { requested: false }) {
            let text = format!("{} is canceled, and nobody has asked", held.task);
            verdict.found(Check::CanceledUnasked, closing.at, text);
        }
    }
}

/// The outcome that is offered follows from how the body ended.
fn right(case: &Case<'_>, held: &Held, verdict: &mut Verdict) {
    let Some(offer) = case.offers(held).next() else {
        return;
    };
    let ended = held.body.as_ref().and_then(|body| body.ended);
    let end = ended
        .filter(|(at, ..)| *at < offer.called)
        .map(|(_, end, _)| end);
    let right = match (offer.op, end) {
        (Op::Complete, end) => end == Some(BodyEnd::Completed),
        // Before its body began a task can be stopped while it waits for its type's limit.
        (Op::Cancel, end) => {
            held.body.is_none() || matches!(end, Some(BodyEnd::SaidCanceled | BodyEnd::Dropped))
        }
        // What the drain deadline fails is failed before the body is gone.
        (_, None) => held.body.is_none() || draining(case, held, offer),
        (_, Some(BodyEnd::HandedOn)) => draining(case, held, offer),
        _ => true,
    };
    if !right {
        let text = format!("{}: {:?} is offered after {end:?}", held.task, offer.op);
        verdict.found(Check::OutcomeWrong, offer.called.at, text);
    }
}

fn draining(case: &Case<'_>, held: &Held, offer: &Call) -> bool {
    let asked = case.lives.get(&held.life).and_then(|life| life.drain_asked);
    asked.is_some_and(|asked| asked < offer.called)
}

/// What the service accepted is what its history says.
fn history(case: &Case<'_>, held: &Held, verdict: &mut Verdict) {
    let task = held.task;
    let history = case.history(task);
    let closing = history.closings.first();
    let accepted = case.offers(held).find_map(|offer| {
        let mut reached = offer.reached.iter();
        let accepted = reached.find(|(_, answer)| *answer == Answer::Accepted)?;
        Some((offer.op, accepted.0))
    });
    if let Some((op, at)) = accepted {
        let agrees = matches!(
            (op, closing.map(|closing| &closing.how)),
            (Op::Complete, Some(Closed::Completed { .. }))
                | (Op::Fail, Some(Closed::Failed { .. }))
                | (Op::Cancel, Some(Closed::Canceled { .. }))
        );
        if !agrees {
            let text = format!("{task}: {op:?} was accepted, and the history says {closing:?}");
            verdict.found(Check::HistoryDisagrees, at.at, text);
        }
    }
    if let Some(closing) = closing
        && let Closed::Completed { result } = &closing.how
    {
        let own = result.as_deref() == Some(task.0.to_string().as_str());
        let elsewhere = case.elsewhere.contains(&task);
        if !own && !elsewhere {
            let text = format!("{task} completed with the result of another");
            verdict.found(Check::OutcomeWrong, closing.at, text);
        }
    }
}
