//! The engine as a wire sees it: operations by name, JSON in and JSON out.

use serde::Serialize;
use serde_json::Value;

use super::contract;
use super::core::Engine;
use super::fault::Fault;
use super::ids::PollId;
use super::operations::{Operation, dispatch};
use super::time::Timestamp;
use super::wire;

/// What a call by name was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there is no third way, and a shell must know both"
)]
pub enum Answered {
    /// The answer as JSON text; empty if the operation answers nothing.
    Done(String),
    /// A long poll that waits: a [`Notice`](super::Notice) will answer it.
    Parked(PollId),
}

impl Engine {
    /// Applies the operation `name`, without the target prefix, with `input` as it stands on
    /// SWF's wire.
    ///
    /// What [`apply`](Self::apply) says of time holds here too.
    ///
    /// # Errors
    ///
    /// The [`Fault`] that SWF answers the operation with; a name that SWF does not know is an
    /// `UnknownOperationException`, and a member of another type a `SerializationException`.
    ///
    /// ```
    /// use serde_json::json;
    /// use workbeat_local::engine::{Answered, Engine, Timestamp};
    ///
    /// let now = Timestamp::from_millis(0);
    /// let mut engine = Engine::default();
    /// let domain = json!({"name": "tests", "workflowExecutionRetentionPeriodInDays": "1"});
    /// assert_eq!(engine.call("RegisterDomain", &domain, now)?, Answered::Done(String::new()));
    ///
    /// let count = json!({"domain": "tests", "taskList": {"name": "files"}});
    /// let counted = engine.call("CountPendingActivityTasks", &count, now)?;
    /// assert_eq!(counted, Answered::Done(r#"{"count":0,"truncated":false}"#.to_owned()));
    /// # Ok::<(), workbeat_local::engine::Fault>(())
    /// ```
    pub fn call(&mut self, name: &str, input: &Value, now: Timestamp) -> Result<Answered, Fault> {
        dispatch(self, name, input, now)
    }

    /// Applies the operation `O` that stands in `input`.
    pub(super) fn call_as<O>(&mut self, input: &Value, now: Timestamp) -> Result<Answered, Fault>
    where
        O: Operation<Answer: OnWire>,
    {
        self.advance(now);
        contract::check(O::NAME, input, self.settings.whole_seconds)?;
        self.apply_checked(read::<O>(input)?).map(OnWire::on_wire)
    }
}

/// Reads an operation. What serde says of a value could show it, so that is not passed on.
fn read<O: Operation>(input: &Value) -> Result<O, Fault> {
    serde::Deserialize::deserialize(input).map_err(|error: serde_json::Error| {
        let message = error.to_string();
        if message.starts_with(wire::BROKEN) {
            Fault::validation(message)
        } else {
            Fault::serialization(O::NAME, &"a member is not of its form")
        }
    })
}

/// An answer as the wire has it.
pub(super) trait OnWire {
    /// The JSON text, or the poll that waits.
    fn on_wire(self) -> Answered;
}

impl OnWire for () {
    fn on_wire(self) -> Answered {
        Answered::Done(String::new())
    }
}

/// The JSON text of an answer.
pub(super) fn text(answer: &impl Serialize) -> String {
    // No answer has a map whose keys are not text, which is all that could go wrong.
    serde_json::to_string(answer).unwrap_or_default()
}
