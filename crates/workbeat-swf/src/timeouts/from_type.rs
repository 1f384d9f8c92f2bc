//! The timeouts that are registered for a type.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_swf::types::ActivityTypeConfiguration;
use tokio::sync::OnceCell;
use workbeat::service::{ActivityType, ServiceError, TaskTimeouts, Timeout};

use crate::seconds;
use crate::service::Inner;

/// What is known of each type. A type is asked for once, and by one call at a time.
#[derive(Debug, Default)]
pub(crate) struct TypeTimeouts(Mutex<HashMap<ActivityType, Arc<OnceCell<TaskTimeouts>>>>);

impl TypeTimeouts {
    fn of(&self, activity_type: &ActivityType) -> Arc<OnceCell<TaskTimeouts>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(activity_type.clone()).or_default())
    }
}

impl Inner {
    pub(crate) async fn timeouts_from_type(
        &self,
        activity_type: &ActivityType,
    ) -> Result<TaskTimeouts, ServiceError> {
        let known = self.type_timeouts.of(activity_type);
        let ask = async || {
            let described = self.describe_type(activity_type, true).await?;
            let configuration = described.configuration;
            Ok(configuration.map_or_else(TaskTimeouts::default, |found| defaults(&found)))
        };
        known.get_or_try_init(ask).await.copied()
    }
}

/// The timeouts of a task that was scheduled without any of its own.
fn defaults(registered: &ActivityTypeConfiguration) -> TaskTimeouts {
    let timeout = |text: Option<&str>| text.and_then(seconds::timeout);
    let close = [
        registered.default_task_start_to_close_timeout(),
        // Some of it was over when the task began: it is a bound all the same.
        registered.default_task_schedule_to_close_timeout(),
    ];
    let mut timeouts = TaskTimeouts::default();
    timeouts.heartbeat = timeout(registered.default_task_heartbeat_timeout());
    timeouts.start_to_close = shortest(close.map(timeout));
    timeouts
}

/// The shortest of the timeouts that are known.
pub(super) fn shortest(timeouts: [Option<Timeout>; 2]) -> Option<Timeout> {
    let known = timeouts.into_iter().flatten();
    known.min_by_key(|timeout| timeout.duration().unwrap_or(std::time::Duration::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_shorter_of_the_two_ends_is_the_deadline() {
        let registered = ActivityTypeConfiguration::builder()
            .default_task_heartbeat_timeout("NONE")
            .default_task_start_to_close_timeout("300")
            .default_task_schedule_to_close_timeout("60")
            .build();
        let expected = TaskTimeouts::default()
            .heartbeat(Timeout::None)
            .start_to_close(Duration::from_secs(60));
        assert_eq!(defaults(&registered), expected);
        let nothing = ActivityTypeConfiguration::builder().build();
        assert_eq!(defaults(&nothing), TaskTimeouts::default());
    }
}
