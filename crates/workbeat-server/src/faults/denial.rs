//! What the server does not permit.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use workbeat_local::engine::operation_names;

use super::parse_error::ParseOptionError;

/// An operation that is answered with `OperationNotPermittedFault`, as IAM would have it.
///
/// The text form is `OPERATION` or `OPERATION:TASKLIST`. With a task list it limits the
/// calls that name this list: polls, counts of pending tasks, and starts that say it.
///
/// ```
/// use workbeat_server::Denial;
///
/// let denial: Denial = "PollForActivityTask:video".parse()?;
/// assert_eq!(denial, Denial::new("PollForActivityTask")?.on_task_list("video"));
///
/// let error = Denial::new("PollForActivity").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "SWF has no operation `PollForActivity`; did you mean `PollForActivityTask`?"
/// );
/// # Ok::<(), workbeat_server::ParseOptionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    operation: &'static str,
    task_list: Option<String>,
}

impl Denial {
    /// Denies an operation, on whatever task list.
    ///
    /// # Errors
    ///
    /// SWF has no such operation.
    pub fn new(operation: &str) -> Result<Self, ParseOptionError> {
        let known = operation_names()
            .into_iter()
            .find(|known| *known == operation);
        let operation = known.ok_or_else(|| ParseOptionError::new(unknown(operation)))?;
        Ok(Self {
            operation,
            task_list: None,
        })
    }

    /// Denies it on this task list alone.
    #[must_use]
    pub fn on_task_list(self, name: impl Into<String>) -> Self {
        Self {
            task_list: Some(name.into()),
            ..self
        }
    }

    fn refuses(&self, operation: &str, input: &Value) -> bool {
        self.operation == operation
            && self.task_list.as_deref().is_none_or(|denied| {
                let named = input.pointer("/taskList/name");
                named.and_then(Value::as_str) == Some(denied)
            })
    }
}

/// Says what there is instead of an operation that there is not.
fn unknown(operation: &str) -> String {
    let wanted = operation.to_lowercase();
    let close = |known: &&str| {
        let known = known.to_lowercase();
        !wanted.is_empty() && (known.contains(&wanted) || wanted.contains(&known))
    };
    match operation_names().into_iter().find(close) {
        Some(close) => format!("SWF has no operation `{operation}`; did you mean `{close}`?"),
        None => format!(
            "SWF has no operation `{operation}`; write it as SWF does, such as \
             PollForActivityTask or PollForActivityTask:video"
        ),
    }
}

impl FromStr for Denial {
    type Err = ParseOptionError;

    fn from_str(text: &str) -> Result<Self, ParseOptionError> {
        match text.split_once(':') {
            None => Self::new(text),
            Some((_, "")) => Err(ParseOptionError::new(format!(
                "`{text}` names no task list: leave out the colon, or write the list after it"
            ))),
            Some((operation, task_list)) => Ok(Self::new(operation)?.on_task_list(task_list)),
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation)?;
        match &self.task_list {
            Some(task_list) => write!(f, ":{task_list}"),
            None => Ok(()),
        }
    }
}

/// All that is denied at present.
#[derive(Clone, Debug, Default)]
pub(crate) struct Denials(Vec<Denial>);

impl Denials {
    pub(crate) fn new(denials: Vec<Denial>) -> Self {
        Self(denials)
    }

    pub(crate) fn deny(&mut self, denial: Denial) {
        if !self.0.contains(&denial) {
            self.0.push(denial);
        }
    }

    /// Takes a denial back; answers whether it was there.
    pub(crate) fn allow(&mut self, denial: &Denial) -> bool {
        let before = self.0.len();
        self.0.retain(|kept| kept != denial);
        self.0.len() < before
    }

    /// Why the call is not permitted, if it is not.
    pub(crate) fn refusal(&self, operation: &str, input: &Value) -> Option<String> {
        let denial = self
            .0
            .iter()
            .find(|denial| denial.refuses(operation, input))?;
        let on = match &denial.task_list {
            Some(task_list) => format!(" on the task list {task_list}"),
            None => String::new(),
        };
        Some(format!(
            "not authorized to perform swf:{operation}{on}: this server was told to deny it"
        ))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn denials(texts: &[&str]) -> Denials {
        Denials::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn an_operation_is_denied_whatever_its_task_list() {
        let denials = denials(&["PollForActivityTask"]);
        let input = json!({"taskList": {"name": "video"}});
        let message = denials.refusal("PollForActivityTask", &input).unwrap();
        assert!(message.contains("swf:PollForActivityTask"), "{message}");
        assert!(denials.refusal("PollForActivityTask", &json!({})).is_some());
        assert!(denials.refusal("PollForDecisionTask", &input).is_none());
    }

    #[test]
    fn a_task_list_limits_a_denial_to_calls_that_name_it() {
        let denials = denials(&["StartWorkflowExecution:video"]);
        let named = |name: &str| json!({"taskList": {"name": name}});
        let refusal = |input: &Value| denials.refusal("StartWorkflowExecution", input);
        assert!(refusal(&named("video")).unwrap().contains("video"));
        assert!(refusal(&named("audio")).is_none());
        assert!(refusal(&json!({"workflowId": "1"})).is_none());
    }

    #[test]
    fn what_is_allowed_again_is_not_denied() {
        let mut denials = denials(&["ListDomains"]);
        let denial: Denial = "ListDomains".parse().unwrap();
        denials.deny(denial.clone());
        assert!(denials.allow(&denial));
        assert!(!denials.allow(&denial));
        assert!(denials.refusal("ListDomains", &json!({})).is_none());
    }

    #[test]
    fn what_is_no_operation_is_said() {
        let error = |text: &str| text.parse::<Denial>().unwrap_err().to_string();
        assert!(error("pollforactivitytask").contains("`PollForActivityTask`"));
        assert!(error("Nonsense").contains("such as"));
        assert!(error("ListDomains:").contains("names no task list"));
    }

    #[test]
    fn a_denial_shows_as_it_is_written() {
        for text in ["ListDomains", "PollForActivityTask:a:b"] {
            assert_eq!(text.parse::<Denial>().unwrap().to_string(), text);
        }
    }
}
