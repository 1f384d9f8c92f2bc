//! `SignalWorkflowExecution`

use serde::{Deserialize, Serialize};

use super::Operation;
use crate::engine::core::Engine;
use crate::engine::event::WorkflowExecutionSignaled;
use crate::engine::fault::Fault;
use crate::engine::payload::Payload;

/// Signals an open execution: its decider sees it in the next decision task.
///
/// ```
/// # use workbeat_local::engine::*;
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// # let start = StartWorkflowExecution {
/// #     domain: domain(),
/// #     workflow_id: "order-1".into(),
/// #     workflow_type: WorkflowType::new("order", "1.0"),
/// #     ..Default::default()
/// # };
/// # let run = engine.apply(start, now)?;
/// let signal = SignalWorkflowExecution {
///     domain: domain(),
///     workflow_id: "order-1".into(),
///     signal_name: "paid".into(),
///     ..Default::default()
/// };
/// engine.apply(signal, now)?;
/// let history = engine.history(&run.run_id).expect("the run is known");
/// assert_eq!(history[2].event_type(), "WorkflowExecutionSignaled");
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignalWorkflowExecution {
    /// The domain.
    pub domain: String,
    /// The workflow id.
    pub workflow_id: String,
    /// The run; if none, the open one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// What the decider branches on.
    pub signal_name: String,
    /// What goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
}

impl Operation for SignalWorkflowExecution {
    const NAME: &'static str = "SignalWorkflowExecution";

    type Answer = ();

    fn apply_to(self, engine: &mut Engine) -> Result<(), Fault> {
        let run_id =
            engine.open_execution(&self.domain, &self.workflow_id, self.run_id.as_deref())?;
        let signaled = WorkflowExecutionSignaled {
            signal_name: self.signal_name.into(),
            input: self.input,
            external_workflow_execution: None,
            external_initiated_event_id: 0,
        };
        engine.record(&run_id, signaled);
        Ok(())
    }
}
