//! A stand-in for a collector hears what the example sends it.

use std::process::Stdio;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode as Code};
use prost::Message;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use workbeat_examples_otel::workflow_context;

/// How long the program may take.
const SOON: Duration = Duration::from_secs(120);

/// Takes spans as a collector does, at the address that it gives.
async fn collector() -> (String, UnboundedReceiver<ExportTraceServiceRequest>) {
    async fn take(
        State(received): State<UnboundedSender<ExportTraceServiceRequest>>,
        body: Bytes,
    ) -> StatusCode {
        let Ok(request) = ExportTraceServiceRequest::decode(body) else {
            return StatusCode::BAD_REQUEST;
        };
        let _ = received.send(request);
        StatusCode::OK
    }
    let (send, received) = unbounded_channel();
    let router = Router::new()
        .route("/v1/traces", post(take))
        .with_state(send);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), received)
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.key == name)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

#[tokio::test]
async fn each_task_of_a_workflow_is_a_span_in_the_workflow_s_trace() {
    let (endpoint, mut received) = collector().await;
    let program = Command::new(env!("CARGO_BIN_EXE_otel"))
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("NO_PROXY", "127.0.0.1")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let program = timeout(SOON, program).await.expect("it must end").unwrap();
    let said = String::from_utf8(program.stdout).unwrap();
    assert!(program.status.success(), "{said}");

    let mut spans = Vec::new();
    while let Ok(request) = received.try_recv() {
        for of_service in request.resource_spans {
            let resource = of_service.resource.unwrap();
            assert_eq!(text(&resource.attributes, "service.name"), Some("parcels"));
            let scopes = of_service.scope_spans.into_iter();
            spans.extend(scopes.flat_map(|scope| scope.spans));
        }
    }
    let named = |name: &str| -> &Span {
        let mut found = spans.iter().filter(|span| span.name == name);
        let span = found
            .next()
            .unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
        assert!(found.next().is_none(), "one span a task");
        span
    };
    assert_eq!(spans.len(), 3);
    let run_id = text(&named("charge").attributes, "run_id").unwrap();
    let workflow = workflow_context(run_id);
    for (name, outcome, stopped, code) in [
        ("ship", "canceled", Some("cancel requested"), Code::Unset),
        ("charge", "completed", None, Code::Unset),
        ("wrap", "failed", None, Code::Error),
    ] {
        let span = named(name);
        // They are found together: by their trace, and by what they say.
        assert_eq!(span.trace_id, workflow.trace_id().to_bytes());
        assert_eq!(span.parent_span_id, workflow.span_id().to_bytes());
        assert_eq!(span.kind(), SpanKind::Consumer);
        let says = |name: &str| text(&span.attributes, name);
        assert_eq!(says("workflow_id"), Some("order-17"));
        assert_eq!(says("run_id"), Some(run_id));
        assert_eq!(says("activity_type"), Some(name));
        assert_eq!(says("version"), Some("1.0"));
        assert!(says("activity_id").is_some());
        assert_eq!(says("outcome"), Some(outcome));
        assert_eq!(says("stop_reason"), stopped);
        let status = span.status.clone().unwrap_or_default();
        assert_eq!(status.code(), code, "{name}");
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    }
    let charged = named("charge").events.iter();
    let charged: Vec<_> = charged.map(|event| event.name.as_str()).collect();
    assert_eq!(charged, ["charged"], "an event of the activity's own");
    assert!(said.contains(&workflow.trace_id().to_string()), "{said}");
}
