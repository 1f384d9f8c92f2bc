//! A run as a person reads it: one line a fact, and no payload.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::log::{Answer, Entry, Fact, Op};
use crate::run::Record;

/// The timeline of a run.
pub(crate) fn timeline(record: &Record) -> String {
    let mut text = format!(
        "seed {}: {:?}\n{:?}\n{:?}\n",
        record.seed, record.service, record.weather, record.budget
    );
    let mut calls = BTreeMap::new();
    let mut line = |entry: &Entry, what: String| {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{:>12.3} {what}", entry.at.as_secs_f64());
    };
    for entry in &record.entries {
        let what = match &entry.fact {
            Fact::Called {
                call,
                life,
                op,
                task,
                fate,
            } => {
                let about = task.map_or_else(String::new, |task| format!(" {task}"));
                let what = format!("#{} {life} {}{about}", call.0, name(*op));
                let mut said = format!("{what} ->");
                if !fate.is_empty() {
                    said = format!("{said} [{fate}]");
                }
                calls.insert(*call, what);
                said
            }
            Fact::Reached { call, answer } => {
                let what = calls.get(call).map_or("", String::as_str);
                format!("{what}    at the service: {}", answered(*answer))
            }
            Fact::Heard { call, answer } => {
                let what = calls.get(call).map_or("", String::as_str);
                format!("{what} <- {}", answered(*answer))
            }
            Fact::GivenUp { call } => {
                let what = calls.get(call).map_or("", String::as_str);
                format!("{what} given up")
            }
            Fact::Scheduled(task) => {
                let plan = &record.activities[task.0 as usize];
                let of = &record.types[plan.activity_type];
                format!(
                    "{task} scheduled: {:?} as {}, heartbeat {:?}, works {:?}",
                    plan.kind,
                    of.name.as_str(),
                    plan.heartbeat,
                    plan.work
                )
            }
            Fact::CancelRequested(task) => format!("{task} is to be canceled"),
            Fact::Terminated(task) => format!("the workflow of {task} is terminated"),
            Fact::CompletedElsewhere(task) => format!("{task} is completed elsewhere"),
            Fact::Began(task) => format!("{task} begins"),
            Fact::Told(task, reason) => format!("{task} is told to stop: {reason}"),
            Fact::Ended(task, end, reason) => match reason {
                Some(reason) => format!("{task} ends: {end:?} (stopped: {reason})"),
                None => format!("{task} ends: {end:?}"),
            },
            Fact::LifeBegan(life) => format!("{life} begins: {:?}", record.workers[life.worker]),
            Fact::Paused(life) => format!("{life} is paused"),
            Fact::Resumed(life) => format!("{life} is resumed"),
            Fact::DrainAsked(life) => format!("{life} is to drain"),
            Fact::StopAsked(life) => format!("{life} is to stop"),
            Fact::RunDropped(life) => format!("{life} is dropped"),
            Fact::RunEnded(life, report) => format!("{life} ends: {report:?}"),
            Fact::RunPanicked(life) => format!("{life} panicked"),
            Fact::SlotsAtEnd(life, held) => format!("{life} holds {held} slots"),
            Fact::Stretched(life, part) => format!("{life} stretches to {part:?} of the timeouts"),
            Fact::LetGo(task) => format!("{task} is let go by the budget"),
            Fact::Kept(task) => format!("{task} is no longer let go"),
            Fact::Calm => "all is calm".to_owned(),
            Fact::Stuck { held, pending } => format!("stuck: {held} held, {pending} waiting"),
        };
        line(entry, what);
    }
    for (at, history) in record.histories.iter().enumerate() {
        let started = history.started;
        let how = history.closings.iter().map(|closing| {
            let how = match &closing.how {
                crate::run::Closed::Completed { .. } => "completed".to_owned(),
                crate::run::Closed::Failed { reason } => {
                    let code = reason.as_deref().and_then(workbeat::FailureCode::of);
                    format!(
                        "failed {}",
                        code.map_or("by itself", workbeat::FailureCode::as_str)
                    )
                }
                crate::run::Closed::Canceled { .. } => "canceled".to_owned(),
                crate::run::Closed::TimedOut(timeout) => format!("timed out: {timeout}"),
            };
            format!("{how} at {:?}", closing.at)
        });
        let how: Vec<_> = how.collect();
        let closed = history.workflow_closed;
        let _ = writeln!(
            text,
            "history of a{at}: started {started:?}, {how:?}, workflow closed {closed:?}"
        );
    }
    text
}

fn name(op: Op) -> &'static str {
    match op {
        Op::Poll => "poll",
        Op::Heartbeat => "heartbeat",
        Op::Complete => "complete",
        Op::Fail => "fail",
        Op::Cancel => "cancel",
        Op::Timeouts => "timeouts",
        Op::Register => "register",
    }
}

fn answered(answer: Answer) -> String {
    match answer {
        Answer::Task(task) => format!("{task}"),
        Answer::Empty => "nothing".to_owned(),
        Answer::Beat {
            cancel_requested: false,
        } => "ok".to_owned(),
        Answer::Beat {
            cancel_requested: true,
        } => "cancel requested".to_owned(),
        Answer::Accepted => "accepted".to_owned(),
        Answer::Timeouts {
            heartbeat,
            start_to_close,
        } => {
            format!("heartbeat {heartbeat:?}, start-to-close {start_to_close:?}")
        }
        Answer::Error(kind) => kind.to_string(),
    }
}
