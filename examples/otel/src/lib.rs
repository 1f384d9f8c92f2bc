//! What an application needs to send the spans of its activities to an OpenTelemetry collector.

mod telemetry;
mod workflow_traces;

pub use telemetry::Telemetry;
pub use workflow_traces::{WorkflowTraces, workflow_context};
