//! The decider's side: starts activities, cancels them, ends their workflows; and reads what
//! the history says in the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::sleep_until;
use workbeat_local::engine::{EventAttributes, EventId, HistoryEvent, Timestamp};
use workbeat_local::{ActivityHandle, StartActivity};

use super::{Closed, Closing, History, Stage};
use crate::activities::Script;
use crate::log::{Fact, TaskId};
use crate::plan::{ActivityPlan, Kind};

/// When the service's clock begins.
pub(super) const BEGAN: Duration = Duration::from_secs(1_700_000_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Start,
    Cancel,
    Terminate,
}

/// Does to every activity what the plan says, each at its time.
pub(super) async fn decide(stage: Stage, plans: Vec<ActivityPlan>) -> Vec<Option<ActivityHandle>> {
    let mut steps = Vec::new();
    for (at, plan) in plans.iter().enumerate() {
        steps.push((plan.at, at, Step::Start));
        steps.extend(plan.cancel.map(|cancel| (cancel, at, Step::Cancel)));
        steps.extend(
            plan.terminate
                .map(|terminate| (terminate, at, Step::Terminate)),
        );
    }
    steps.sort();
    let mut handles: Vec<Option<ActivityHandle>> = vec![None; plans.len()];
    for (time, at, step) in steps {
        sleep_until(stage.log.instant(time)).await;
        let task = TaskId(at as u32);
        match (step, &handles[at]) {
            (Step::Start, _) => handles[at] = start(&stage, task, &plans[at]),
            (Step::Cancel, Some(handle)) => {
                if handle.request_cancel().is_ok() {
                    stage.log.note(Fact::CancelRequested(task));
                }
            }
            (Step::Terminate, Some(handle)) => {
                if handle.terminate_workflow("the plan says so").is_ok() {
                    stage.log.note(Fact::Terminated(task));
                }
            }
            (_, None) => {}
        }
    }
    handles
}

fn start(stage: &Stage, task: TaskId, plan: &ActivityPlan) -> Option<ActivityHandle> {
    let name = match plan.kind {
        Kind::Unknown => "unheard-of",
        _ => stage.types[plan.activity_type].plan.name.as_str(),
    };
    let script = Script {
        task: task.0,
        kind: plan.kind,
        work: plan.work,
        clean_up: plan.clean_up,
    };
    let mut start = StartActivity::new(name, "1.0")
        .activity_id(format!("a{}", task.0))
        .task_list(plan.list)
        .priority(plan.priority);
    start = match plan.kind {
        Kind::Garbage => start.raw_input("{\"task\": \"nonsense\""),
        _ => start.input(&script).ok()?,
    };
    // What is left out would be filled in from the type.
    let limit =
        |timeout: Option<Duration>| timeout.map_or(workbeat::service::Timeout::None, Into::into);
    start = start
        .heartbeat_timeout(limit(plan.heartbeat))
        .start_to_close_timeout(limit(plan.start_to_close))
        .schedule_to_close_timeout(limit(plan.schedule_to_close))
        .schedule_to_start_timeout(limit(plan.schedule_to_start));
    if let Some(workflow) = plan.workflow {
        start = start.workflow_id(format!("shared-{workflow}"));
    }
    stage.log.note(Fact::Scheduled(task));
    stage.local.start(start).ok()
}

/// What the histories say of the activities.
pub(super) fn histories(handles: &[Option<ActivityHandle>]) -> Vec<History> {
    let mut runs: BTreeMap<Arc<str>, BTreeMap<EventId, History>> = BTreeMap::new();
    let handles = handles.iter().map(|handle| {
        let Some(handle) = handle else {
            return History::default();
        };
        let run = Arc::clone(&handle.workflow().run_id);
        let read = runs.entry(run).or_insert_with(|| read(&handle.history()));
        let scheduled = handle.key().scheduled_event_id;
        read.get(&scheduled).cloned().unwrap_or_default()
    });
    handles.collect()
}

fn since_began(at: Timestamp) -> Duration {
    at.saturating_duration_since((SystemTime::UNIX_EPOCH + BEGAN).into())
}

/// What one history says of each activity in it, by its `ActivityTaskScheduled` event.
fn read(events: &[HistoryEvent]) -> BTreeMap<EventId, History> {
    let mut activities: BTreeMap<EventId, History> = BTreeMap::new();
    let mut ids: BTreeMap<Arc<str>, EventId> = BTreeMap::new();
    for event in events {
        let at = since_began(event.timestamp);
        let mut closed = |scheduled: EventId, how: Closed| {
            let activity = activities.entry(scheduled).or_default();
            activity.closings.push(Closing { at, how });
        };
        match &event.attributes {
            EventAttributes::ActivityTaskScheduled(scheduled) => {
                activities.insert(event.event_id, History::default());
                ids.insert(Arc::clone(&scheduled.activity_id), event.event_id);
            }
            EventAttributes::ActivityTaskStarted(started) => {
                let activity = activities.entry(started.scheduled_event_id).or_default();
                activity.started = Some(at);
            }
            EventAttributes::ActivityTaskCancelRequested(requested) => {
                if let Some(scheduled) = ids.get(&requested.activity_id) {
                    activities.entry(*scheduled).or_default().requested.push(at);
                }
            }
            EventAttributes::ActivityTaskCompleted(completed) => {
                let result = completed
                    .result
                    .as_ref()
                    .map(|result| result.as_str().to_owned());
                closed(completed.scheduled_event_id, Closed::Completed { result });
            }
            EventAttributes::ActivityTaskFailed(failed) => {
                let reason = failed.reason.as_deref().map(str::to_owned);
                closed(failed.scheduled_event_id, Closed::Failed { reason });
            }
            EventAttributes::ActivityTaskCanceled(canceled) => {
                let requested = canceled.latest_cancel_requested_event_id.is_some();
                closed(canceled.scheduled_event_id, Closed::Canceled { requested });
            }
            EventAttributes::ActivityTaskTimedOut(timed_out) => {
                let timeout = timed_out.timeout_type.as_str();
                closed(timed_out.scheduled_event_id, Closed::TimedOut(timeout));
            }
            EventAttributes::WorkflowExecutionTerminated(_) => {
                for activity in activities.values_mut() {
                    if activity.closings.is_empty() {
                        activity.workflow_closed = Some(at);
                    }
                }
            }
            _ => {}
        }
    }
    activities
}
