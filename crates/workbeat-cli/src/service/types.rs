//! Activity types: what is registered.

use aws_sdk_swf::types::{ActivityType, RegistrationStatus};

use super::{Fault, Service};
use crate::history::TypeName;

/// What is registered of an activity type and matters to whoever schedules one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TypeDefaults {
    /// Whether it is known what is registered; else the rest says nothing.
    pub(crate) known: bool,
    /// Whether no activity of it can be started any more.
    pub(crate) deprecated: bool,
    /// The default task list.
    pub(crate) task_list: Option<String>,
    /// The default heartbeat timeout.
    pub(crate) heartbeat_timeout: Option<String>,
    /// The default schedule-to-start timeout.
    pub(crate) schedule_to_start_timeout: Option<String>,
    /// The default schedule-to-close timeout.
    pub(crate) schedule_to_close_timeout: Option<String>,
    /// The default start-to-close timeout.
    pub(crate) start_to_close_timeout: Option<String>,
}

impl TypeDefaults {
    /// Nothing is known: it may not be read.
    pub(crate) fn unknown() -> Self {
        Self::default()
    }
}

impl Service {
    /// What is registered of a type; `None` if it is not there.
    pub(crate) async fn activity_type(
        &self,
        activity_type: &TypeName,
    ) -> Result<Option<TypeDefaults>, Fault> {
        let named = ActivityType::builder()
            .name(&activity_type.name)
            .version(&activity_type.version)
            .build()
            .ok();
        let described = self
            .client
            .describe_activity_type()
            .domain(&self.domain)
            .set_activity_type(named)
            .send();
        let described = match described.await {
            Ok(described) => described,
            Err(error) => {
                let fault = self.fault("DescribeActivityType", &error);
                if fault.is_unknown() && !fault.is_unknown_domain() {
                    return Ok(None);
                }
                return Err(fault);
            }
        };
        let deprecated = described
            .type_info
            .is_some_and(|registered| registered.status == RegistrationStatus::Deprecated);
        let defaults = described.configuration.map(|defaults| TypeDefaults {
            known: true,
            deprecated,
            task_list: defaults.default_task_list.map(|list| list.name),
            heartbeat_timeout: defaults.default_task_heartbeat_timeout,
            schedule_to_start_timeout: defaults.default_task_schedule_to_start_timeout,
            schedule_to_close_timeout: defaults.default_task_schedule_to_close_timeout,
            start_to_close_timeout: defaults.default_task_start_to_close_timeout,
        });
        Ok(Some(defaults.unwrap_or_else(TypeDefaults::unknown)))
    }

    /// The types that are registered and not deprecated, by name; those of one name, if it is
    /// given.
    pub(crate) async fn registered_types(
        &self,
        name: Option<&str>,
    ) -> Result<Vec<TypeName>, Fault> {
        let mut types = Vec::new();
        let mut page = None;
        loop {
            let answer = self
                .client
                .list_activity_types()
                .domain(&self.domain)
                .registration_status(RegistrationStatus::Registered)
                .set_name(name.map(str::to_owned))
                .set_next_page_token(page)
                .send()
                .await
                .map_err(|error| self.fault("ListActivityTypes", &error))?;
            let named = answer.type_infos.into_iter().filter_map(|registered| {
                let activity_type = registered.activity_type?;
                Some(TypeName::new(activity_type.name, activity_type.version))
            });
            // A service that does not know this filter answers all of them.
            types.extend(named.filter(|found| name.is_none_or(|name| name == found.name)));
            page = answer.next_page_token.filter(|token| !token.is_empty());
            if page.is_none() {
                types.sort();
                return Ok(types);
            }
        }
    }
}
