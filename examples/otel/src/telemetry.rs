//! From `tracing` to a collector.

use std::error::Error;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::WorkflowTraces;

/// The pipeline: it ends when it is shut down, with the last spans sent.
#[must_use = "without a shutdown the last spans are not sent"]
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Sends spans to the collector that the environment names, in
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`; by default one on this machine, at port 4318. Events are
    /// also logged.
    ///
    /// # Errors
    ///
    /// When the environment names no collector that could be, or there is a subscriber already.
    pub fn start(service_name: &'static str) -> Result<Self, Box<dyn Error>> {
        let exporter = SpanExporter::builder().with_http().build()?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(Resource::builder().with_service_name(service_name).build())
            .build();
        let tracer = WorkflowTraces::new(provider.tracer("workbeat"));
        // Of the worker what is said at `info`: the span of a task is a warning's, so that it is
        // there in every filter, and a poll's span, a minute long, is only for debugging.
        let spans = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_filter(LevelFilter::INFO);
        let log = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_filter(LevelFilter::WARN);
        tracing_subscriber::registry()
            .with(spans)
            .with(log)
            .try_init()?;
        Ok(Self { provider })
    }

    /// Sends what is left, and ends.
    ///
    /// It blocks for as long as that takes: in a runtime, run it where blocking is allowed.
    ///
    /// # Errors
    ///
    /// When the last spans could not be sent.
    pub fn shut_down(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.provider.shutdown()?)
    }
}
