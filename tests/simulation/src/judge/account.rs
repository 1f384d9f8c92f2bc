//! Accounts: what became of every task that reached a worker.

use std::collections::BTreeSet;

use workbeat::worker::Unanswered;

use super::case::{Call, Case, Ending, Held, Life};
use super::{Check, Verdict};
use crate::log::{Answer, BodyEnd, LifeReport, Op};

pub(super) fn check(case: &Case<'_>, verdict: &mut Verdict) {
    for held in &case.held {
        account(case, held, verdict);
    }
    for life in case.lives.values() {
        if let Some((at, Ending::Returned(report))) = &life.ended {
            let mut wrong = |text: String| {
                let text = format!("{}: {text}", life.id);
                verdict.found(Check::ReportWrong, at.at, text);
            };
            self::report(case, life, report, &mut wrong);
        }
    }
    if let Some((held, pending)) = case.stuck {
        let text = format!("{held} tasks held and {pending} waiting after hours of calm");
        let at = case
            .record
            .entries
            .last()
            .map_or_else(Default::default, |last| last.at);
        verdict.found(Check::Stuck, at, text);
    }
}

/// Exactly what is promised of a task: an outcome that was accepted, the service's word that it
/// is closed, or a line in the report; and where a run was dropped, nothing.
fn account(case: &Case<'_>, held: &Held, verdict: &mut Verdict) {
    let life = case.lives.get(&held.life);
    let ended = life.and_then(|life| life.ended.as_ref());
    let reported = match ended {
        Some((_, Ending::Returned(report))) => {
            let mut unanswered = report.unanswered.iter();
            unanswered
                .find(|(task, _)| *task == held.task)
                .map(|(_, why)| *why)
        }
        _ => None,
    };
    let dropped = matches!(ended, Some((_, Ending::Dropped | Ending::Panicked)));
    let handed_on = end_of(held) == Some(BodyEnd::HandedOn);
    let mut reached = case.offers(held).flat_map(|offer| &offer.reached);
    let accepted = reached.any(|(_, answer)| *answer == Answer::Accepted);
    let known = case.accepted(held).is_some() || case.closed(held).is_some();
    verdict.tally.reported += u64::from(reported.is_some());
    verdict.tally.dropped += u64::from(dropped && !known);
    let otherwise = accepted || known || reported.is_some() || dropped;
    verdict.tally.handed_on += u64::from(handed_on && !otherwise);
    if !(otherwise || handed_on) {
        let text = format!(
            "{} came to {} and nothing became of it",
            held.task, held.life
        );
        verdict.found(Check::Unaccounted, held.delivered.at, text);
    }
    let history = case.history(held.task);
    let open = history.closings.is_empty() && history.workflow_closed.is_none();
    let let_go = reported.is_some() || dropped || handed_on;
    if open && !let_go {
        let text = format!(
            "{} is still open, and {} is done with it",
            held.task, held.life
        );
        verdict.found(Check::Leftover, held.delivered.at, text);
    }
}

fn end_of(held: &Held) -> Option<BodyEnd> {
    let ended = held.body.as_ref().and_then(|body| body.ended);
    ended.map(|(_, end, _)| end)
}

/// What a report says of the tasks that were closed is so, as far as the service can know.
fn closed(case: &Case<'_>, held: &[&Held], report: &LifeReport, wrong: &mut dyn FnMut(String)) {
    let (lost, late) = (report.closed_after_lost_answer, report.closed_with_result);
    if lost + late > report.closed {
        wrong(format!("{lost} and {late} of {} are closed", report.closed));
    }
    let listed = |held: &Held| {
        let mut unanswered = report.unanswered.iter();
        unanswered.any(|(task, _)| *task == held.task)
    };
    let known = held.iter().filter(|held| {
        case.accepted(held).is_none() && case.closed(held).is_some() && !listed(held)
    });
    let applied = known.clone().filter(|held| {
        let mut offers = case.offers(held);
        offers.any(|offer| {
            // A copy of a request is nothing that the worker can know of.
            let first = offer.reached.first();
            let accepted = first.is_some_and(|(_, answer)| *answer == Answer::Accepted);
            accepted && !offer.heard.is_some_and(Answer::closes)
        })
    });
    let applied = applied.count() as u64;
    if applied > lost {
        wrong(format!(
            "{applied} outcomes were accepted and not heard of, and {lost} are said to be"
        ));
    }
    let completed = known.filter(|held| end_of(held) == Some(BodyEnd::Completed));
    let completed = completed.count() as u64;
    if late > completed {
        wrong(format!(
            "{late} results are said to be late, and {completed} closed tasks had one"
        ));
    }
}

/// The counts of a report add up to what the worker was given, and each line is so.
fn report(case: &Case<'_>, life: &Life, report: &LifeReport, wrong: &mut dyn FnMut(String)) {
    let held: Vec<_> = case
        .held
        .iter()
        .filter(|held| held.life == life.id)
        .collect();
    let given = held.len() as u64;
    let counted = report.completed
        + report.failed
        + report.canceled
        + report.closed
        + report.handed_on
        + report.unanswered.len() as u64
        + report.omitted;
    if counted != given {
        wrong(format!("it was given {given} tasks and counts {counted}"));
    }
    for (op, counted) in [
        (Op::Complete, report.completed),
        (Op::Fail, report.failed),
        (Op::Cancel, report.canceled),
    ] {
        let offers = held.iter().flat_map(|held| case.offers(held));
        let heard = offers
            .filter(|offer| offer.op == op && offer.accepted().is_some())
            .count();
        if heard as u64 != counted {
            wrong(format!(
                "{op:?} was accepted {heard} times and is counted {counted} times"
            ));
        }
    }
    closed(case, &held, report, wrong);
    let tasks: BTreeSet<_> = held.iter().map(|held| held.task).collect();
    let mut named = BTreeSet::new();
    for (task, why) in &report.unanswered {
        if !tasks.contains(task) || !named.insert(*task) {
            wrong(format!(
                "{task} is listed, and was never given or is listed already"
            ));
        }
        if *why == Unanswered::Rejected {
            wrong(format!("{task} is listed as rejected, and nothing was"));
        }
    }
    let polls = life.polls.iter().map(|poll| case.call(*poll));
    let given_up = polls.filter(|poll: &&Call| poll.heard.is_none()).count();
    if given_up != report.polls_given_up {
        let said = report.polls_given_up;
        wrong(format!(
            "{given_up} polls were given up, and it says {said}"
        ));
    }
    if report.still_running > 0 {
        wrong(format!("{} are said to run on", report.still_running));
    }
}
