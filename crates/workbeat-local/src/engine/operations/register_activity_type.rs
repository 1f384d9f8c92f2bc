//! `RegisterActivityType`

use serde::{Deserialize, Serialize};
use workbeat::service::{ActivityType, Timeout};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::domain::{ActivityDefaults, RegisteredActivityType, register};
use crate::engine::fault::Fault;
use crate::engine::wire;

/// Makes an activity type known, with what holds where a decision does not say.
///
/// A type cannot be registered twice, not even when it is deprecated: that is a
/// `TypeAlreadyExistsFault`. A type that [lenient
/// settings](crate::engine::Settings::lenient_types) made up can be, once.
///
/// A default that is `None` is undefined: a decision must then say it. That is not the same
/// as a timeout of `NONE`.
///
/// ```
/// # use workbeat_local::engine::*;
/// # use workbeat::service::{ActivityType, Timeout};
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// let register = RegisterActivityType {
///     domain: domain(),
///     name: "pack".into(),
///     version: "1.0".into(),
///     default_task_list: Some("files".into()),
///     default_task_heartbeat_timeout: Some(Timeout::None),
///     ..Default::default()
/// };
/// engine.apply(register.clone(), now)?;
/// let fault = engine.apply(register, now).unwrap_err();
/// assert_eq!(fault.kind(), FaultKind::TypeAlreadyExists);
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterActivityType {
    /// The domain.
    pub domain: String,
    /// The activity's name.
    pub name: String,
    /// The activity's version.
    pub version: String,
    /// What it does, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How long it may run.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_start_to_close_timeout: Option<Timeout>,
    /// The longest time between two heartbeats.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_heartbeat_timeout: Option<Timeout>,
    /// The task list it goes to.
    #[serde(
        default,
        with = "wire::optional_task_list",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_list: Option<String>,
    /// Its priority; higher first.
    #[serde(
        default,
        with = "wire::priority",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_priority: Option<i32>,
    /// How long it may wait for a worker.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_schedule_to_start_timeout: Option<Timeout>,
    /// How long it may take altogether.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub default_task_schedule_to_close_timeout: Option<Timeout>,
}

impl Operation for RegisterActivityType {
    const NAME: &'static str = "RegisterActivityType";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let now = engine.now;
        let domain = engine.domains.named_for_new(&self.domain)?;
        let activity_type = ActivityType::new(self.name, self.version);
        let registered = RegisteredActivityType {
            description: self.description,
            defaults: ActivityDefaults {
                task_list: self.default_task_list,
                priority: self.default_task_priority,
                schedule_to_start: self.default_task_schedule_to_start_timeout,
                schedule_to_close: self.default_task_schedule_to_close_timeout,
                start_to_close: self.default_task_start_to_close_timeout,
                heartbeat: self.default_task_heartbeat_timeout,
            },
            created: now,
            deprecated: None,
            implied: false,
        };
        let room = domain.has_room();
        register(&mut domain.activity_types, activity_type, registered, room)
    }
}
