//! Another service that a worker takes tasks from.

use std::fmt;
use std::sync::Arc;

use super::BuildError;
use super::builder::mistake_in_budget;
use crate::heartbeat::HeartbeatBudget;
use crate::service::{ActivityService, asked, cut, name_fault};
use crate::task::{Source, TaskList};

/// A service that a worker takes tasks from beside its first one, and the task lists that it polls
/// there; see [`WorkerBuilder::source`](super::WorkerBuilder::source).
///
/// ```
/// use workbeat::prelude::*;
/// use workbeat::worker::TaskSource;
/// use workbeat_local::LocalService;
///
/// # async fn pack(folder: String) -> Result<String, ActivityError> { Ok(folder) }
/// # fn main() -> Result<(), workbeat::worker::BuildError> {
/// # let (here, there) = (LocalService::new(), LocalService::new());
/// let worker = Worker::builder(here)
///     .task_list("boxes")
///     .source(TaskSource::new(there).task_list("parcels"))
///     .activity_fn("pack", "1.0", pack)
///     .slots(20) // for both
///     .build()?;
/// # let _ = worker;
/// # Ok(())
/// # }
/// ```
#[must_use = "a source does nothing until a worker's builder has it"]
pub struct TaskSource {
    pub(super) service: Arc<dyn ActivityService>,
    pub(super) task_lists: Vec<Arc<str>>,
    pub(super) budget: HeartbeatBudget,
    pub(super) register_types: Option<bool>,
    pub(super) mistake: Option<BuildError>,
}

impl TaskSource {
    /// Tasks of this service, from no task list yet.
    pub fn new(service: impl ActivityService) -> Self {
        Self {
            service: Arc::new(service),
            task_lists: Vec::new(),
            budget: HeartbeatBudget::learning(),
            register_types: None,
            mistake: None,
        }
    }

    /// Polls this task list. May be called several times.
    pub fn task_list(mut self, task_list: impl Into<String>) -> Self {
        let task_list: Arc<str> = task_list.into().into();
        let mistake = mistake_in_task_list(&task_list);
        self.mistake = self.mistake.take().or(mistake);
        if !self.task_lists.contains(&task_list) {
            self.task_lists.push(task_list);
        }
        self
    }

    /// How many heartbeats a second may go out to this service: a quota is each service's own. The
    /// default is a budget that knows no rate until a heartbeat is throttled. Workers that share an
    /// account of this service share clones of one, as with
    /// [`heartbeat_budget`](super::WorkerBuilder::heartbeat_budget).
    pub fn heartbeat_budget(mut self, budget: HeartbeatBudget) -> Self {
        let mistake = mistake_in_budget(&budget);
        self.mistake = self.mistake.take().or(mistake);
        self.budget = budget;
        self
    }

    /// Whether to register the activity types with this service at start-up. The default is what
    /// the worker does with its [first](super::WorkerBuilder::register_types).
    pub fn register_types(mut self, register: bool) -> Self {
        self.register_types = Some(register);
        self
    }
}

/// What is wrong with the name of a task list, if anything.
pub(super) fn mistake_in_task_list(name: &str) -> Option<BuildError> {
    Some(BuildError::InvalidName {
        what: "task list",
        name: name.to_owned(),
        why: name_fault(name, 256)?,
    })
}

impl fmt::Debug for TaskSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskSource")
            .field("task_lists", &self.task_lists)
            .field("budget", &self.budget)
            .field("register_types", &self.register_types)
            .finish_non_exhaustive()
    }
}

/// A service of a worker as it is set, each the same: the first is not another kind.
pub(crate) struct SourceSettings {
    pub(crate) name: Arc<str>,
    pub(crate) service: Arc<dyn ActivityService>,
    pub(crate) task_lists: Vec<Arc<str>>,
    pub(crate) budget: HeartbeatBudget,
    /// As much of the worker's as the service takes.
    pub(crate) identity: Arc<str>,
    pub(crate) register_types: bool,
}

impl SourceSettings {
    pub(super) fn new(
        name: Arc<str>,
        source: TaskSource,
        identity: &str,
        register_types: bool,
    ) -> Self {
        let limits = asked(|| source.service.limits()).unwrap_or_default();
        Self {
            name,
            identity: cut(identity.to_owned(), limits.identity).into(),
            register_types: source.register_types.unwrap_or(register_types),
            service: source.service,
            task_lists: source.task_lists,
            budget: source.budget,
        }
    }
}

/// What the services of a worker are called, each by a name of its own.
pub(super) fn names<'a>(
    services: impl Iterator<Item = &'a Arc<dyn ActivityService>>,
) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for service in services {
        let said = asked(|| service.name().to_owned()).unwrap_or_else(|| "service".to_owned());
        let mut name = said.clone();
        for number in 2..=names.len() + 1 {
            if names.iter().all(|other| **other != *name) {
                break;
            }
            name = format!("{said} {number}");
        }
        names.push(name.into());
    }
    names
}

/// The services of a worker that runs, and what was asked of them.
pub(super) struct Opened {
    pub(super) sources: Vec<(Arc<Source>, SourceSettings)>,
    /// Those of all of them, in order.
    pub(super) task_lists: Vec<Arc<TaskList>>,
}

impl Opened {
    /// Asks the services what they take and what they can do.
    pub(super) fn of(sources: Vec<SourceSettings>) -> Self {
        let several = sources.len() > 1;
        let mut task_lists = Vec::new();
        let opened = sources.into_iter().enumerate().map(|(number, set)| {
            let service = &set.service;
            let source = Arc::new(Source {
                number,
                label: several.then(|| Arc::clone(&set.name)),
                limits: asked(|| service.limits()).unwrap_or_default(),
                capabilities: asked(|| service.capabilities()).unwrap_or_default(),
                service: Arc::clone(service),
            });
            for name in &set.task_lists {
                task_lists.push(Arc::new(TaskList {
                    number: task_lists.len(),
                    name: Arc::clone(name),
                    source: Arc::clone(&source),
                }));
            }
            (source, set)
        });
        Self {
            sources: opened.collect(),
            task_lists,
        }
    }
}
