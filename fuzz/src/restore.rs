//! Rows of a data file that nobody wrote, or not so.

use arbitrary::{Result, Unstructured};
use serde_json::Value;
use workbeat_local::engine::{Engine, Settings, Timestamp};

use crate::engine::step;
use crate::odd;
use crate::run::Run;
use crate::step::{Step, beginning};

/// An engine's rows, changed here and there, make an engine that works, or an error that says
/// which row is wrong and not what is in it.
pub fn engine_restore(data: &[u8]) {
    let mut u = Unstructured::new(data);
    // What is left of the bytes makes no change.
    let _ = restore(&mut u);
}

fn restore(u: &mut Unstructured<'_>) -> Result<()> {
    let mut run = Run::new(true);
    beginning().iter().for_each(|step| drop(run.take(step)));
    for step in opening() {
        run.take(&step);
    }
    for _ in 0..u.int_in_range(0..=8)? {
        run.take(&step(u)?);
    }
    let mut rows: Vec<_> = run.rows();
    for _ in 0..u.int_in_range(1..=4)? {
        change(u, &mut rows)?;
    }
    let now = *u.choose(&[0, 1_000_000, 1_100_000, u64::MAX])?;
    let settings = Settings::default().seed(7).track_changes(true);
    let restored = Engine::restore(settings.clone(), rows, Timestamp::from_millis(now));
    let mut engine = match restored {
        Ok(engine) => engine,
        Err(error) => {
            let shown = error.to_string();
            assert!(
                !shown.is_empty() && shown.len() < 100_000,
                "{} bytes",
                shown.len()
            );
            return Ok(());
        }
    };
    engine.take_notices();
    let mut run = Run::over(engine, Timestamp::from_millis(now));
    for _ in 0..12 {
        run.take(&step(u)?);
    }
    run.take(&Step::Pass(200_000_000));
    run.take(&Step::Describe(0));
    Ok(())
}

/// A decision task that was answered, with something of each sort left open.
fn opening() -> Vec<Step> {
    use serde_json::json;
    let poll = json!({"domain": "d", "taskList": {"name": "l0"}});
    let activity = json!({"activityType": {"name": "pack", "version": "1"}, "activityId": "a"});
    let timer = json!({"timerId": "t", "startToFireTimeout": "40"});
    let child = json!({"workflowId": "w1", "workflowType": {"name": "flow", "version": "1"}});
    let decisions = json!([
        {"decisionType": "ScheduleActivityTask",
         "scheduleActivityTaskDecisionAttributes": activity},
        {"decisionType": "StartTimer", "startTimerDecisionAttributes": timer},
        {"decisionType": "StartChildWorkflowExecution",
         "startChildWorkflowExecutionDecisionAttributes": child},
    ]);
    vec![
        Step::Call("PollForDecisionTask", poll),
        Step::Decide(1, decisions),
    ]
}

type Row = (String, String, String);

/// Changes one row, takes it out, or adds one.
fn change(u: &mut Unstructured<'_>, rows: &mut Vec<Row>) -> Result<()> {
    let at = u.choose_index(rows.len().max(1))?;
    let other = u.choose_index(rows.len().max(1))?;
    let given = rows.get(other).cloned();
    let Some(row) = rows.get_mut(at) else {
        rows.push((odd::text(u)?, odd::text(u)?, odd::text(u)?));
        return Ok(());
    };
    match u.int_in_range(0..=9)? {
        0 => drop(rows.remove(at)),
        1 => row.0 = odd::text(u)?,
        2 => row.1 = odd::text(u)?,
        3 => row.2 = odd::text(u)?,
        4 => row.2 = given.map(|it| it.2).unwrap_or_default(),
        5 => row.1 = given.map(|it| it.1).unwrap_or_default(),
        _ => {
            let mut value: Value = serde_json::from_str(&row.2).unwrap_or_default();
            replace(u, &mut value)?;
            row.2 = value.to_string();
        }
    }
    Ok(())
}

/// Replaces something in a value, or takes a member out.
fn replace(u: &mut Unstructured<'_>, value: &mut Value) -> Result<()> {
    let count = match value {
        Value::Object(members) => members.len(),
        Value::Array(elements) => elements.len(),
        _ => 0,
    };
    if count == 0 || u.ratio(1, 6)? {
        *value = match (&*value, u.int_in_range(0..=3)?) {
            (Value::Number(_), 0) => (*u.choose(&[u64::MAX, i64::MAX as u64, 0, 1])?).into(),
            (Value::Number(_), 1) => (*u.choose(&[i64::MIN, -1])?).into(),
            _ => odd::json(u, 2)?,
        };
        return Ok(());
    }
    let at = u.choose_index(count)?;
    match value {
        Value::Object(members) => {
            let name = members.keys().nth(at).cloned().unwrap_or_default();
            if u.ratio(1, 8)? {
                members.remove(&name);
            } else if let Some(inner) = members.get_mut(&name) {
                replace(u, inner)?;
            }
        }
        Value::Array(elements) => replace(u, &mut elements[at])?,
        _ => {}
    }
    Ok(())
}
