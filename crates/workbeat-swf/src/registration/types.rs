//! Registers an activity type, or looks at one that is there.

use aws_sdk_swf::operation::describe_activity_type::DescribeActivityTypeOutput;
use aws_sdk_swf::types::{self, RegistrationStatus};
use tracing::{debug, warn};
use workbeat::service::{ActivityType, ActivityTypeRegistration, ServiceError, ServiceErrorKind};

use super::drift::drifts;
use crate::operation::Operation;
use crate::service::{Inner, incomplete};
use crate::{poll, seconds};

/// The longest description that the service takes.
const LONGEST_DESCRIPTION: usize = 1_024;

impl Inner {
    pub(crate) async fn register_type(
        &self,
        registration: &ActivityTypeRegistration,
    ) -> Result<(), ServiceError> {
        let ActivityType { name, version, .. } = &registration.activity_type;
        let task_list = registration.task_list.as_deref().map(poll::task_list);
        let description = registration.description.as_deref().map(short);
        let call = self
            .client
            .register_activity_type()
            .domain(&self.domain)
            .name(&**name)
            .version(&**version)
            .set_description(description)
            .set_default_task_heartbeat_timeout(registration.heartbeat_timeout.map(seconds::text))
            .set_default_task_start_to_close_timeout(
                registration.start_to_close_timeout.map(seconds::text),
            )
            .set_default_task_schedule_to_start_timeout(
                registration.schedule_to_start_timeout.map(seconds::text),
            )
            .set_default_task_schedule_to_close_timeout(
                registration.schedule_to_close_timeout.map(seconds::text),
            )
            .set_default_task_list(task_list.transpose()?)
            .set_default_task_priority(registration.priority.map(|priority| priority.to_string()));
        let Err(error) = call.send().await else {
            debug!(activity_type = %registration.activity_type, "the activity type is registered");
            return Ok(());
        };
        let service_error = error.as_service_error();
        if service_error.is_some_and(|error| error.is_type_already_exists_fault()) {
            return self.look_at_type(registration).await;
        }
        let subject = registration.activity_type.to_string();
        Err(self.error(Operation::RegisterType, Some(&subject), &error))
    }

    /// Compares what the service holds of a type with what the worker declares.
    async fn look_at_type(
        &self,
        registration: &ActivityTypeRegistration,
    ) -> Result<(), ServiceError> {
        let activity_type = &registration.activity_type;
        let described = match self.describe_type(activity_type, false).await {
            Ok(described) => described,
            Err(error) if error.kind() == ServiceErrorKind::NotPermitted => {
                debug!(%activity_type, "the activity type is there already; whether its defaults are those that the worker declares is not known, because `swf:DescribeActivityType` is not allowed");
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let deprecated = described
            .type_info
            .is_some_and(|about| about.status == RegistrationStatus::Deprecated);
        if deprecated {
            let domain = &self.domain;
            return Err(ServiceError::new(
                ServiceErrorKind::Invalid,
                format!(
                    "the activity type `{activity_type}` is deprecated in the domain `{domain}`, so nobody can schedule it; undeprecate it, or give the activity a new version"
                ),
            ));
        }
        let Some(registered) = described.configuration else {
            return Ok(());
        };
        for drift in drifts(registration, &registered) {
            warn!(%activity_type, default = drift.default, declared = %drift.declared, registered = %drift.registered, "the service holds another default for the activity type than the worker declares; a new version of the activity can change it");
        }
        Ok(())
    }

    /// What the service holds of a type. `beside` says that the call goes out beside the
    /// heartbeats, and so through their client.
    pub(crate) async fn describe_type(
        &self,
        activity_type: &ActivityType,
        beside: bool,
    ) -> Result<DescribeActivityTypeOutput, ServiceError> {
        let client = if beside {
            &self.heartbeat_client
        } else {
            &self.client
        };
        let wanted = types::ActivityType::builder()
            .name(&*activity_type.name)
            .version(&*activity_type.version)
            .build()
            .map_err(incomplete)?;
        let call = client
            .describe_activity_type()
            .domain(&self.domain)
            .activity_type(wanted);
        call.send().await.map_err(|error| {
            let subject = activity_type.to_string();
            self.error(Operation::DescribeType, Some(&subject), &error)
        })
    }
}

/// As much of a description as the service takes.
fn short(description: &str) -> String {
    let mut room = LONGEST_DESCRIPTION;
    let fits = |character: &char| match room.checked_sub(character.len_utf16()) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    description.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_as_long_as_the_service_takes() {
        assert_eq!(short("packs"), "packs");
        assert_eq!(short(&"x".repeat(1_025)).len(), 1_024);
        assert_eq!(short(&"🦀".repeat(600)).chars().count(), 512);
    }
}
