//! The activities of a workflow in one trace.

use opentelemetry::trace::{
    SpanBuilder, SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState,
    Tracer,
};
use opentelemetry::{Context, KeyValue};
use sha2::{Digest, Sha256};

/// A tracer that gives the span of a task its place: in the trace of its workflow, below the
/// workflow, under the name of its activity type.
///
/// Amazon SWF carries no trace context from whoever starts a workflow to an activity. But everybody
/// who has to do with a workflow knows its run id, so the trace is made of that: activities find
/// together in whichever worker they ran, and a decider that computes [the same](workflow_context)
/// can export a span for the workflow itself.
#[derive(Clone, Debug)]
pub struct WorkflowTraces<T> {
    tracer: T,
}

impl<T> WorkflowTraces<T> {
    /// Around this tracer.
    pub fn new(tracer: T) -> Self {
        Self { tracer }
    }
}

impl<T: Tracer> Tracer for WorkflowTraces<T> {
    type Span = T::Span;

    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> T::Span {
        // The span that the worker makes for each task.
        if builder.name == "activity"
            && let Some(run_id) = attribute(&builder, "run_id")
        {
            let workflow = parent.with_remote_span_context(workflow_context(&run_id));
            if let Some(activity_type) = attribute(&builder, "activity_type") {
                builder.name = activity_type.into();
            }
            builder.span_kind = Some(SpanKind::Consumer);
            return self.tracer.build_with_context(builder, &workflow);
        }
        self.tracer.build_with_context(builder, parent)
    }
}

fn attribute(builder: &SpanBuilder, name: &str) -> Option<String> {
    let mut attributes = builder.attributes.iter().flatten();
    let found = attributes.find(|KeyValue { key, .. }| key.as_str() == name);
    found.map(|attribute| attribute.value.to_string())
}

/// Trace and span of a workflow: the first 16 and the next 8 bytes of its run id's SHA-256.
#[must_use]
pub fn workflow_context(run_id: &str) -> SpanContext {
    let hash = Sha256::digest(run_id.as_bytes());
    let (mut trace, mut span) = ([0; 16], [0; 8]);
    let bytes = trace.iter_mut().chain(&mut span);
    bytes.zip(hash.iter()).for_each(|(to, from)| *to = *from);
    SpanContext::new(
        TraceId::from_bytes(trace),
        SpanId::from_bytes(span),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    )
}
