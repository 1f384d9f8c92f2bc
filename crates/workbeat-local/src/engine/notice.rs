//! What happened that somebody outside may be waiting for.

use std::sync::Arc;

use workbeat::service::ActivityTask;

use super::decision_task::DecisionTask;
use super::event::HistoryEvent;
use super::ids::{ActivityKey, PollId};
use super::open_activity::OpenActivity;
use super::payload::Payload;
use super::time::Timestamp;

/// Something that a call brought about besides its own answer.
///
/// Take them with [`Engine::take_notices`](super::Engine::take_notices) after every call:
/// they stay in the engine until then.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// A parked poll has its answer: a task, or nothing because it was held long enough.
    PollAnswered {
        /// The poll.
        poll: PollId,
        /// What it brings; in a box, because most notices are small.
        task: Option<Box<ActivityTask>>,
    },
    /// A worker, or a phantom poll, took an activity.
    ActivityStarted {
        /// The activity.
        activity: ActivityKey,
        /// When it was taken.
        at: Timestamp,
        /// Who polled for it, if it said so.
        identity: Option<Arc<str>>,
    },
    /// A parked poll for decision tasks has its answer: a task, or nothing because it was held
    /// long enough.
    DecisionPollAnswered {
        /// The poll.
        poll: PollId,
        /// What it brings.
        task: Option<Box<DecisionTask>>,
    },
    /// A heartbeat was accepted.
    HeartbeatRecorded {
        /// The activity that is alive.
        activity: ActivityKey,
        /// When the heartbeat came.
        at: Timestamp,
        /// What it carried.
        details: Option<Payload>,
        /// What it was answered.
        cancel_requested: bool,
    },
    /// An activity is closed, by an event of its own or with its whole execution.
    ActivityClosed {
        /// The activity.
        activity: ActivityKey,
        /// The event that closed it.
        event: Box<HistoryEvent>,
        /// How it stood until then. Its execution may be forgotten already.
        stood: Box<OpenActivity>,
    },
}
