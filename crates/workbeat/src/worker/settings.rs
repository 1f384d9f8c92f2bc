//! How a worker is set, and its defaults.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::heartbeat::HeartbeatBudget;
use crate::retry::Backoff;

/// What a worker does with a task of a type that it does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownType {
    /// Fail the task, with a reason that lists what is registered.
    #[default]
    Fail,
    /// Give no answer, so that the task times out and a later attempt can reach a worker that
    /// knows the type. For rolling deployments. Such tasks are listed in the drain report.
    LeaveToOthers,
}

/// The settings of a worker.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) task_lists: Vec<Arc<str>>,
    /// How many activities run at once. Enough for work that waits; set it for work that
    /// computes.
    pub(crate) slots: usize,
    /// Polls of one task list under way at once. One poll brings a task a round trip, so a few
    /// keep up with hundreds of tasks a second; each idle one holds a slot.
    pub(crate) polls_each: usize,
    /// The process and its host, so that an entry of a history leads to them.
    pub(crate) identity: String,
    /// The interval where neither the activity nor its timeout says one. Soon enough for a
    /// cancellation, which comes with the answer, and ten such activities cost one call a second.
    pub(crate) heartbeat_interval: Duration,
    /// How many heartbeats may go out; perhaps shared with other workers.
    pub(crate) heartbeat_budget: HeartbeatBudget,
    /// Where heartbeats are sent from, if not from where the worker runs.
    pub(crate) heartbeat_runtime: Option<Handle>,
    /// Longer than a service holds a poll (60 s), so that a drain can wait for one.
    pub(crate) drain_deadline: Duration,
    /// What was refused by chance is soon made again, and a service that is back is found within
    /// half a minute.
    pub(crate) poll_backoff: Backoff,
    /// To fail is the default: the decider hears at once of what would else time out.
    pub(crate) unknown_type: UnknownType,
    /// On, because a type that is not registered cannot be scheduled.
    pub(crate) register_types: bool,
    /// Off, because it costs calls to the service and a permission.
    pub(crate) previous_progress: bool,
    /// Off, because deciders read the details of failures.
    pub(crate) progress_in_failures: bool,
    /// Where what is random comes from, if it is to be the same in every run.
    pub(crate) seed: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            task_lists: Vec::new(),
            slots: 100,
            polls_each: 2,
            identity: super::identity::default_identity(),
            heartbeat_interval: Duration::from_secs(10),
            heartbeat_budget: HeartbeatBudget::learning(),
            heartbeat_runtime: None,
            drain_deadline: Duration::from_secs(75),
            poll_backoff: Backoff::new(Duration::from_millis(200), Duration::from_secs(30)),
            unknown_type: UnknownType::default(),
            register_types: true,
            previous_progress: false,
            progress_in_failures: false,
            seed: None,
        }
    }
}

impl Settings {
    /// What is kept of the drain deadline for sending the outcomes of what must be aborted.
    pub(crate) fn drain_reserve(&self) -> Duration {
        (self.drain_deadline / 5).min(Duration::from_secs(5))
    }
}
