//! `workbeat plan`.

mod document;
mod figures;
mod text;

use crate::args;
use crate::capacity::{Group, Plan, Question, Quota};
use crate::output::Output;
use crate::problem::Problem;

/// Answers, and says with the exit code whether it fits.
pub(crate) fn run(asked: &args::Plan, output: &mut Output) -> Result<u8, Problem> {
    let question = question(asked);
    check(&question)?;
    let plan = Plan::of(&question);
    if output.json() {
        output.document(&document::of(&question, &plan));
    } else {
        for line in text::lines(&question, &plan) {
            output.line(&line);
        }
    }
    Ok(u8::from(!plan.fits()))
}

/// What no single argument shows to be wrong.
fn check(question: &Question) -> Result<(), Problem> {
    let activities = question.activities();
    if let Some(in_one) = question.in_one_execution.filter(|it| *it > activities) {
        return Err(Problem::usage(
            format!("--in-one-execution is {in_one}, and {activities} activities run in all"),
            "say how many of them run in one workflow execution",
        ));
    }
    let names = question
        .groups
        .iter()
        .filter_map(|group| group.name.as_ref());
    let mut seen = std::collections::HashSet::new();
    match names.into_iter().find(|name| !seen.insert(*name)) {
        Some(name) => Err(Problem::usage(
            format!("two groups are called {}", crate::output::escape(name)),
            "give each group a name of its own, or none",
        )),
        None => Ok(()),
    }
}

fn question(asked: &args::Plan) -> Question {
    let said = asked.activities.zip(asked.heartbeat_timeout);
    let said = said.map(|(activities, timeout)| Group {
        name: None,
        activities,
        timeout,
    });
    let listed = asked.groups.iter().map(|group| Group {
        name: group.name.clone(),
        activities: group.activities,
        timeout: group.timeout,
    });
    let quota = |operation, of, rate| Quota {
        operation,
        of,
        rate,
    };
    Question {
        groups: said.into_iter().chain(listed).collect(),
        duration: asked.duration,
        slots: asked.slots,
        in_one_execution: asked.in_one_execution,
        margin: f64::from(asked.margin) / 100.0,
        heartbeats: quota(
            "RecordActivityTaskHeartbeat",
            "of all, to lose none",
            asked.heartbeat_quota,
        ),
        of_an_execution: quota(
            "RecordActivityTaskHeartbeat",
            "of an execution, sent",
            asked.execution_quota,
        ),
        polls: quota(
            "PollForActivityTask",
            if asked.duration.is_some() {
                "of tasks and idle workers"
            } else {
                "of idle workers"
            },
            asked.poll_quota,
        ),
        once_a_task: vec![
            quota(
                "RespondActivityTaskCompleted",
                "one a task",
                asked.respond_quota,
            ),
            quota(
                "ScheduleActivityTask",
                "one a task, by the decider",
                asked.schedule_quota,
            ),
        ],
    }
}
