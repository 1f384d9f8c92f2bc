//! What the application wants of the worker, and what the worker shows of itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use tokio::sync::{Semaphore, watch};

use super::live::Live;
use super::task_source::SourceSettings;
use crate::heartbeat::HeartbeatBudget;
use crate::service::ActivityType;

/// How the worker should end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shutdown {
    /// Not yet.
    #[default]
    No,
    /// Take no new tasks, and end when those that run have ended.
    Drain,
    /// At once.
    Stop,
}

/// What the application wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Control {
    pub(crate) paused: bool,
    pub(crate) shutdown: Shutdown,
    /// Whether a drain was asked for once; the second time is the impatient one.
    drain_called: bool,
}

impl Control {
    /// Drains, or at the second call stops.
    pub(crate) fn drain(&mut self) {
        let again = std::mem::replace(&mut self.drain_called, true);
        self.shutdown = match self.shutdown {
            Shutdown::No => Shutdown::Drain,
            Shutdown::Drain if !again => Shutdown::Drain,
            Shutdown::Drain | Shutdown::Stop => Shutdown::Stop,
        };
    }

    /// Drains if nothing has begun to end the worker. Whether it did.
    pub(crate) fn begin_drain(&mut self) -> bool {
        let begins = self.shutdown == Shutdown::No;
        if begins {
            self.shutdown = Shutdown::Drain;
        }
        begins
    }
}

/// How far the worker's run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    NotStarted,
    /// The activity types are being registered.
    Starting,
    Running,
    Ended,
}

/// What is shown of a service.
#[derive(Debug)]
pub(crate) struct ServiceShown {
    pub(crate) name: Arc<str>,
    pub(crate) task_lists: Vec<Arc<str>>,
    pub(crate) budget: HeartbeatBudget,
    /// Its types are registered, or need not be.
    pub(crate) open: AtomicBool,
}

impl ServiceShown {
    pub(crate) fn of(source: &SourceSettings) -> Self {
        Self {
            name: Arc::clone(&source.name),
            task_lists: source.task_lists.clone(),
            budget: source.budget.clone(),
            open: AtomicBool::new(false),
        }
    }
}

/// Shared by a worker and its handles.
#[derive(Debug)]
pub(crate) struct Steering {
    pub(crate) control: watch::Sender<Control>,
    pub(crate) phase: watch::Sender<Phase>,
    pub(crate) live: Arc<Live>,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) slots_total: usize,
    pub(crate) polls: AtomicUsize,
    pub(crate) budget: HeartbeatBudget,
    pub(crate) services: Vec<ServiceShown>,
    /// The types that are registered by name and version, in order.
    pub(crate) activity_types: Vec<ActivityType>,
}

impl Steering {
    pub(crate) fn new(
        slots: usize,
        budget: HeartbeatBudget,
        services: Vec<ServiceShown>,
        activity_types: Vec<ActivityType>,
    ) -> Self {
        Self {
            control: watch::Sender::default(),
            phase: watch::Sender::default(),
            live: Arc::default(),
            slots: Arc::new(Semaphore::new(slots.min(Semaphore::MAX_PERMITS))),
            slots_total: slots,
            polls: AtomicUsize::new(0),
            budget,
            services,
            activity_types,
        }
    }
}

/// Goes with the worker and its run, and says that the run has ended, also when it was dropped
/// before it began.
#[derive(Debug)]
pub(crate) struct EndGuard(pub(crate) Arc<Steering>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        self.0.phase.send_replace(Phase::Ended);
    }
}
