//! `workbeat list`.

use std::time::SystemTime;

use futures_util::StreamExt;
use serde_json::json;

use crate::args::List;
use crate::decider;
use crate::history::{Outcome, status_words};
use crate::live;
use crate::output::{Output, Table, duration, escape, since};
use crate::problem::Problem;
use crate::service::{ExecutionRecord, Listing, Service, Status, connect};

/// How many histories are read at a time.
const LOOKS: usize = 8;

/// Lists executions.
pub(crate) async fn run(list: &List, output: &mut Output) -> Result<u8, Problem> {
    let service = connect(&list.connection, output).await?;
    let listing = Listing {
        since: list.since.duration,
        workflow_id: None,
        tag: list.tag.clone(),
        of_type: list.of_type.clone(),
        limit: list.limit,
    };
    let mut records = Vec::new();
    if !list.closed {
        records.extend(service.list(Status::Open, &listing).await?);
    }
    if !list.open {
        records.extend(service.list(Status::Closed, &listing).await?);
    }
    records.sort_by(|a, b| b.start_timestamp.total_cmp(&a.start_timestamp));
    records.truncate(list.limit);

    mark_what_is_to_be_finished(&service, &mut records).await?;
    tell_why_they_failed(&service, &mut records).await;

    if output.json() {
        output.document(&json!({"domain": service.domain(), "executions": records}));
        return Ok(0);
    }
    if records.is_empty() {
        output.note(&format!(
            "nothing in domain `{}` {} that started in the last {}",
            service.domain(),
            service.place(),
            list.since,
        ));
        return Ok(0);
    }
    let columns = output.columns();
    for line in table(&records, SystemTime::now()).lines(columns) {
        output.line(&line);
    }
    if let Some(record) = records.iter().find(|it| it.to_be_finished == Some(true)) {
        output.note(&format!(
            "what is to be finished has its result for whoever asks: `workbeat wait {}`",
            escape(&record.workflow_id)
        ));
    }
    if records.len() == list.limit {
        output.note(&format!(
            "the newest {} are shown; --limit shows more",
            list.limit
        ));
    }
    Ok(0)
}

/// Finds executions that are open only because nobody has decided since their activity ended,
/// as after `start --detach`. It takes one request, of the local server.
async fn mark_what_is_to_be_finished(
    service: &Service,
    records: &mut [ExecutionRecord],
) -> Result<(), Problem> {
    let is_candidate = |record: &ExecutionRecord| {
        record.status == "open" && decider::is_our_type(&record.workflow_type)
    };
    if !records.iter().any(is_candidate) {
        return Ok(());
    }
    let Some(open) = live::open_activities(service).await? else {
        return Ok(());
    };
    for record in records.iter_mut().filter(|record| is_candidate(record)) {
        let runs = open
            .iter()
            .any(|activity| activity.names.run_id == record.run_id);
        record.to_be_finished = Some(!runs);
    }
    Ok(())
}

/// Says of what failed whether its activity timed out. SWF closes no workflow as timed out because
/// its activity was, so its list does not tell: the history does.
async fn tell_why_they_failed(service: &Service, records: &mut [ExecutionRecord]) {
    let failed = records
        .iter_mut()
        .filter(|record| record.status == "failed" && decider::is_our_type(&record.workflow_type));
    let looks = futures_util::stream::iter(failed).for_each_concurrent(LOOKS, async |record| {
        // Where the history may not be read, SWF's own word stands.
        if let Ok(history) = service.history(&record.id()).await
            && let Some(outcome) = Outcome::of(&history)
        {
            record.status = outcome.status();
        }
    });
    looks.await;
}

fn table(records: &[ExecutionRecord], now: SystemTime) -> Table {
    let mut table = Table::new(&[
        "WORKFLOW ID",
        "TYPE",
        "STATUS",
        "STARTED",
        "OPEN FOR",
        "TAGS",
    ]);
    for record in records {
        let status = match (record.status, record.cancel_requested) {
            ("open", _) if record.to_be_finished == Some(true) => "open, to be finished",
            ("open", true) => "open, cancel requested",
            (status, _) => status_words(status),
        };
        let open_for = record.close_timestamp.map(|closed| {
            let open_for = closed - record.start_timestamp;
            duration(std::time::Duration::try_from_secs_f64(open_for).unwrap_or_default())
        });
        table.row(vec![
            escape(&record.workflow_id),
            escape(&record.shown_type().to_string()),
            status.to_owned(),
            format!("{} ago", duration(since(record.start_timestamp, now))),
            open_for.unwrap_or_default(),
            escape(&record.tags.join(" ")),
        ]);
    }
    table
}
