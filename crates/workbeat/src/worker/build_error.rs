//! What can be wrong with a worker's settings.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::chain;
use crate::service::ActivityType;

/// A mistake in a worker's settings, and how to mend it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// No task list to poll at the worker's first service.
    NoTaskList,
    /// No task list to poll at another service: a [`TaskSource`](super::TaskSource) has none.
    NoTaskListOf {
        /// What the service is [called](super::ServiceStatus::name).
        service: String,
    },
    /// Nothing to run.
    NoActivity,
    /// Two activities with the same name and version.
    DuplicateActivity(ActivityType),
    /// Two handlers for unknown types.
    DuplicateUntypedHandler,
    /// A name that the service would not take.
    InvalidName {
        /// What is named: a task list, an activity's name, its version.
        what: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Fewer slots than task lists.
    TooFewSlots {
        /// The slots.
        slots: usize,
        /// The task lists.
        task_lists: usize,
    },
    /// A number or a duration that must not be zero.
    Zero(&'static str),
    /// A backoff whose longest wait is shorter than its shortest.
    BackoffReversed {
        /// The shortest wait.
        min: Duration,
        /// The longest wait.
        max: Duration,
    },
    /// A heartbeat interval that is not shorter than the heartbeat timeout.
    IntervalTooLong {
        /// Of which activity; `untyped handler` stands for the handler of all other types.
        activity_type: ActivityType,
        /// The interval.
        interval: Duration,
        /// The timeout.
        timeout: Duration,
    },
    /// A limit for an activity that is not registered.
    LimitOfUnknown(ActivityType),
    /// A codec, a middleware or a layer for an activity that is not registered.
    SettingOfUnknown {
        /// The setting: `activity_codec`, for instance.
        setting: &'static str,
        /// The activity that it names.
        activity_type: ActivityType,
    },
    /// A heartbeat budget whose rate is no rate.
    HeartbeatRate(String),
    /// A field of a configuration (`WorkerConfig`) that the builder does not take.
    Configured {
        /// The path of the field, such as `activities."encode:1.0".heartbeat_interval`.
        field: String,
        /// What is wrong with it.
        mistake: Box<Self>,
    },
    /// A section of a configuration for an activity that is not registered.
    UnknownSection {
        /// The path of the section, such as `activities."encode:1.0"`.
        field: String,
        /// What is registered.
        registered: Vec<ActivityType>,
    },
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        chain::debug(self, f)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTaskList => {
                f.write_str("no task list to poll; add one with `.task_list(\"...\")`, or as `task_lists` of the configuration")
            }
            Self::NoTaskListOf { service } => write!(
                f,
                "no task list of `{service}` to poll; add one to its source with `TaskSource::task_list`"
            ),
            Self::NoActivity => f.write_str(
                "no activity to run; add one with `.activity(...)` or `.activity_fn(...)`",
            ),
            Self::DuplicateActivity(activity_type) => write!(
                f,
                "the activity `{activity_type}` is registered twice; give one another name or version"
            ),
            Self::DuplicateUntypedHandler => f.write_str(
                "there are two untyped handlers; `.untyped_activity_fn(...)` may be called once",
            ),
            Self::InvalidName { what, name, why } => write!(f, "the {what} `{name}` {why}"),
            Self::TooFewSlots { slots, task_lists } => write!(
                f,
                "{slots} slots are too few for {task_lists} task lists, because an idle poll holds one; set `slots` to {task_lists} or more"
            ),
            Self::Zero(what) => write!(f, "`{what}` must be greater than zero"),
            Self::BackoffReversed { min, max } => write!(
                f,
                "the longest wait of `poll_backoff`, {max:?}, must not be shorter than its shortest, {min:?}"
            ),
            Self::IntervalTooLong {
                activity_type,
                interval,
                timeout,
            } => write!(
                f,
                "the heartbeat interval of `{activity_type}`, {interval:?}, must be shorter than its heartbeat timeout, {timeout:?}; leave it out to beat every third of the timeout"
            ),
            Self::LimitOfUnknown(activity_type) => write!(
                f,
                "`.activity_limit(...)` names `{activity_type}`, which is not registered"
            ),
            Self::SettingOfUnknown {
                setting,
                activity_type,
            } => write!(
                f,
                "`.{setting}(...)` names `{activity_type}`, which is not registered"
            ),
            Self::HeartbeatRate(rate) => write!(
                f,
                "a heartbeat budget of {rate} calls a second carries nothing; give it a number greater than zero, or use `HeartbeatBudget::learning()`"
            ),
            Self::Configured { field, mistake } => {
                write!(f, "`{field}` of the configuration: {mistake}")
            }
            Self::UnknownSection { field, registered } => {
                write!(
                    f,
                    "`{field}` of the configuration is for nothing that is registered"
                )?;
                let mut before = "; registered are ";
                for ActivityType { name, version } in registered {
                    write!(f, "{before}\"{name}:{version}\"")?;
                    before = ", ";
                }
                Ok(())
            }
        }
    }
}

impl Error for BuildError {}
