//! The small shapes that many operations and events share, each for `#[serde(with = "…")]`.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::refused;

/// An object with a name: what SWF makes of a task list.
#[derive(Serialize, Deserialize)]
struct Named<N> {
    name: N,
}

/// A task list.
pub(in crate::engine) mod task_list {
    use super::*;

    pub(in crate::engine) fn serialize<N: AsRef<str>, S: Serializer>(
        name: &N,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let name = name.as_ref();
        Named { name }.serialize(serializer)
    }

    pub(in crate::engine) fn deserialize<'de, N: From<String>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<N, D::Error> {
        Named::<String>::deserialize(deserializer).map(|named| named.name.into())
    }
}

/// A task list that may be missing.
pub(in crate::engine) mod optional_task_list {
    use super::*;

    pub(in crate::engine) fn serialize<N: AsRef<str>, S: Serializer>(
        name: &Option<N>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let named = name.as_ref().map(|name| Named {
            name: name.as_ref(),
        });
        named.serialize(serializer)
    }

    pub(in crate::engine) fn deserialize<'de, N: From<String>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<N>, D::Error> {
        let named: Option<Named<String>> = Option::deserialize(deserializer)?;
        Ok(named.map(|named| named.name.into()))
    }
}

/// A priority that may be missing: a 32-bit integer in a string.
pub(in crate::engine) mod priority {
    use super::*;

    pub(in crate::engine) fn serialize<S: Serializer>(
        priority: &Option<i32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        priority
            .map(|priority| priority.to_string())
            .serialize(serializer)
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<i32>, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        let text = text.filter(|text| !text.is_empty());
        let read = |text: String| {
            let wrong = || refused("A task priority must be an integer of 32 bits, in a string");
            text.parse().map_err(|_| wrong())
        };
        text.map(read).transpose()
    }
}

/// An activity type.
pub(in crate::engine) mod activity_type {
    use workbeat::service::ActivityType;

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Shape<N> {
        name: N,
        version: N,
    }

    pub(in crate::engine) fn serialize<S: Serializer>(
        activity_type: &ActivityType,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let (name, version) = (&*activity_type.name, &*activity_type.version);
        Shape { name, version }.serialize(serializer)
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ActivityType, D::Error> {
        let shape = Shape::<Arc<str>>::deserialize(deserializer)?;
        Ok(ActivityType::new(shape.name, shape.version))
    }
}

/// A run of a workflow.
pub(in crate::engine) mod workflow_execution {
    use workbeat::service::WorkflowExecution;

    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Shape<N> {
        workflow_id: N,
        run_id: N,
    }

    impl<'a> Shape<&'a str> {
        pub(super) fn of(execution: &'a WorkflowExecution) -> Self {
            Self {
                workflow_id: &execution.workflow_id,
                run_id: &execution.run_id,
            }
        }
    }

    impl Shape<Arc<str>> {
        pub(super) fn read(self) -> WorkflowExecution {
            WorkflowExecution::new(self.workflow_id, self.run_id)
        }
    }

    pub(in crate::engine) fn serialize<S: Serializer>(
        execution: &WorkflowExecution,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Shape::of(execution).serialize(serializer)
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<WorkflowExecution, D::Error> {
        Shape::<Arc<str>>::deserialize(deserializer).map(Shape::read)
    }
}

/// A run of a workflow that may be missing.
pub(in crate::engine) mod optional_workflow_execution {
    use workbeat::service::WorkflowExecution;

    use super::workflow_execution::Shape;
    use super::*;

    pub(in crate::engine) fn serialize<S: Serializer>(
        execution: &Option<WorkflowExecution>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        execution.as_ref().map(Shape::of).serialize(serializer)
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<WorkflowExecution>, D::Error> {
        let shape: Option<Shape<Arc<str>>> = Option::deserialize(deserializer)?;
        Ok(shape.map(Shape::read))
    }
}

/// A timeout that must be there.
pub(in crate::engine) mod required_timeout {
    use workbeat::service::Timeout;

    use super::*;
    use crate::engine::wire::timeout;

    pub(in crate::engine) fn serialize<S: Serializer>(
        timeout: &Timeout,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        timeout::serialize(&Some(*timeout), serializer)
    }

    pub(in crate::engine) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timeout, D::Error> {
        let timeout = timeout::deserialize(deserializer)?;
        timeout.ok_or_else(|| refused("A timeout must be a number of seconds or NONE"))
    }
}
