//! One line of `GET /_workbeat/events`.

use bytes::Bytes;
use serde::Serialize;
use workbeat_local::engine::{ActivityKey, Engine, HistoryEvent, Notice, Timestamp};

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
    let (event, key, at, what): (_, &ActivityKey, _, _) = match notice {
        Notice::ActivityStarted {
            activity,
            at,
            identity,
        } => {
            let identity = identity.as_deref();
            ("started", activity, *at, What::Started { identity })
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
            ("heartbeat", activity, *at, what)
        }
        Notice::ActivityClosed {
            activity,
            event: history_event,
        } => {
            let what = What::Closed { history_event };
            ("closed", activity, history_event.timestamp, what)
        }
        _ => return None,
    };
    let line = Line {
        event,
        at,
        names: Names::find(region, engine, key)?,
        what,
    };
    let mut text = serde_json::to_vec(&line).ok()?;
    text.push(b'\n');
    Some(text.into())
}
