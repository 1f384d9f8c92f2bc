//! A worker's settings as plain data: from a file, from the environment, or both.

mod apply;
mod env;
mod error;
mod fields;
mod near;
mod read;
#[cfg(test)]
mod tests;
mod value;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

pub use self::error::ConfigError;
use super::UnknownType;
use crate::activity::ActivityOptions;

/// A worker's settings as plain data, for [`WorkerBuilder::configure`]; behind the feature
/// `config`.
///
/// Every field is optional, is called like the method of [`WorkerBuilder`] that sets it, and has
/// its default there. Where a worker has several services, `task_lists`, `heartbeat_budget` and
/// `heartbeat_workers` are of the first, and all else is of the worker. It is read
///
/// - from a file, by any format of serde that describes itself (TOML, JSON, YAML and others):
///   `toml::from_str::<WorkerConfig>(&text)`, alone or as a field of your application's own
///   settings;
/// - from the environment, by [`from_env`](Self::from_env);
/// - from both, with [`or`](Self::or) between them.
///
/// A duration is text such as `"30s"`, `"1m 30s"` or `"100ms"`, or a number of seconds. A timeout
/// may also be `"none"`.
///
/// What is not known, or has no good value, is an error that names the field by its path, shows the
/// value and says how to mend it.
///
/// ```
/// use workbeat::WorkerConfig;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let file: WorkerConfig = serde_json::from_str(
///     r#"{
///         "task_lists": ["video"],
///         "slots": 20,
///         "drain_deadline": "2m",
///         "activities": { "encode:1.0": { "limit": 4, "heartbeat_timeout": "30s" } }
///     }"#,
/// )?;
/// // In an application `WorkerConfig::from_env("WORKBEAT_")`.
/// let environment = WorkerConfig::from_vars("WORKBEAT_", [("WORKBEAT_SLOTS", "50")])?;
/// let config = environment.or(file);
/// assert_eq!(config.slots, Some(50));
/// # Ok(())
/// # }
/// ```
///
/// [`WorkerBuilder`]: super::WorkerBuilder
/// [`WorkerBuilder::configure`]: super::WorkerBuilder::configure
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct WorkerConfig {
    /// The task lists to poll at the worker's first service. Those of another are its
    /// [source's](super::TaskSource::task_list).
    pub task_lists: Option<Vec<String>>,
    /// How many activities run at once, polls under way included.
    pub slots: Option<usize>,
    /// How many polls of each task list are under way at once.
    pub max_concurrent_polls: Option<usize>,
    /// Who the worker says it is.
    pub identity: Option<String>,
    /// How often to heartbeat for activities that say neither an interval nor a timeout.
    pub heartbeat_interval: Option<Duration>,
    /// How many heartbeats a second may go out to the first service. It becomes a budget of this
    /// worker's own; for one that workers share, leave it out and give the builder the shared budget.
    /// Another service has the budget of its [source](super::TaskSource::heartbeat_budget).
    pub heartbeat_budget: Option<f64>,
    /// How many workers share the quota of heartbeats of an account of the first service, each in a
    /// process of its own. With
    /// `heartbeat_budget`, which is then the whole quota, each has an equal share of it; without, they
    /// learn it from throttling ([`HeartbeatBudget::learning_among`](crate::HeartbeatBudget::learning_among)).
    pub heartbeat_workers: Option<u32>,
    /// How long a drain may take.
    pub drain_deadline: Option<Duration>,
    /// The shortest wait after polls that failed.
    pub poll_backoff_min: Option<Duration>,
    /// The longest wait after polls that failed.
    pub poll_backoff_max: Option<Duration>,
    /// What to do with a task of a type that is not registered: `"fail"` or `"leave_to_others"`.
    pub unknown_type: Option<UnknownType>,
    /// Whether to register the activity types at start-up: with the first service, and with the others
    /// whose [source](super::TaskSource::register_types) says nothing.
    pub register_types: Option<bool>,
    /// Whether activities may ask what their last attempt reported.
    pub previous_progress: Option<bool>,
    /// Whether to write the progress into the details of failures.
    pub progress_in_failures: Option<bool>,
    /// For the handler of all types that are not registered: its `heartbeat_timeout`,
    /// `heartbeat_interval` and `cancel_grace`.
    pub untyped: ActivityOptions,
    /// A section for each activity type that is to differ from what its code says, by name and
    /// version with a colon between them: `"encode:1.0"`.
    pub activities: BTreeMap<String, ActivityConfig>,
}

/// The settings of one activity type as plain data: a section of [`WorkerConfig::activities`].
///
/// What is set takes the place of what the activity's code says. In a file the options stand
/// beside `limit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActivityConfig {
    /// How many activities of the type run at once.
    pub limit: Option<usize>,
    /// Timeouts, heartbeat interval, cancel grace and the rest.
    pub options: ActivityOptions,
}

impl WorkerConfig {
    /// What this one sets, and from `other` what this one does not: the environment's word, *or*
    /// else the file's. Sections of activities are joined field by field.
    ///
    /// ```
    /// use workbeat::WorkerConfig;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let first = WorkerConfig::from_vars("APP_", [("APP_SLOTS", "5")])?;
    /// let second = WorkerConfig::from_vars("APP_", [("APP_SLOTS", "7"), ("APP_IDENTITY", "b")])?;
    /// let joined = first.or(second);
    /// assert_eq!((joined.slots, joined.identity.as_deref()), (Some(5), Some("b")));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut activities = self.activities;
        for (activity_type, section) in other.activities {
            let joined = activities.remove(&activity_type).unwrap_or_default();
            activities.insert(activity_type, joined.or(section));
        }
        Self {
            task_lists: self.task_lists.or(other.task_lists),
            slots: self.slots.or(other.slots),
            max_concurrent_polls: self.max_concurrent_polls.or(other.max_concurrent_polls),
            identity: self.identity.or(other.identity),
            heartbeat_interval: self.heartbeat_interval.or(other.heartbeat_interval),
            heartbeat_budget: self.heartbeat_budget.or(other.heartbeat_budget),
            heartbeat_workers: self.heartbeat_workers.or(other.heartbeat_workers),
            drain_deadline: self.drain_deadline.or(other.drain_deadline),
            poll_backoff_min: self.poll_backoff_min.or(other.poll_backoff_min),
            poll_backoff_max: self.poll_backoff_max.or(other.poll_backoff_max),
            unknown_type: self.unknown_type.or(other.unknown_type),
            register_types: self.register_types.or(other.register_types),
            previous_progress: self.previous_progress.or(other.previous_progress),
            progress_in_failures: self.progress_in_failures.or(other.progress_in_failures),
            untyped: options_or(self.untyped, other.untyped),
            activities,
        }
    }
}

impl ActivityConfig {
    fn or(self, other: Self) -> Self {
        Self {
            limit: self.limit.or(other.limit),
            options: options_or(self.options, other.options),
        }
    }
}

/// What `first` sets, and from `second` what it does not.
fn options_or(first: ActivityOptions, second: ActivityOptions) -> ActivityOptions {
    ActivityOptions {
        description: first.description.or(second.description),
        heartbeat_timeout: first.heartbeat_timeout.or(second.heartbeat_timeout),
        heartbeat_interval: first.heartbeat_interval.or(second.heartbeat_interval),
        start_to_close_timeout: first
            .start_to_close_timeout
            .or(second.start_to_close_timeout),
        schedule_to_start_timeout: first
            .schedule_to_start_timeout
            .or(second.schedule_to_start_timeout),
        schedule_to_close_timeout: first
            .schedule_to_close_timeout
            .or(second.schedule_to_close_timeout),
        task_list: first.task_list.or(second.task_list),
        priority: first.priority.or(second.priority),
        cancel_grace: first.cancel_grace.or(second.cancel_grace),
    }
}
