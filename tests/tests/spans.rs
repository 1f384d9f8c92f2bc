//! The span of a task says which it is, and at its end what became of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use workbeat::prelude::*;
use workbeat::worker::UnknownType;
use workbeat_tests::{Ended, Stage, forever, rest, run, seconds, start};

type Fields = BTreeMap<&'static str, String>;

/// The fields of each span of a task, in the order in which they were made.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(span::Id, Fields)>>>);

struct Into<'a>(&'a mut Fields);

impl Visit for Into<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        self.0
            .insert(field.name(), value.trim_matches('"').to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, made: &span::Attributes<'_>, id: &span::Id, _: Context<'_, S>) {
        if made.metadata().name() == "activity" {
            let mut fields = Fields::new();
            made.record(&mut Into(&mut fields));
            self.0
                .lock()
                .expect("nobody panicked")
                .push((id.clone(), fields));
        }
    }

    fn on_record(&self, id: &span::Id, written: &span::Record<'_>, _: Context<'_, S>) {
        let mut spans = self.0.lock().expect("nobody panicked");
        // An id is given again when its span is gone.
        if let Some((_, fields)) = spans.iter_mut().rev().find(|(of, _)| of == id) {
            written.record(&mut Into(fields));
        }
    }
}

impl Spans {
    /// Outcome, stop reason and status of each.
    fn ends(&self) -> Vec<[Option<String>; 3]> {
        let spans = self.0.lock().expect("nobody panicked");
        let ends = ["outcome", "stop_reason", "otel.status_code"];
        let of = |(_, fields): &(_, Fields)| ends.map(|end| fields.get(end).cloned());
        spans.iter().map(of).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_span_says_how_its_task_ended() {
    let spans = Spans::default();
    let subscriber = tracing_subscriber::registry().with(spans.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let stage = Stage::new();
    let worker = stage
        .worker()
        .unknown_type(UnknownType::LeaveToOthers)
        .activity_fn("rest", "1.0", rest)
        .activity_fn("forever", "1.0", forever)
        .activity_fn("fail", "1.0", async || {
            Err::<(), _>(ActivityError::failed("no paper"))
        })
        .activity_fn("hand on", "1.0", async || {
            Err::<(), _>(ActivityError::handed_on())
        })
        .activity_fn("stop", "1.0", async |ctx: ActivityContext| {
            ctx.until_stopped(std::future::pending::<()>()).await
        });
    let worker = run(worker);
    let resting = || {
        let rest = start("rest").heartbeat_timeout(seconds(9));
        stage.start(rest.input(&60).unwrap())
    };

    let completed = resting();
    completed.ended().await;
    stage.start(start("fail")).ended().await;
    let canceled = stage.start(start("stop").heartbeat_timeout(seconds(9)));
    worker.holds(1).await;
    canceled.request_cancel().expect("it is open");
    canceled.ended().await;
    let closed = resting();
    worker.holds(1).await;
    closed.terminate_workflow("enough").expect("it is open");
    worker.holds(0).await;
    let _handed_on = stage.start(start("hand on"));
    let _unknown = stage.start(start("unknown"));
    tokio::time::sleep(seconds(1)).await;
    let _forever = stage.start(start("forever"));
    worker.holds(1).await;
    worker.handle.stop();
    let _ = worker.end().await;

    let (canceled, closed) = ("cancel requested", "workflow closed");
    let expected = [
        ["completed", "", ""],
        ["failed", "", "ERROR"],
        ["canceled", canceled, ""],
        ["result too late", closed, "ERROR"],
        ["handed on", "", ""],
        ["unanswered: left to others", "", ""],
        ["unanswered: stopped at once", "worker stopping", "ERROR"],
    ];
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    assert_eq!(spans.ends(), expected.map(|end| end.map(some)));

    let spans = spans.0.lock().unwrap();
    let fields = &spans[0].1;
    let workflow = completed.workflow();
    for (field, value) in [
        ("activity_type", "rest"),
        ("version", "1.0"),
        ("activity_id", completed.activity_id()),
        ("workflow_id", &workflow.workflow_id),
        ("run_id", &workflow.run_id),
    ] {
        assert_eq!(fields[field], value);
    }
}
