//! `DescribeActivityType`

use serde::{Deserialize, Serialize};
use workbeat::service::{ActivityType, Timeout};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::{RegisteredActivityType, RegistrationStatus, known};
use crate::engine::fault::Fault;
use crate::engine::time::Timestamp;
use crate::engine::wire;

/// Asks for a type and its defaults.
///
/// A worker that is given no heartbeat timeout of a task can take it from here, as long as
/// the decision that scheduled the task did not say another.
///
/// ```
/// # use workbeat_local::engine::*;
/// # use workbeat::service::{ActivityType, Timeout};
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// # let register = RegisterActivityType {
/// #     domain: domain(),
/// #     name: "pack".into(),
/// #     version: "1.0".into(),
/// #     default_task_list: Some("files".into()),
/// #     ..Default::default()
/// # };
/// # engine.apply(register, now)?;
/// let activity_type = ActivityType::new("pack", "1.0");
/// let detail = engine.apply(DescribeActivityType { domain: domain(), activity_type }, now)?;
/// assert_eq!(detail.type_info.status, RegistrationStatus::Registered);
/// assert_eq!(detail.configuration.default_task_list.as_deref(), Some("files"));
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DescribeActivityType {
    /// The domain.
    pub domain: String,
    /// The type.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
}

/// A type and its defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTypeDetail {
    /// The type and its state.
    pub type_info: ActivityTypeInfo,
    /// What holds where a decision does not say.
    pub configuration: ActivityTypeConfiguration,
}

/// A type and its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTypeInfo {
    /// The type.
    #[serde(with = "wire::activity_type")]
    pub activity_type: ActivityType,
    /// Whether it can be scheduled.
    pub status: RegistrationStatus,
    /// What it does, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was registered.
    pub creation_date: Timestamp,
    /// When it was deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecation_date: Option<Timestamp>,
}

/// What holds for an activity where the decision that schedules it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActivityTypeConfiguration {
    /// How long it may run.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub default_task_start_to_close_timeout: Option<Timeout>,
    /// The longest time between two heartbeats.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub default_task_heartbeat_timeout: Option<Timeout>,
    /// The task list it goes to.
    #[serde(
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_list: Option<String>,
    /// Its priority; higher first.
    #[serde(with = "wire::priority", skip_serializing_if = "Option::is_none")]
    pub default_task_priority: Option<i32>,
    /// How long it may wait for a worker.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub default_task_schedule_to_start_timeout: Option<Timeout>,
    /// How long it may take altogether.
    #[serde(with = "wire::timeout", skip_serializing_if = "Option::is_none")]
    pub default_task_schedule_to_close_timeout: Option<Timeout>,
}

impl Operation for DescribeActivityType {
    const NAME: &'static str = "DescribeActivityType";

    type Answer = ActivityTypeDetail;

    fn apply_to(self, engine: &mut Engine) -> Result<ActivityTypeDetail, Fault> {
        let types = &engine.domains.named(&self.domain)?.activity_types;
        let known = known(types, &self.activity_type)?;
        let defaults = known.defaults.clone();
        Ok(ActivityTypeDetail {
            type_info: ActivityTypeInfo::of(&self.activity_type, known),
            configuration: ActivityTypeConfiguration {
                default_task_start_to_close_timeout: defaults.start_to_close,
                default_task_heartbeat_timeout: defaults.heartbeat,
                default_task_list: defaults.task_list,
                default_task_priority: defaults.priority,
                default_task_schedule_to_start_timeout: defaults.schedule_to_start,
                default_task_schedule_to_close_timeout: defaults.schedule_to_close,
            },
        })
    }
}

impl ActivityTypeInfo {
    /// What there is to say of a type.
    pub(super) fn of(activity_type: &ActivityType, known: &RegisteredActivityType) -> Self {
        Self {
            activity_type: activity_type.clone(),
            status: known.status(),
            description: known.description.clone(),
            creation_date: known.created,
            deprecation_date: known.deprecated,
        }
    }
}
