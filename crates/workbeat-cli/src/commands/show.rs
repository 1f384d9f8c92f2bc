//! `workbeat show`.

use serde_json::json;

use super::finding;
use crate::args::Show;
use crate::decider;
use crate::history::{Event, Outcome, Stage, describe, status_words};
use crate::output::{Output, Table, escape, rfc3339};
use crate::problem::Problem;
use crate::service::{ExecutionRecord, connect};

/// Shows a history.
pub(crate) async fn run(show: &Show, output: &mut Output) -> Result<u8, Problem> {
    let service = connect(&show.connection, output).await?;
    let record = finding::find(&service, &show.execution).await?;
    let history = service.history(&record.id()).await?;
    if output.json() {
        let events: Vec<_> = history.iter().map(Event::json).collect();
        output.document(&json!({"events": events}));
        return Ok(0);
    }
    for line in head(&record, &history) {
        output.line(&line);
    }
    output.line("");
    let columns = output.columns();
    for line in table(&history).wrapped_lines(columns) {
        output.line(&line);
    }
    Ok(0)
}

/// What it is and how it stands.
fn head(record: &ExecutionRecord, history: &[Event]) -> Vec<String> {
    let status = match Outcome::of(history) {
        Some(outcome) => status_words(outcome.status()).to_owned(),
        None if decider::is_ours(history) => format!("open: {}", Stage::of(history)),
        None => "open".to_owned(),
    };
    vec![
        format!("workflow  {}", escape(&record.workflow_id)),
        format!("run       {}", escape(&record.run_id)),
        format!("type      {}", escape(&record.shown_type().to_string())),
        format!("started   {}", rfc3339(record.start_timestamp)),
        format!("status    {}", escape(&status)),
    ]
}

fn table(history: &[Event]) -> Table {
    let begin = history.first().map_or(0.0, Event::timestamp);
    let mut table = Table::new(&["  #", "AFTER", "EVENT", "WHAT"]);
    for event in history {
        let (kind, facts) = describe(event);
        table.row(vec![
            format!("{:>3}", event.id()),
            after(event.timestamp() - begin),
            kind,
            facts,
        ]);
    }
    table
}

/// How long after the beginning.
fn after(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 100.0 {
        return format!("{seconds:>6.3}s");
    }
    let duration = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
    format!("{:>7}", crate::output::duration(duration))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::example::History;

    #[test]
    fn a_history_is_a_table() {
        let lines = table(History::running().events()).lines(None);
        assert_eq!(lines[0], "  #  AFTER    EVENT                       WHAT");
        let started = "  3   2.000s  Activity task started       by worker-1";
        assert_eq!(lines[3], started, "{lines:#?}");
        assert_eq!(after(7_325.5), "  2h 2m");
    }
}
