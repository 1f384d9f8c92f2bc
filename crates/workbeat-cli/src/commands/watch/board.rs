//! What `workbeat watch` shows: bars on a terminal, lines elsewhere.

use std::collections::HashMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};
use tokio::time::Instant;

use crate::live::{Activity, ActivityKey, Change};
use crate::output::{Output, PARTS, cut, escape, pad, parts, progress_line, style};

/// How often the progress of an activity is worth a line where lines stay.
const LINE_INTERVAL: Duration = Duration::from_secs(1);

/// How many columns the name of an activity takes before a bar.
const TITLE_COLUMNS: usize = 36;

/// What is shown.
pub(super) enum Board {
    /// A bar for each open activity; what ended is a line above them.
    Bars {
        all: MultiProgress,
        bars: HashMap<ActivityKey, ProgressBar>,
    },
    /// A line for each change; when the progress of an activity last had one.
    Lines { said: HashMap<ActivityKey, Instant> },
    /// Nothing: the lines of JSON are all.
    Json,
}

impl Board {
    /// As suits where stdout goes.
    pub(super) fn new(output: &Output) -> Self {
        if output.json() {
            Self::Json
        } else if output.is_terminal() {
            Self::Bars {
                all: MultiProgress::with_draw_target(ProgressDrawTarget::stdout()),
                bars: HashMap::new(),
            }
        } else {
            Self::Lines {
                said: HashMap::new(),
            }
        }
    }

    /// Shows what became of an activity.
    pub(super) fn show(
        &mut self,
        key: &ActivityKey,
        activity: &Activity,
        change: &Change,
        output: &mut Output,
    ) {
        match self {
            Self::Json => {}
            Self::Bars { all, bars } => match change {
                Change::Ended(end) => {
                    if let Some(bar) = bars.remove(key) {
                        bar.finish_and_clear();
                        all.remove(&bar);
                    }
                    let title = pad(&activity.title(), TITLE_COLUMNS);
                    let line = format!("{title}  {}", end.words);
                    all.suspend(|| {
                        let columns = output.columns().unwrap_or(usize::MAX);
                        output.line(&cut(&line, columns));
                    });
                }
                _ => {
                    let bar = bars.entry(key.clone()).or_insert_with(|| {
                        let bar = all.add(ProgressBar::new(PARTS));
                        bar.set_prefix(pad(&activity.title(), TITLE_COLUMNS));
                        bar
                    });
                    draw(bar, activity);
                }
            },
            Self::Lines { said } => {
                let words = match change {
                    Change::Nothing => return,
                    Change::State => activity.state_words(),
                    Change::Ended(end) => {
                        said.remove(key);
                        end.words.clone()
                    }
                    Change::Progress => {
                        let soon = |at: &Instant| at.elapsed() < LINE_INTERVAL;
                        if said.get(key).is_some_and(soon) {
                            return;
                        }
                        said.insert(key.clone(), Instant::now());
                        let progress = activity.progress.as_ref();
                        progress.map(progress_line).unwrap_or_default()
                    }
                };
                output.line(&format!("{}  {words}", activity.title()));
            }
        }
    }

    /// Says a line that stays.
    pub(super) fn say(&self, line: &str, output: &mut Output) {
        let line = escape(line);
        match self {
            Self::Json => {}
            Self::Bars { all, .. } => all.suspend(|| output.line(&line)),
            Self::Lines { .. } => output.line(&line),
        }
    }

    /// Takes away what would change.
    pub(super) fn end(&self) {
        if let Self::Bars { all, .. } = self {
            // A terminal that cannot be written to shows nothing anyway.
            let _ = all.clear();
        }
    }
}

fn draw(bar: &ProgressBar, activity: &Activity) {
    let fraction = activity
        .progress
        .as_ref()
        .and_then(|progress| progress.fraction);
    if let Some(fraction) = fraction {
        bar.set_style(style("{prefix}  [{bar:24}] {percent:>3}%  {wide_msg}"));
        bar.set_position(parts(fraction));
    } else {
        bar.set_style(style("{prefix}  {wide_msg}"));
    }
    bar.set_message(message(activity));
}

/// What stands behind the bar.
fn message(activity: &Activity) -> String {
    let text = activity
        .progress
        .as_ref()
        .map(|progress| progress.text.as_str())
        .filter(|text| !text.is_empty());
    match text {
        // What it says of itself is worth more than that it runs.
        Some(text) if !activity.is_waiting() && activity.is_cancel_requested() => {
            format!("cancel requested; {text}")
        }
        Some(text) if !activity.is_waiting() => text.to_owned(),
        _ => activity.state_words(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::args::Format;
    use crate::live::tests::line;
    use crate::output::tests::Paper;

    #[tokio::test(start_paused = true)]
    async fn elsewhere_than_on_a_terminal_changes_are_lines() {
        let out = Paper::default();
        let mut output = Output::to(Format::Text, out.clone(), Paper::default());
        let mut board = Board::new(&output);
        let started = line("started", json!({"identity": "worker-1"}));
        let (mut activity, _) = Activity::met(&started);
        let beat = |done| line("heartbeat", json!({"details": format!("[{done},8]")}));
        let closed = line(
            "closed",
            json!({"historyEvent": {
                "eventType": "ActivityTaskCompleted",
                "activityTaskCompletedEventAttributes": {"result": "\u{1b}[2J"},
            }}),
        );
        let lines = [started, beat(1), beat(1), beat(2), beat(4), closed];
        for line in &lines {
            let change = activity.apply(line);
            board.show(&line.names.key(), &activity, &change, &mut output);
            tokio::time::advance(Duration::from_millis(400)).await;
        }
        board.end();
        let expected = "job-7 resize/1.0  running on worker-1\n\
                        job-7 resize/1.0   12%  1 of 8\n\
                        job-7 resize/1.0   50%  4 of 8\n\
                        job-7 resize/1.0  completed: \\u001b[2J\n";
        assert_eq!(out.text(), expected);
    }
}
