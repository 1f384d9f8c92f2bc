//! What is to be done: the workflow's input.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::history::TypeName;

/// The activity that a one-activity workflow schedules. It is the workflow's input, as JSON.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plan {
    /// The activity type.
    pub(crate) activity_type: TypeName,
    /// The activity's input that is JSON: inside the plan as it was written, so that it takes
    /// no more room than it must and loses no digit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input: Option<Box<RawValue>>,
    /// Any other input, and `null`, which would read as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input_text: Option<String>,
    /// The task list; else the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) task_list: Option<String>,
    /// The heartbeat timeout; else the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heartbeat_timeout: Option<String>,
    /// The schedule-to-start timeout; else the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) schedule_to_start_timeout: Option<String>,
    /// The schedule-to-close timeout; else the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) schedule_to_close_timeout: Option<String>,
    /// The start-to-close timeout; else the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start_to_close_timeout: Option<String>,
    /// The priority; else the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) task_priority: Option<String>,
}

impl Plan {
    /// A plan for an activity, with the defaults of its type.
    pub(crate) fn new(activity_type: TypeName, input: Option<&str>) -> Self {
        let raw = input
            .filter(|text| *text != "null")
            .and_then(|text| RawValue::from_string(text.to_owned()).ok())
            // Blanks around it would be lost.
            .filter(|raw| Some(raw.get()) == input);
        let input_text = match raw {
            Some(_) => None,
            None => input.map(str::to_owned),
        };
        Self {
            activity_type,
            task_list: None,
            heartbeat_timeout: None,
            schedule_to_start_timeout: None,
            schedule_to_close_timeout: None,
            start_to_close_timeout: None,
            task_priority: None,
            input: raw,
            input_text,
        }
    }

    /// The activity's input, exactly as it was given.
    pub(crate) fn input(&self) -> Option<&str> {
        self.input
            .as_deref()
            .map(RawValue::get)
            .or(self.input_text.as_deref())
    }

    /// The workflow's input.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The plan in a workflow's input, if it is one.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_comes_back_to_the_letter() {
        let inputs = [
            "{\"a\": 1.50,  \"b\": 12345678901234567890123}",
            "null",
            "\"text\"",
            "not JSON",
            " 1 ",
            "",
            "{\"quote\": \"\\u0041\\\"\"}",
        ];
        for input in inputs {
            let plan = Plan::new(TypeName::new("resize", "1.0"), Some(input));
            let read = Plan::from_text(&plan.to_text()).unwrap();
            assert_eq!(read.input(), Some(input));
        }
        let without = Plan::new(TypeName::new("resize", "1.0"), None);
        let read = Plan::from_text(&without.to_text()).unwrap();
        assert_eq!(read.input(), None);
    }

    #[test]
    fn json_costs_the_plan_only_a_frame() {
        let input = format!("{{\"text\": \"{}\"}}", "\\\"".repeat(10_000));
        let plan = Plan::new(TypeName::new("resize", "1.0"), Some(&input));
        assert!(plan.to_text().len() < input.len() + 100);
    }

    #[test]
    fn another_input_is_no_plan() {
        for text in ["", "{}", "7", "{\"activityType\": \"resize\"}"] {
            assert!(Plan::from_text(text).is_none(), "{text}");
        }
    }
}
