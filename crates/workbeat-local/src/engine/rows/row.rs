//! The rows: what each is about, where it stands, and what is in it.

use std::sync::Arc;

use serde::Serialize;

use crate::engine::core::Engine;
use crate::engine::ids::{ActivityKey, DomainKey, EventId};

/// One thing that is kept as a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) enum Row {
    /// How many run ids were given.
    Runs,
    /// A domain, without the types in it.
    Domain(DomainKey),
    /// An activity type of a domain, by its name and version.
    ActivityType(DomainKey, Arc<str>, Arc<str>),
    /// A workflow type of a domain, by its name and version.
    WorkflowType(DomainKey, Arc<str>, Arc<str>),
    /// An execution, without what is open in it and without its history.
    Execution(Arc<str>),
    /// An event of a history.
    Event(Arc<str>, EventId),
    /// An open activity.
    Activity(ActivityKey),
    /// An open timer of a run, by its `TimerStarted` event.
    Timer(Arc<str>, EventId),
    /// An open child of a run, by its `StartChildWorkflowExecutionInitiated` event.
    Child(Arc<str>, EventId),
}

pub(super) const RUNS: &str = "runs";
pub(super) const DOMAINS: &str = "domains";
pub(super) const ACTIVITY_TYPES: &str = "activity_types";
pub(super) const WORKFLOW_TYPES: &str = "workflow_types";
pub(super) const EXECUTIONS: &str = "executions";
pub(super) const EVENTS: &str = "events";
pub(super) const ACTIVITIES: &str = "activities";
pub(super) const TIMERS: &str = "timers";
pub(super) const CHILDREN: &str = "children";

impl Row {
    pub(super) fn table(&self) -> &'static str {
        match self {
            Self::Runs => RUNS,
            Self::Domain(_) => DOMAINS,
            Self::ActivityType(..) => ACTIVITY_TYPES,
            Self::WorkflowType(..) => WORKFLOW_TYPES,
            Self::Execution(_) => EXECUTIONS,
            Self::Event(..) => EVENTS,
            Self::Activity(_) => ACTIVITIES,
            Self::Timer(..) => TIMERS,
            Self::Child(..) => CHILDREN,
        }
    }

    /// The key within the table. Sorted as text, keys stand in the order of what they name;
    /// no run id, name or version has a `/`.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Runs => String::new(),
            Self::Domain(key) => format!("{:08x}", key.0),
            Self::ActivityType(key, name, version) | Self::WorkflowType(key, name, version) => {
                format!("{:08x}/{name}/{version}", key.0)
            }
            Self::Execution(run_id) => run_id.to_string(),
            Self::Event(run_id, id) | Self::Timer(run_id, id) | Self::Child(run_id, id) => {
                format!("{run_id}/{id:08x}")
            }
            Self::Activity(key) => format!("{}/{:08x}", key.run_id, key.scheduled_event_id),
        }
    }

    /// What is in it now; `None` if there is no such thing any more.
    pub(super) fn text(&self, engine: &Engine) -> Option<String> {
        let run = |run_id: &Arc<str>| engine.executions.get(run_id);
        match self {
            Self::Runs => json(Some(&engine.seed.runs())),
            Self::Domain(key) => json(engine.domains.get(*key)),
            Self::ActivityType(key, name, version) => {
                let types = &engine.domains.get(*key)?.activity_types;
                let name = workbeat::service::ActivityType::new(name.clone(), version.clone());
                json(types.get(&name))
            }
            Self::WorkflowType(key, name, version) => {
                let types = &engine.domains.get(*key)?.workflow_types;
                let name = crate::engine::ids::WorkflowType::new(name.clone(), version.clone());
                json(types.get(&name))
            }
            Self::Execution(run_id) => json(run(run_id)),
            Self::Event(run_id, id) => json(run(run_id)?.event(*id)),
            Self::Activity(key) => json(engine.activity(key)),
            Self::Timer(run_id, id) => json(run(run_id)?.timers.get(id)),
            Self::Child(run_id, id) => json(run(run_id)?.children.get(id)),
        }
    }
}

fn json<T: Serialize>(thing: Option<&T>) -> Option<String> {
    // None of them has a map whose keys are not text, which is all that could go wrong.
    thing.and_then(|thing| serde_json::to_string(thing).ok())
}
