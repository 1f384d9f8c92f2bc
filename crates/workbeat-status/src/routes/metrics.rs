//! The workers in Prometheus's text format.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use workbeat::HeartbeatBudgetStatus;
use workbeat::worker::{RunningActivity, WorkerState, WorkerStatus};

use crate::exposition::{Exposition, Kind};
use crate::feed::Feed;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

const STATES: [WorkerState; 6] = [
    WorkerState::NotStarted,
    WorkerState::Starting,
    WorkerState::Running,
    WorkerState::Paused,
    WorkerState::Draining,
    WorkerState::Ended,
];

pub(super) async fn metrics(State(feed): State<Arc<Feed>>) -> impl IntoResponse {
    let mut text = feed
        .render
        .as_ref()
        .map_or_else(String::new, |render| render());
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let named = feed.workers.iter().map(|worker| {
        let name = worker.name.as_str();
        (name, worker.handle.status())
    });
    text.push_str(&of_workers(&named.collect::<Vec<_>>()));
    ([(CONTENT_TYPE, TEXT)], text)
}

fn of_workers(workers: &[(&str, WorkerStatus)]) -> String {
    let mut text = Exposition::default();
    let each = |text: &mut Exposition, value: &dyn Fn(&WorkerStatus) -> Option<f64>| {
        for (name, status) in workers {
            if let Some(value) = value(status) {
                text.sample(&[("worker", name)], value);
            }
        }
    };

    text.family(
        "state",
        Kind::Gauge,
        "1 for the state that the worker is in.",
    );
    for (name, status) in workers {
        for state in STATES {
            let value = f64::from(u8::from(state == status.state));
            text.sample(&[("worker", name), ("state", state.as_str())], value);
        }
    }
    text.family("slots", Kind::Gauge, "How many activities can run at once.");
    each(&mut text, &|status| Some(count(status.slots)));
    text.family(
        "slots_held",
        Kind::Gauge,
        "Slots that tasks and polls hold.",
    );
    each(&mut text, &|status| Some(count(status.slots_held)));
    text.family("polls", Kind::Gauge, "Polls under way.");
    each(&mut text, &|status| Some(count(status.polls)));

    text.family(
        "running",
        Kind::Gauge,
        "Tasks in the worker, by activity type; `other` for all that it is not registered for.",
    );
    for (name, status) in workers {
        for ((activity, version), running) in by_type(status) {
            let labels = [
                ("worker", *name),
                ("activity", activity),
                ("version", version),
            ];
            text.sample(&labels, count(running));
        }
    }
    text.family("stopping", Kind::Gauge, "Tasks that were told to stop.");
    each(&mut text, &|status| {
        let told = status
            .running
            .iter()
            .filter(|task| task.stop_reason.is_some());
        Some(count(told.count()))
    });
    text.family(
        "oldest_seconds",
        Kind::Gauge,
        "The age of the oldest task; 0 without one.",
    );
    each(&mut text, &|status| {
        Some(longest(status, |task| Some(task.running_for.as_secs_f64())))
    });
    text.family(
        "heartbeat_age_seconds",
        Kind::Gauge,
        "The longest time since a task's last accepted heartbeat; 0 without one.",
    );
    each(&mut text, &|status| {
        Some(longest(status, |task| {
            Some(task.since_last_heartbeat?.as_secs_f64())
        }))
    });

    text.family(
        "ended_total",
        Kind::Counter,
        "Tasks that ended, by how they did.",
    );
    for (name, status) in workers {
        let counts = status.outcomes;
        let (lost, late) = (counts.closed_after_lost_answer, counts.closed_with_result);
        for (end, value) in [
            ("completed", counts.completed),
            ("failed", counts.failed),
            ("canceled", counts.canceled),
            (
                "closed",
                counts.closed.saturating_sub(lost).saturating_sub(late),
            ),
            ("probably accepted", lost),
            ("result too late", late),
            ("handed on", counts.handed_on),
        ] {
            text.sample(&[("worker", name), ("end", end)], value as f64);
        }
    }

    // A budget is each service's own. Which one is said only where there are several.
    let each = |text: &mut Exposition, value: &dyn Fn(&HeartbeatBudgetStatus) -> Option<f64>| {
        for (name, status) in workers {
            for service in &status.services {
                let mut labels = vec![("worker", *name)];
                if status.services.len() > 1 {
                    labels.push(("service", &service.name));
                }
                if let Some(value) = value(&service.heartbeats) {
                    text.sample(&labels, value);
                }
            }
        }
    };
    text.family(
        "heartbeat_rate",
        Kind::Gauge,
        "Heartbeats a second that may go out, where there is a limit.",
    );
    each(&mut text, &|heartbeats| heartbeats.rate);
    text.family(
        "heartbeat_demand",
        Kind::Gauge,
        "Heartbeats a second at normal intervals.",
    );
    each(&mut text, &|heartbeats| Some(heartbeats.demand));
    text.family("heartbeat_stretch", Kind::Gauge, "The part of its timeout that a task waits between heartbeats; 0 while intervals are normal.");
    each(&mut text, &|heartbeats| {
        Some(heartbeats.stretch.unwrap_or(0.0))
    });
    text.family(
        "let_go",
        Kind::Gauge,
        "Tasks whose heartbeats the budget has no room for.",
    );
    each(&mut text, &|heartbeats| Some(count(heartbeats.let_go)));
    text.family(
        "throttled_total",
        Kind::Counter,
        "Heartbeats that the service throttled.",
    );
    each(&mut text, &|heartbeats| Some(heartbeats.throttled as f64));
    text.into_text()
}

fn count(number: usize) -> f64 {
    number as f64
}

/// What stands for the name of every type that the worker is not registered for: those names are
/// the service's, and there is no end to them.
const OTHER: &str = "other";

fn by_type(status: &WorkerStatus) -> BTreeMap<(&str, &str), usize> {
    let mut counts = BTreeMap::new();
    for task in &status.running {
        let known = status.activity_types.binary_search(&task.activity_type);
        let name = known.map_or((OTHER, ""), |_| {
            let name = &task.activity_type;
            (&*name.name, &*name.version)
        });
        *counts.entry(name).or_insert(0) += 1;
    }
    counts
}

fn longest(status: &WorkerStatus, time: impl Fn(&RunningActivity) -> Option<f64>) -> f64 {
    status.running.iter().filter_map(time).fold(0.0, f64::max)
}
