//! Three activities of one workflow, each a span in an OpenTelemetry collector.
//!
//! With a collector on this machine, for instance Jaeger, whose page is at port 16686:
//!
//! ```sh
//! docker run --rm -p 16686:16686 -p 4318:4318 jaegertracing/jaeger
//! cargo run --package workbeat-examples-otel
//! ```
//!
//! `OTEL_EXPORTER_OTLP_ENDPOINT` names another.

use std::error::Error;
use std::time::Duration;

use tokio::time::sleep;
use workbeat::prelude::*;
use workbeat_examples_otel::{Telemetry, workflow_context};
use workbeat_local::{LocalService, StartActivity};

/// Charges a card.
#[activity(version = "1.0", heartbeat_timeout = "30s")]
async fn charge(cents: u64) -> Result<u64, ActivityError> {
    sleep(Duration::from_millis(20)).await;
    tracing::info!(cents, "charged"); // an event of the span
    Ok(cents)
}

/// Fails to wrap a parcel.
#[activity(version = "1.0", heartbeat_timeout = "30s")]
async fn wrap(_parcel: String) -> Result<(), ActivityError> {
    Err(ActivityError::failed("no paper"))
}

/// Ships until it is told to stop, which takes a heartbeat.
#[activity(
    version = "1.0",
    heartbeat_timeout = "30s",
    heartbeat_interval = "100ms"
)]
async fn ship(_parcel: String, ctx: ActivityContext) -> Result<(), ActivityError> {
    Ok(ctx.until_stopped(std::future::pending()).await?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let telemetry = Telemetry::start("parcels")?;
    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("parcels")
        .activity(Charge)
        .activity(Wrap)
        .activity(Ship)
        .build()?;
    let handle = worker.handle();
    // Not in a span: what has a span around it is in that one's trace, and not in its workflow's.
    let running = tokio::spawn(worker.run());

    // What a decider does.
    let in_workflow = |start: StartActivity| start.task_list("parcels").workflow_id("order-17");
    let ship = service.start(in_workflow(StartActivity::of(&Ship, &"parcel".to_owned())?))?;
    let charge = service.start(in_workflow(StartActivity::of(&Charge, &4_200)?))?;
    let wrap = service.start(in_workflow(StartActivity::of(&Wrap, &"parcel".to_owned())?))?;
    charge.outcome().await;
    wrap.outcome().await;
    ship.request_cancel()?;
    ship.outcome().await;

    handle.drain();
    let report = running.await??;
    let trace = workflow_context(&ship.workflow().run_id).trace_id();
    let shut_down = tokio::task::spawn_blocking(|| telemetry.shut_down());
    shut_down.await?.map_err(|error| error as Box<dyn Error>)?;
    writeln(&format!("{report}\ntrace {trace}"))?;
    Ok(())
}

fn writeln(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}")
}
