//! One event, read from SWF's JSON.

use std::fmt;

use serde_json::{Map, Value};

/// An event of a history.
///
/// It is kept as JSON, not as one struct a type: so it can be shown whole in SWF's own shape,
/// and an event type that is newer than this program does no harm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event(Value);

impl Event {
    /// Takes an event as `GetWorkflowExecutionHistory` answers it.
    pub(crate) fn new(json: Value) -> Self {
        Self(json)
    }

    /// The event in SWF's own shape.
    pub(crate) fn json(&self) -> &Value {
        &self.0
    }

    /// Its number, from 1.
    pub(crate) fn id(&self) -> u64 {
        self.member("eventId")
            .and_then(Value::as_u64)
            .unwrap_or_default()
    }

    /// When, in seconds since the epoch.
    pub(crate) fn timestamp(&self) -> f64 {
        self.member("eventTimestamp")
            .and_then(Value::as_f64)
            .unwrap_or_default()
    }

    /// Its type, such as `ActivityTaskScheduled`.
    pub(crate) fn kind(&self) -> &str {
        self.member("eventType")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Its attributes.
    pub(crate) fn attributes(&self) -> Option<&Map<String, Value>> {
        let members = self.0.as_object()?;
        members
            .iter()
            .find(|(name, _)| name.ends_with("EventAttributes"))
            .and_then(|(_, attributes)| attributes.as_object())
    }

    /// An attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes()?.get(name)
    }

    /// An attribute that is text, unless it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.attribute(name)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    /// An attribute that is a type's name and version.
    pub(crate) fn type_name(&self, name: &str) -> Option<TypeName> {
        TypeName::from_json(self.attribute(name)?)
    }

    /// An attribute that is a task list.
    pub(crate) fn task_list(&self) -> Option<&str> {
        self.attribute("taskList")?.get("name")?.as_str()
    }
}

/// The name and the version of a workflow type or an activity type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct TypeName {
    /// The name.
    pub(crate) name: String,
    /// The version.
    pub(crate) version: String,
}

impl TypeName {
    /// A name and a version.
    pub(crate) fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
        }
    }

    fn from_json(json: &Value) -> Option<Self> {
        Some(Self::new(
            json.get("name")?.as_str()?,
            json.get("version")?.as_str()?,
        ))
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.version)
    }
}
