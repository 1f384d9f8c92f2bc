//! `GET /_workbeat/activities`

use serde::Serialize;
use serde_json::json;
use workbeat::activity::ReportedProgress;
use workbeat_local::engine::{OpenActivity, Timestamp, timeout_text};

use super::names::Names;
use crate::http::{Answer, Refusal, json};
use crate::service::Shared;

/// Every open activity, for progress bars.
pub(crate) async fn activities(shared: &Shared) -> Result<Answer, Refusal> {
    let (mark, now, regions) = shared.look(|region, engine| {
        let activities = engine.all_open_activities();
        (region.to_owned(), activities)
    });
    shared.kept(mark).await?;
    let activities: Vec<Shown<'_>> = regions
        .iter()
        .flat_map(|(region, activities)| {
            activities
                .iter()
                .map(|activity| Shown::new(region, activity, now))
        })
        .collect();
    let answer = json!({ "now": now, "activities": activities });
    Ok(json(format!("{answer}\n")))
}

/// An open activity in the answer. Times are as SWF writes them, ages are in seconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    #[serde(flatten)]
    names: Names<'a>,
    task_list: &'a str,
    state: &'static str,
    cancel_requested: bool,
    scheduled_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heartbeat_at: Option<Timestamp>,
    /// Since the last heartbeat, or since the start if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    heartbeat_age: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a str>,
    /// What the details say of how far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<Progress>,
    timeouts: Timeouts,
}

#[derive(Serialize)]
struct Progress {
    fraction: Option<f64>,
    text: String,
}

/// The longest text of a progress, in characters.
const LONGEST: usize = 200;

impl Progress {
    fn of(details: &str) -> Self {
        let ReportedProgress {
            fraction, mut text, ..
        } = ReportedProgress::of(details);
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        Self { fraction, text }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Timeouts {
    schedule_to_start: String,
    schedule_to_close: String,
    start_to_close: String,
    heartbeat: String,
}

impl<'a> Shown<'a> {
    fn new(region: &'a str, activity: &'a OpenActivity, now: Timestamp) -> Self {
        let alive_at = activity.heartbeat_at.or(activity.started_at);
        let timeouts = &activity.timeouts;
        let details = activity.details.as_ref().map(|details| details.as_str());
        Self {
            names: Names::of(region, activity),
            task_list: &activity.task_list,
            state: match activity.started_at {
                None => "scheduled",
                Some(_) => "started",
            },
            cancel_requested: activity.cancel_requested,
            scheduled_at: activity.scheduled_at,
            started_at: activity.started_at,
            heartbeat_at: activity.heartbeat_at,
            heartbeat_age: alive_at.map(|at| now.saturating_duration_since(at).as_secs_f64()),
            details,
            progress: details.map(Progress::of),
            timeouts: Timeouts {
                schedule_to_start: timeout_text(timeouts.schedule_to_start),
                schedule_to_close: timeout_text(timeouts.schedule_to_close),
                start_to_close: timeout_text(timeouts.start_to_close),
                heartbeat: timeout_text(timeouts.heartbeat),
            },
        }
    }
}
