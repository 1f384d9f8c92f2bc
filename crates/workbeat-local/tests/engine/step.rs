//! One call, or one thing that happens to an engine. What draws them at random is elsewhere: a
//! property test, or a fuzzer.

use serde_json::{Value, json};

/// One thing that happens. Numbers choose among the tokens that were handed out.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Pass(u64),
    /// The clock is set back.
    Back(u64),
    Call(&'static str, Value),
    WithActivityToken(&'static str, usize, Value),
    Decide(usize, Value),
    Withdraw(usize),
    Abandon(usize),
    /// One of the runs is described.
    Describe(usize),
    /// The engine is restored from its rows.
    Restore,
}

/// The domain, the types, and a first execution.
pub(crate) fn beginning() -> Vec<Step> {
    let domain = json!({"name": "d", "workflowExecutionRetentionPeriodInDays": "1"});
    let flow = json!({
        "domain": "d", "name": "flow", "version": "1", "defaultTaskList": {"name": "l0"},
        "defaultTaskStartToCloseTimeout": "3", "defaultExecutionStartToCloseTimeout": "600",
        "defaultChildPolicy": "TERMINATE", "defaultTaskPriority": "2",
    });
    let bare = json!({"domain": "d", "name": "bare", "version": "1"});
    let pack = json!({
        "domain": "d", "name": "pack", "version": "1", "defaultTaskList": {"name": "l1"},
        "defaultTaskHeartbeatTimeout": "2", "defaultTaskScheduleToStartTimeout": "NONE",
        "defaultTaskScheduleToCloseTimeout": "NONE", "defaultTaskStartToCloseTimeout": "5",
    });
    let first = json!({
        "domain": "d", "workflowId": "w0", "workflowType": {"name": "flow", "version": "1"},
    });
    vec![
        Step::Call("RegisterDomain", domain),
        Step::Call("RegisterWorkflowType", flow),
        Step::Call("RegisterWorkflowType", bare.clone()),
        Step::Call("RegisterActivityType", pack),
        Step::Call("RegisterActivityType", bare),
        Step::Call("StartWorkflowExecution", first),
    ]
}
