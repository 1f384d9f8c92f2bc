//! `workbeat list`.

use std::time::SystemTime;

use serde_json::json;

use crate::args::List;
use crate::decider;
use crate::live;
use crate::output::{Output, Table, duration, escape, since};
use crate::problem::Problem;
use crate::service::{ExecutionRecord, Listing, Service, Status, connect};

/// Lists executions.
pub(crate) async fn run(list: &List, output: &mut Output) -> Result<u8, Problem> {
    let service = connect(&list.connection, output).await?;
    let listing = Listing {
        since: list.since,
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

    if output.json() {
        output.document(&json!({"domain": service.domain(), "executions": records}));
        return Ok(0);
    }
    if records.is_empty() {
        output.note(&format!(
            "nothing in domain `{}` {} that started in the last {}",
            service.domain(),
            service.place(),
            humantime::format_duration(list.since),
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

fn table(records: &[ExecutionRecord], now: SystemTime) -> Table {
    let mut table = Table::new(&["WORKFLOW ID", "TYPE", "STATUS", "STARTED", "TOOK", "TAGS"]);
    for record in records {
        let status = match (record.status, record.cancel_requested) {
            ("open", _) if record.to_be_finished == Some(true) => "open, to be finished",
            ("open", true) => "open, cancel requested",
            (status, _) => words(status),
        };
        let took = record.close_timestamp.map(|closed| {
            let took = closed - record.start_timestamp;
            duration(std::time::Duration::try_from_secs_f64(took).unwrap_or_default())
        });
        table.row(vec![
            escape(&record.workflow_id),
            escape(&record.shown_type().to_string()),
            status.to_owned(),
            format!("{} ago", duration(since(record.start_timestamp, now))),
            took.unwrap_or_default(),
            escape(&record.tags.join(" ")),
        ]);
    }
    table
}

/// A status as a person says it.
fn words(status: &'static str) -> &'static str {
    match status {
        "timedOut" => "timed out",
        "continuedAsNew" => "continued as new",
        status => status,
    }
}
