//! `workbeat plan`.

mod document;
mod text;

use crate::args;
use crate::capacity::{Group, Plan, Question, Quota};
use crate::output::Output;

/// Answers, and says with the exit code whether it fits.
pub(crate) fn run(asked: &args::Plan, output: &mut Output) -> u8 {
    let question = question(asked);
    let plan = Plan::of(&question);
    if output.json() {
        output.document(&document::of(&question, &plan));
    } else {
        for line in text::lines(&question, &plan) {
            output.line(&line);
        }
    }
    u8::from(!plan.fits())
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
            "of all activities",
            asked.heartbeat_quota,
        ),
        of_an_execution: quota(
            "RecordActivityTaskHeartbeat",
            "of one execution",
            asked.execution_quota,
        ),
        polls: quota(
            "PollForActivityTask",
            "with polls of idle workers",
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
