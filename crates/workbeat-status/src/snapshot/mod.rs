//! What is shown of the workers at one moment.

mod activity;
mod ended;
mod worker;

use std::time::Duration;

use serde::Serialize;

pub(crate) use worker::WorkerSnapshot;

/// All of it, as JSON tells it.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshot {
    /// Whether the page may offer actions.
    pub(crate) actions: bool,
    pub(crate) workers: Vec<WorkerSnapshot>,
}

/// How much of a worker is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// The most activities of a worker.
    pub(crate) rows: usize,
    /// Whether progress is shown.
    pub(crate) progress: bool,
}

/// The longest text of an activity's progress, in characters.
const LONGEST_TEXT: usize = 200;

/// A duration in seconds, to the millisecond.
fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000.0).round() / 1_000.0
}

/// So many characters of it at most.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!(cut("é".repeat(200)), "é".repeat(200));
        assert_eq!(cut("é".repeat(201)), format!("{}…", "é".repeat(200)));
    }

    #[test]
    fn durations_are_told_to_the_millisecond() {
        assert_eq!(
            seconds(Duration::from_nanos(1_234_567_890)).to_string(),
            "1.235"
        );
    }
}
