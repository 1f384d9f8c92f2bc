//! What the service is told of an activity type.

use super::{ActivityType, Timeout};

/// An activity type with its defaults, as the worker offers it to the service at start-up.
///
/// A default that is `None` is not registered; whoever schedules the activity must then say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActivityTypeRegistration {
    /// Name and version.
    pub activity_type: ActivityType,
    /// What it does, for people; up to 1,024 characters.
    pub description: Option<String>,
    /// The longest time between two heartbeats.
    pub heartbeat_timeout: Option<Timeout>,
    /// From start to close.
    pub start_to_close_timeout: Option<Timeout>,
    /// From being scheduled to start.
    pub schedule_to_start_timeout: Option<Timeout>,
    /// From being scheduled to close.
    pub schedule_to_close_timeout: Option<Timeout>,
    /// The task list it goes to.
    pub task_list: Option<String>,
    /// Its priority; higher first.
    pub priority: Option<i32>,
}

impl ActivityTypeRegistration {
    /// The type without any defaults.
    #[must_use]
    pub fn new(activity_type: ActivityType) -> Self {
        Self {
            activity_type,
            description: None,
            heartbeat_timeout: None,
            start_to_close_timeout: None,
            schedule_to_start_timeout: None,
            schedule_to_close_timeout: None,
            task_list: None,
            priority: None,
        }
    }
}
