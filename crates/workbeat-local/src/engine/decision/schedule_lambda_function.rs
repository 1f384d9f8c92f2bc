//! The decision `ScheduleLambdaFunction`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use workbeat::service::Timeout;

use super::{CarryOut, Decided, DecisionFailure, DecisionOutcome};
use crate::engine::core::Engine;
use crate::engine::event::{
    LambdaFunctionScheduled, ScheduleLambdaFunctionFailed, ScheduleLambdaFunctionFailedCause,
    StartLambdaFunctionFailed, StartLambdaFunctionFailedCause,
};
use crate::engine::payload::Payload;
use crate::engine::wire;

/// Run a Lambda function. There is no Lambda here, so it always fails, as it would in a region
/// without it.
///
/// An execution that has a `lambdaRole` gets `ScheduleLambdaFunctionFailed` with
/// `LAMBDA_SERVICE_NOT_AVAILABLE_IN_REGION`. For one without, the function is scheduled, and
/// `StartLambdaFunctionFailed` follows with `ASSUME_ROLE_FAILED`: the API reference speaks of
/// `ScheduleLambdaFunctionFailed` there too, but has no cause for it that says so.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleLambdaFunction {
    /// What the decider calls it.
    pub id: String,
    /// The name, or ARN, of the function.
    pub name: String,
    /// What the decider notes for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Payload>,
    /// What the decider passes in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Payload>,
    /// How long it may run.
    #[serde(
        default,
        with = "wire::timeout",
        skip_serializing_if = "Option::is_none"
    )]
    pub start_to_close_timeout: Option<Timeout>,
}

impl CarryOut for ScheduleLambdaFunction {
    const EVENTS: usize = 2;

    fn carry_out(self, engine: &mut Engine, decided: &Decided) -> DecisionOutcome {
        let run_id = &decided.run_id;
        let (id, name): (Arc<str>, Arc<str>) = (self.id.into(), self.name.into());
        let decision_task_completed_event_id = decided.completed;
        let execution = engine.open(run_id);
        let has_role = execution.is_some_and(|it| it.configuration.lambda_role.is_some());
        if has_role {
            let cause = ScheduleLambdaFunctionFailedCause::LambdaServiceNotAvailableInRegion;
            let failed = ScheduleLambdaFunctionFailed {
                id,
                name,
                cause,
                decision_task_completed_event_id,
            };
            let event_id = engine.record(run_id, failed);
            return DecisionOutcome::failed(
                event_id,
                DecisionFailure::ScheduleLambdaFunction(cause),
            );
        }
        let scheduled = LambdaFunctionScheduled {
            id,
            name,
            control: self.control,
            input: self.input,
            start_to_close_timeout: self.start_to_close_timeout.map(wire::rounded),
            decision_task_completed_event_id,
        };
        let scheduled_event_id = engine.record(run_id, scheduled);
        let cause = StartLambdaFunctionFailedCause::AssumeRoleFailed;
        let failed = StartLambdaFunctionFailed {
            scheduled_event_id,
            cause: Some(cause),
            message: Some("The execution has no lambdaRole".into()),
        };
        let event_id = engine.record(run_id, failed);
        DecisionOutcome::failed(event_id, DecisionFailure::StartLambdaFunction(cause))
    }
}
