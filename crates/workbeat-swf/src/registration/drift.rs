//! What the service holds of a type and the worker declares otherwise: a pure function.

use aws_sdk_swf::types::ActivityTypeConfiguration;
use workbeat::service::{ActivityTypeRegistration, Timeout};

use crate::seconds;

/// One default that differs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Drift {
    /// Which.
    pub(crate) default: &'static str,
    /// What the worker declares.
    pub(crate) declared: String,
    /// What the service holds.
    pub(crate) registered: String,
}

/// The defaults that the worker declares and the service holds otherwise. What the worker does
/// not declare it does not mind.
pub(crate) fn drifts(
    declared: &ActivityTypeRegistration,
    registered: &ActivityTypeConfiguration,
) -> Vec<Drift> {
    let timeout = |timeout: Option<Timeout>| timeout.map(seconds::text);
    let task_list = registered.default_task_list.as_ref();
    let pairs = [
        (
            "heartbeat timeout",
            timeout(declared.heartbeat_timeout),
            registered.default_task_heartbeat_timeout.as_deref(),
        ),
        (
            "start-to-close timeout",
            timeout(declared.start_to_close_timeout),
            registered.default_task_start_to_close_timeout.as_deref(),
        ),
        (
            "schedule-to-start timeout",
            timeout(declared.schedule_to_start_timeout),
            registered.default_task_schedule_to_start_timeout.as_deref(),
        ),
        (
            "schedule-to-close timeout",
            timeout(declared.schedule_to_close_timeout),
            registered.default_task_schedule_to_close_timeout.as_deref(),
        ),
        (
            "task list",
            declared.task_list.clone(),
            task_list.map(|task_list| task_list.name.as_str()),
        ),
        (
            "priority",
            declared.priority.map(|priority| priority.to_string()),
            registered.default_task_priority.as_deref(),
        ),
    ];
    let drifted = pairs
        .into_iter()
        .filter_map(|(default, declared, registered)| {
            let declared = declared.filter(|declared| registered != Some(declared))?;
            Some(Drift {
                default,
                declared,
                registered: registered.unwrap_or("nothing").to_owned(),
            })
        });
    drifted.collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sdk_swf::types::TaskList;
    use workbeat::service::ActivityType;

    use super::*;

    #[test]
    fn only_what_is_declared_and_differs_has_drifted() {
        let mut declared = ActivityTypeRegistration::new(ActivityType::new("a", "1"));
        declared.heartbeat_timeout = Some(Duration::from_secs(30).into());
        declared.start_to_close_timeout = Some(Timeout::None);
        declared.task_list = Some("video".to_owned());
        declared.priority = Some(1);
        let registered = ActivityTypeConfiguration::builder()
            .default_task_heartbeat_timeout("60")
            .default_task_start_to_close_timeout("NONE")
            .default_task_schedule_to_start_timeout("5")
            .default_task_list(TaskList::builder().name("video").build().unwrap())
            .build();
        let drift = |default, declared: &str, registered: &str| Drift {
            default,
            declared: declared.to_owned(),
            registered: registered.to_owned(),
        };
        assert_eq!(
            drifts(&declared, &registered),
            [
                drift("heartbeat timeout", "30", "60"),
                drift("priority", "1", "nothing"),
            ]
        );
    }
}
