//! The answer for a program.

use serde_json::{Value, json};

use crate::capacity::{OPEN_ACTIVITIES, Plan, Question, SOURCE};

/// The answer as one document; times are in seconds, quotas in calls a second.
pub(super) fn of(question: &Question, plan: &Plan) -> Value {
    let under_the_quota = plan.heartbeats.intervals.iter();
    let rest = under_the_quota
        .zip(&plan.heartbeats.let_go)
        .zip(&plan.timeouts_that_fit)
        .zip(&plan.silent);
    let groups = question.groups.iter().zip(rest);
    let groups = groups.map(|(group, (((interval, let_go), fits), silent))| {
        json!({
            "name": group.name,
            "activities": group.activities,
            "heartbeatTimeout": group.timeout.as_secs(),
            "normalInterval": group.interval().as_secs_f64(),
            "interval": interval.map(|interval| interval.as_secs_f64()),
            "letGo": let_go,
            "endsBeforeFirstHeartbeat": silent,
            "heartbeatTimeoutThatFits": fits.as_secs(),
        })
    });
    json!({
        "verdict": plan.verdict.name(),
        "fits": plan.fits(),
        "everyTaskKept": plan.verdict.keeps_every_task(),
        "activities": plan.activities,
        "letGo": plan.heartbeats.lost(),
        "groups": groups.collect::<Vec<_>>(),
        "margin": question.margin,
        "quotas": plan.quotas,
        "openActivities": plan.executions.map(|executions| json!({
            "quota": OPEN_ACTIVITIES,
            "needed": executions.activities,
            "fits": executions.fits,
        })),
        "heartbeatQuotaOfNormalIntervals": plan.quota_of_normal_intervals,
        "activitiesThatFit": plan.beats().then_some(plan.activities_that_fit),
        "workers": {
            "count": plan.workers,
            "slots": question.slots,
            "idlePolls": plan.idle_polls,
            "taskLists": plan.task_lists,
            "heartbeatBudget": plan.rate_of_a_worker,
            "shareCarries": plan.share_carries,
            "slotsThatShare": plan.slots_that_share,
            "canLearn": plan.can_learn,
        },
        "cancellation": plan.cancellation().map(|late| late.as_secs_f64()),
        "source": SOURCE,
    })
}
