//! One line of `GET /_workbeat/events`.

use bytes::Bytes;
use serde::Serialize;
use workbeat_local::engine::{Engine, HistoryEvent, Notice, Timestamp};

use super::names::Names;

#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    at: Timestamp,
    #[serde(flatten)]
    names: Names<'a>,
    #[serde(flatten)]
    what: What<'a>,
}

/// What is particular to each kind of line.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum What<'a> {
    Started {
        #[serde(skip_serializing_if = "Option::is_none")]
        identity: Option<&'a str>,
    },
    Heartbeat {
        #[serde(skip_serializing_if = "Option::is_none")]
        details: Option<&'a str>,
        cancel_requested: bool,
    },
    Closed {
        history_event: &'a HistoryEvent,
    },
}

/// The line for a notice; `None` if it is nothing that an activity went through.
pub(crate) fn event_line(region: &str, engine: &Engine, notice: &Notice) -> Option<Bytes> {
    let (event, names, at, what) = match notice {
        Notice::ActivityStarted {
            activity,
            at,
            identity,
        } => {
            let identity = identity.as_deref();
            let names = Names::find(region, engine, activity)?;
            ("started", names, *at, What::Started { identity })
        }
        Notice::HeartbeatRecorded {
            activity,
            at,
            details,
            cancel_requested,
        } => {
            let what = What::Heartbeat {
                details: details.as_ref().map(|details| details.as_str()),
                cancel_requested: *cancel_requested,
            };
            let names = Names::find(region, engine, activity)?;
            ("heartbeat", names, *at, what)
        }
        Notice::ActivityClosed {
            event: history_event,
            stood,
            ..
        } => {
            let what = What::Closed { history_event };
            let names = Names::of(region, stood);
            ("closed", names, history_event.timestamp, what)
        }
        _ => return None,
    };
    let line = Line {
        event,
        at,
        names,
        what,
    };
    let mut text = serde_json::to_vec(&line).ok()?;
    text.push(b'\n');
    Some(text.into())
}
