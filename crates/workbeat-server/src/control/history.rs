//! `GET /_workbeat/history/REGION/RUN`

use serde_json::{Value, json};
use workbeat_local::engine::Engine;

use crate::http::{Answer, Refusal, json};
use crate::service::Shared;

/// The most events that are told: the last ones.
const MOST: usize = 200;

/// The longest text in them, in characters.
const LONGEST: usize = 300;

/// The end of a run's history, its texts cut, for somebody who looks at it. Whole histories are
/// at SWF's own `GetWorkflowExecutionHistory`.
pub(crate) async fn history(shared: &Shared, run: &str) -> Result<Answer, Refusal> {
    let (region, run_id) = run.split_once('/').unwrap_or_default();
    let (mark, _, seen) = shared.look(|name, engine| {
        let is_wanted = name == region;
        is_wanted.then(|| told(engine, region, run_id)).flatten()
    });
    shared.kept(mark).await?;
    // A page may ask for a run that was forgotten meanwhile: it is told so, and nothing is wrong.
    let told = seen.into_iter().flatten().next();
    let told = told.unwrap_or_else(|| json!({ "events": null }));
    Ok(json(format!("{told}\n")))
}

fn told(engine: &Engine, region: &str, run_id: &str) -> Option<Value> {
    let (domain, workflow) = engine.workflow(run_id)?;
    let history = engine.history(run_id)?;
    let started_at = history.first()?.timestamp;
    let last = history.iter().skip(history.len().saturating_sub(MOST));
    let events = last.map(|event| {
        let mut event = serde_json::to_value(event).unwrap_or_default();
        cut(&mut event);
        event
    });
    Some(json!({
        "region": region,
        "domain": domain,
        "workflowId": &*workflow.workflow_id,
        "runId": &*workflow.run_id,
        "startedAt": started_at,
        "count": history.len(),
        "events": events.collect::<Vec<_>>(),
    }))
}

/// Cuts every text in it.
fn cut(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(values) => values.iter_mut().for_each(cut),
        Value::Object(members) => members.values_mut().for_each(cut),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_wherever_they_are() {
        let mut value = json!({"a": ["é".repeat(301), "short"], "b": 1});
        cut(&mut value);
        assert_eq!(value["a"][0], format!("{}…", "é".repeat(300)));
        assert_eq!(value["a"][1], "short");
    }
}
