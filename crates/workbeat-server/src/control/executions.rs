//! `GET /_workbeat/executions`

use std::cmp::Reverse;

use serde::Serialize;
use serde_json::json;
use workbeat_local::engine::{ListedExecution, WorkflowExecutionInfo};

use crate::http::{Answer, Refusal, json};
use crate::service::Shared;

/// The most that are listed.
const MOST: usize = 100;

#[derive(Serialize)]
struct Shown<'a> {
    region: &'a str,
    domain: &'a str,
    #[serde(flatten)]
    info: &'a WorkflowExecutionInfo,
}

/// The executions of every region, the open ones first and of these the newest; and how many
/// there are.
pub(crate) async fn executions(shared: &Shared) -> Result<Answer, Refusal> {
    let (mark, now, regions) = shared.look(|region, engine| {
        let newest = engine.newest_executions(MOST);
        (region.to_owned(), newest, engine.number_of_executions())
    });
    shared.kept(mark).await?;
    let count: usize = regions.iter().map(|(_, _, count)| count).sum();
    let mut listed: Vec<(&str, &ListedExecution)> = regions
        .iter()
        .flat_map(|(region, newest, _)| newest.iter().map(|listed| (region.as_str(), listed)))
        .collect();
    listed.sort_by_key(|(_, listed)| {
        let info = &listed.info;
        (
            info.close_timestamp.is_some(),
            Reverse(info.start_timestamp),
        )
    });
    listed.truncate(MOST);
    let executions: Vec<Shown<'_>> = listed
        .into_iter()
        .map(|(region, listed)| Shown {
            region,
            domain: &listed.domain,
            info: &listed.info,
        })
        .collect();
    let answer = json!({ "now": now, "count": count, "executions": executions });
    Ok(json(format!("{answer}\n")))
}
