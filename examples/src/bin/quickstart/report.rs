//! What is printed at the end: the histories, what is kept, and what to read next.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use workbeat::worker::DrainReport;
use workbeat_local::ActivityHandle;

use crate::pack::Packed;
use crate::screen::{Screen, bytes, count};

/// Prints what the worker says of its work, now that it has ended.
pub(crate) fn worker(screen: &mut Screen, report: &DrainReport) {
    screen.say("\nThe worker was told to drain: to take nothing new, and to end what it had.");
    let outcomes = report.outcomes;
    if report.is_clean() {
        screen.say(format_args!(
            "  {} completed, {} failed, {} canceled; nothing is left without an answer.",
            outcomes.completed, outcomes.failed, outcomes.canceled
        ));
    } else {
        screen.say(format_args!("  {report}"));
    }
}

/// Prints the history of each activity, as the service wrote it.
pub(crate) fn histories(screen: &mut Screen, activities: &[ActivityHandle]) {
    for (number, activity) in (1..).zip(activities) {
        let events = activity.history();
        let start = events
            .first()
            .map(|event| event.timestamp)
            .unwrap_or_default();
        let rows: Vec<Row> = events
            .iter()
            .map(|event| Row {
                id: event.event_id,
                event: event.event_type(),
                after: event.timestamp.saturating_duration_since(start),
            })
            .collect();
        history(
            screen,
            &format!("The service's history of activity {number}"),
            &rows,
        );
    }
}

/// Prints what is left in the temporary folder.
pub(crate) fn kept(screen: &mut Screen, workplace: &Path, folder: &Path, packed: &Packed) {
    let (archive, manifest) = (name(&packed.archive), name(&packed.manifest));
    let width = archive.len().max(manifest.len());
    let (small, large) = (bytes(packed.bytes_out), bytes(packed.bytes_in));
    let files = count(packed.files, "file");
    screen.say(format_args!("\nKept in {}", workplace.display()));
    screen.say(format_args!(
        "  {archive:width$}  {small}, from the {large} of {files}"
    ));
    screen.say(format_args!("  {:width$}  sha256 {}", "", packed.digest));
    screen.say(format_args!(
        "  {manifest:width$}  the sha256 of each of the files"
    ));
    screen.say(format_args!(
        "  check them:  cd {} && sha256sum --check {}",
        quoted(folder),
        quoted(&packed.manifest)
    ));
    screen.say(format_args!("  remove them: rm -r {}", quoted(workplace)));
}

fn name(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// A path as it can be pasted into a shell.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// One event of a history, as a line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    /// Its number in the history.
    id: i64,
    /// What happened, by the service's name for it.
    event: &'static str,
    /// When, since the first event.
    after: Duration,
}

/// Prints a history as a table.
fn history(screen: &mut Screen, title: &str, rows: &[Row]) {
    screen.say(format_args!("\n{title}"));
    let events = rows.iter().map(|row| row.event.len()).max().unwrap_or(0);
    let width = events.max("what happened".len());
    screen.say(format_args!(
        "   no.    seconds  {:width$}  in other words",
        "what happened"
    ));
    for Row { id, event, after } in rows {
        let line = format!(
            "  {id:>4}  {:>9.3}  {event:width$}  {}",
            after.as_secs_f64(),
            meaning(event)
        );
        screen.say(line.trim_end());
    }
}

/// What an event means, for somebody who sees it for the first time.
fn meaning(event: &str) -> &'static str {
    match event {
        "WorkflowExecutionStarted" => "the application wants work done",
        "WorkflowExecutionCompleted" => "that is done",
        "DecisionTaskScheduled" => "what is to be done next?",
        "DecisionTaskStarted" => "the application decides",
        "DecisionTaskCompleted" => "it has decided",
        "ActivityTaskScheduled" => "the activity waits for a worker",
        "ActivityTaskStarted" => "the worker took it",
        "ActivityTaskCompleted" => "it is done, with a result",
        "ActivityTaskFailed" => "it failed",
        "ActivityTaskTimedOut" => "nothing was heard of it for too long",
        "ActivityTaskCancelRequested" => "it was asked to stop",
        "ActivityTaskCanceled" => "it has cleaned up and stopped",
        _ => "",
    }
}

/// Says what to read next.
pub(crate) fn read_next(screen: &mut Screen) {
    screen.say(
        "
Read next
  examples/src/bin/quickstart/pack.rs  the activity that you have just watched
  docs/getting-started.md              your own activity, in a few minutes
  docs/cancellation.md                 how an activity learns that it should stop
  docs/heartbeats.md                   what the worker sends, when, and why",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::tests::Paper;

    #[test]
    fn a_history_is_a_table_with_its_columns_in_line() {
        let paper = Paper::default();
        let row = |id, event, millis| Row {
            id,
            event,
            after: Duration::from_millis(millis),
        };
        let rows = [
            row(1, "ActivityTaskStarted", 0),
            row(10, "ActivityTaskCancelRequested", 12_345),
        ];
        history(&mut paper.screen(), "A history", &rows);
        assert_eq!(
            paper.text(),
            "
A history
   no.    seconds  what happened                in other words
     1      0.000  ActivityTaskStarted          the worker took it
    10     12.345  ActivityTaskCancelRequested  it was asked to stop
"
        );
    }

    #[test]
    fn a_path_with_blanks_can_be_pasted() {
        assert_eq!(quoted(Path::new("/tmp/a-1.b")), "/tmp/a-1.b");
        assert_eq!(quoted(Path::new("/it's here")), r"'/it'\''s here'");
    }

    #[test]
    fn an_event_without_words_leaves_no_blanks_behind() {
        let paper = Paper::default();
        let row = Row {
            id: 1,
            event: "SomethingElse",
            after: Duration::ZERO,
        };
        history(&mut paper.screen(), "A history", &[row]);
        assert!(
            paper.text().ends_with("SomethingElse\n"),
            "{}",
            paper.text()
        );
    }
}
