//! Random calls, as a wire brings them: valid ones, invalid ones, and the passing of time.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use workbeat_local::engine::{
    Answered, Engine, Notice, PollId, Settings, Timestamp, activity_task_text, decision_task_text,
};

use crate::looks::look;

/// One thing that happens. Numbers choose among the tokens that were handed out.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Pass(u64),
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

pub(crate) fn settings() -> Settings {
    Settings::default()
        .seed(7)
        .poll_hold(Duration::from_millis(1_500))
        .phantom_polls(true)
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

/// A text that the service may or may not take.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!("")),
        Just(json!(7)),
        Just(json!("a:b")),
        Just(json!("x".repeat(300))),
        Just(json!({"name": []})),
    ]
}

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![120 => prop::sample::select(words).prop_map(|word| json!(word)), 1 => odd()]
}

fn maybe(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::option::weighted(0.5, value).prop_map(|value| value.unwrap_or(Value::Null))
}

fn workflow_id() -> impl Strategy<Value = Value> {
    one_of(&["w0", "w1", "w2", "w3"])
}

fn seconds() -> impl Strategy<Value = Value> {
    one_of(&["0", "1", "2", "5", "NONE", "40"])
}

fn list() -> impl Strategy<Value = Value> {
    one_of(&["l0", "l1"]).prop_map(|name| json!({"name": name}))
}

fn workflow_type() -> impl Strategy<Value = Value> {
    one_of(&["flow", "flow", "flow", "bare", "none"])
        .prop_map(|name| json!({"name": name, "version": "1"}))
}

fn child_policy() -> impl Strategy<Value = Value> {
    maybe(one_of(&["TERMINATE", "REQUEST_CANCEL", "ABANDON"]))
}

fn decision_of(decision_type: &'static str, member: &'static str, attributes: &Value) -> Value {
    json!({"decisionType": decision_type, member: attributes})
}

fn opens() -> impl Strategy<Value = Value> {
    let activity = (
        one_of(&["a", "b"]),
        maybe(seconds()),
        maybe(seconds()),
        maybe(list()),
    );
    let activity = activity.prop_map(|(id, start, close, list)| {
        let attributes = json!({
            "activityType": {"name": "pack", "version": "1"}, "activityId": id, "input": "in",
            "scheduleToStartTimeout": start, "startToCloseTimeout": close, "taskList": list,
        });
        let member = "scheduleActivityTaskDecisionAttributes";
        decision_of("ScheduleActivityTask", member, &attributes)
    });
    let timer = (one_of(&["t", "u"]), seconds()).prop_map(|(id, after)| {
        let attributes = json!({"timerId": id, "startToFireTimeout": after});
        decision_of("StartTimer", "startTimerDecisionAttributes", &attributes)
    });
    let child = (
        workflow_id(),
        workflow_type(),
        child_policy(),
        maybe(seconds()),
    );
    let child = child.prop_map(|(id, workflow_type, policy, timeout)| {
        let attributes = json!({
            "workflowId": id, "workflowType": workflow_type, "childPolicy": policy,
            "taskStartToCloseTimeout": timeout,
        });
        let member = "startChildWorkflowExecutionDecisionAttributes";
        decision_of("StartChildWorkflowExecution", member, &attributes)
    });
    prop_oneof![4 => activity, 3 => timer, 3 => child]
}

fn reaches() -> impl Strategy<Value = Value> {
    let cancel_activity = one_of(&["a", "b"]).prop_map(|id| {
        let member = "requestCancelActivityTaskDecisionAttributes";
        decision_of(
            "RequestCancelActivityTask",
            member,
            &json!({"activityId": id}),
        )
    });
    let cancel_timer = one_of(&["t", "u"]).prop_map(|id| {
        let attributes = json!({"timerId": id});
        decision_of("CancelTimer", "cancelTimerDecisionAttributes", &attributes)
    });
    let marker = one_of(&["m"]).prop_map(|name| {
        let attributes = json!({"markerName": name, "details": "d"});
        decision_of(
            "RecordMarker",
            "recordMarkerDecisionAttributes",
            &attributes,
        )
    });
    let signal = workflow_id().prop_map(|id| {
        let member = "signalExternalWorkflowExecutionDecisionAttributes";
        let attributes = json!({"workflowId": id, "signalName": "s", "control": "c"});
        decision_of("SignalExternalWorkflowExecution", member, &attributes)
    });
    let cancel = workflow_id().prop_map(|id| {
        let member = "requestCancelExternalWorkflowExecutionDecisionAttributes";
        let attributes = json!({"workflowId": id});
        decision_of(
            "RequestCancelExternalWorkflowExecution",
            member,
            &attributes,
        )
    });
    let lambda = one_of(&["f"]).prop_map(|id| {
        let member = "scheduleLambdaFunctionDecisionAttributes";
        decision_of(
            "ScheduleLambdaFunction",
            member,
            &json!({"id": id, "name": "f"}),
        )
    });
    prop_oneof![2 => cancel_activity, 2 => cancel_timer, 1 => marker, 2 => signal, 2 => cancel,
        1 => lambda]
}

fn closes() -> impl Strategy<Value = Value> {
    let next = child_policy().prop_map(|policy| {
        let member = "continueAsNewWorkflowExecutionDecisionAttributes";
        decision_of(
            "ContinueAsNewWorkflowExecution",
            member,
            &json!({"childPolicy": policy}),
        )
    });
    let closed = |decision_type| Just(json!({"decisionType": decision_type}));
    prop_oneof![
        closed("CompleteWorkflowExecution"),
        closed("FailWorkflowExecution"),
        closed("CancelWorkflowExecution"),
        next,
    ]
}

fn decisions() -> impl Strategy<Value = Value> {
    let some = prop_oneof![6 => opens(), 4 => reaches(), 1 => closes()];
    let all = (
        prop::collection::vec(some, 0..4),
        prop::option::weighted(0.2, closes()),
    );
    all.prop_map(|(mut all, last)| {
        all.extend(last);
        json!(all)
    })
}

fn poll() -> impl Strategy<Value = Step> {
    prop_oneof![
        list().prop_map(|list| {
            Step::Call(
                "PollForActivityTask",
                json!({"domain": "d", "taskList": list}),
            )
        }),
        (list(), any::<bool>(), any::<bool>()).prop_map(|(list, reverse, previous)| {
            let poll = json!({
                "domain": "d", "taskList": list, "reverseOrder": reverse,
                "startAtPreviousStartedEvent": previous, "maximumPageSize": 50,
            });
            Step::Call("PollForDecisionTask", poll)
        }),
    ]
}

fn execution_call() -> impl Strategy<Value = Step> {
    let role = maybe(one_of(&["arn:aws:iam::123456789012:role/r"]));
    let start = (
        workflow_id(),
        workflow_type(),
        child_policy(),
        maybe(seconds()),
        role,
    );
    let start = start.prop_map(|(id, workflow_type, policy, timeout, role)| {
        let start = json!({
            "domain": "d", "workflowId": id, "workflowType": workflow_type,
            "childPolicy": policy, "executionStartToCloseTimeout": timeout,
            "tagList": ["tag"], "lambdaRole": role,
        });
        Step::Call("StartWorkflowExecution", start)
    });
    let signal = workflow_id().prop_map(|id| {
        let signal = json!({"domain": "d", "workflowId": id, "signalName": "s", "input": "i"});
        Step::Call("SignalWorkflowExecution", signal)
    });
    let cancel = workflow_id().prop_map(|id| {
        let cancel = json!({"domain": "d", "workflowId": id});
        Step::Call("RequestCancelWorkflowExecution", cancel)
    });
    let terminate = (workflow_id(), child_policy()).prop_map(|(id, policy)| {
        let terminate = json!({"domain": "d", "workflowId": id, "childPolicy": policy});
        Step::Call("TerminateWorkflowExecution", terminate)
    });
    prop_oneof![5 => start, 3 => signal, 2 => cancel, 1 => terminate]
}

fn registry_call() -> impl Strategy<Value = Step> {
    let activity_type = json!({"domain": "d", "activityType": {"name": "bare", "version": "1"}});
    let workflow_type = json!({"domain": "d", "workflowType": {"name": "bare", "version": "1"}});
    let arn = "arn:aws:swf:us-east-1:123456789012:/domain/d";
    let tags = json!({"resourceArn": arn, "tags": [{"key": "k", "value": "v"}]});
    prop_oneof![
        Just(Step::Call("DeprecateActivityType", activity_type.clone())),
        Just(Step::Call("UndeprecateActivityType", activity_type.clone())),
        Just(Step::Call("DeleteActivityType", activity_type)),
        Just(Step::Call("DeprecateWorkflowType", workflow_type.clone())),
        Just(Step::Call("DescribeWorkflowType", workflow_type)),
        Just(Step::Call("TagResource", tags)),
        Just(Step::Call(
            "UntagResource",
            json!({"resourceArn": arn, "tagKeys": ["k"]})
        )),
        Just(Step::Call(
            "ListTagsForResource",
            json!({"resourceArn": arn})
        )),
        Just(Step::Call("Unheard", json!({}))),
        odd().prop_map(|odd| Step::Call("DescribeDomain", json!({"name": odd}))),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let token = any::<usize>();
    let details = || one_of(&["", "half"]);
    prop_oneof![
        6 => (0_u64..2_500).prop_map(Step::Pass),
        1 => prop::sample::select(vec![10_000_u64, 10_000, 10_000, 90_000_000]).prop_map(Step::Pass),
        14 => poll(),
        6 => execution_call(),
        2 => registry_call(),
        3 => look(),
        16 => (token, decisions()).prop_map(|(token, decisions)| Step::Decide(token, decisions)),
        4 => (token, details()).prop_map(|(token, details)| {
            let beat = json!({"details": details});
            Step::WithActivityToken("RecordActivityTaskHeartbeat", token, beat)
        }),
        2 => token.prop_map(|token| {
            Step::WithActivityToken("RespondActivityTaskCompleted", token, json!({"result": "r"}))
        }),
        1 => token.prop_map(|token| {
            Step::WithActivityToken("RespondActivityTaskFailed", token, json!({"reason": "r"}))
        }),
        1 => token.prop_map(|token| {
            Step::WithActivityToken("RespondActivityTaskCanceled", token, json!({}))
        }),
        1 => token.prop_map(Step::Withdraw),
        1 => token.prop_map(Step::Abandon),
        2 => Just(Step::Restore),
    ]
}

/// An engine, what is kept of it, and what came out of it. Polls go by the order in which they
/// were parked, because their ids begin anew with a restored engine.
pub(crate) struct Run {
    pub(crate) engine: Engine,
    now: Timestamp,
    settings: Settings,
    kept: BTreeMap<(String, String), String>,
    polls: Vec<PollId>,
    activity_tokens: Vec<Value>,
    decision_tokens: Vec<Value>,
    restores: bool,
}

impl Run {
    /// One that is restored when a step says so, or only loses its polls then.
    pub(crate) fn new(restores: bool) -> Self {
        let settings = settings().track_changes(restores);
        Self {
            engine: Engine::new(settings.clone()),
            now: Timestamp::from_millis(1_000_000),
            settings,
            kept: BTreeMap::new(),
            polls: Vec::new(),
            activity_tokens: Vec::new(),
            decision_tokens: Vec::new(),
            restores,
        }
    }

    /// Takes a step; what came of it, as text.
    pub(crate) fn take(&mut self, step: &Step) -> Vec<String> {
        let mut shown = Vec::new();
        match step {
            Step::Pass(millis) => {
                self.now = self.now + Duration::from_millis(*millis);
                self.engine.advance(self.now);
            }
            Step::Call(name, input) => shown.push(self.call(name, input)),
            Step::WithActivityToken(name, token, input) => {
                if let Some(token) = pick(&self.activity_tokens, *token) {
                    let mut input = input.clone();
                    input["taskToken"] = token.clone();
                    shown.push(self.call(name, &input));
                }
            }
            Step::Decide(token, decisions) => {
                // The newest token, mostly: the others are late.
                let newest = self.decision_tokens.len().saturating_sub(1);
                let token = if token % 5 == 0 { *token } else { newest };
                if let Some(token) = pick(&self.decision_tokens, token) {
                    let input = json!({
                        "taskToken": token, "decisions": decisions, "executionContext": "kept",
                    });
                    shown.push(self.call("RespondDecisionTaskCompleted", &input));
                }
            }
            Step::Withdraw(poll) => {
                let poll = pick(&self.polls, *poll).copied();
                shown.extend(poll.map(|poll| self.engine.withdraw(poll).to_string()));
            }
            Step::Abandon(poll) => {
                let poll = pick(&self.polls, *poll).copied();
                shown.extend(poll.map(|poll| self.engine.abandon(poll).to_string()));
            }
            Step::Describe(run) => {
                if let Some(run_id) = pick(&self.engine.runs(), *run) {
                    let history = self.engine.history(run_id).unwrap_or_default();
                    shown.push(format!("{} events", history.len()));
                    for workflow_id in ["w0", "w1", "w2", "w3"] {
                        let execution = json!({"workflowId": workflow_id, "runId": run_id});
                        let input = json!({"domain": "d", "execution": execution});
                        shown.push(self.call("DescribeWorkflowExecution", &input));
                    }
                }
            }
            Step::Restore => self.restore(),
        }
        for notice in self.engine.take_notices() {
            shown.push(self.show(&notice));
        }
        for change in self.engine.take_changes() {
            let key = (change.table.to_owned(), change.key);
            match change.row {
                Some(row) => self.kept.insert(key, row),
                None => self.kept.remove(&key),
            };
        }
        shown.push(format!("{:?}", self.engine.next_deadline()));
        shown
    }

    fn restore(&mut self) {
        for poll in std::mem::take(&mut self.polls) {
            self.engine.withdraw(poll);
        }
        if self.restores {
            let rows = self.kept.clone().into_iter();
            let rows = rows.map(|((table, key), row)| (table, key, row));
            let settings = self.settings.clone();
            self.engine = Engine::restore(settings, rows, self.now).expect("what was kept");
        }
    }

    fn call(&mut self, name: &str, input: &Value) -> String {
        match self.engine.call(name, input, self.now) {
            Ok(Answered::Done(text)) => {
                self.note_token(name == "PollForDecisionTask", &text);
                text
            }
            Ok(Answered::Parked(poll)) => {
                self.polls.push(poll);
                "parked".to_owned()
            }
            Err(fault) => fault.to_string(),
        }
    }

    fn note_token(&mut self, decision: bool, text: &str) {
        let Ok(answer) = serde_json::from_str::<Value>(text) else {
            return;
        };
        if let Some(token) = answer.get("taskToken") {
            let tokens = if decision {
                &mut self.decision_tokens
            } else {
                &mut self.activity_tokens
            };
            tokens.push(token.clone());
        }
    }

    fn show(&mut self, notice: &Notice) -> String {
        let number = |poll: &PollId| self.polls.iter().position(|known| known == poll);
        match notice {
            Notice::PollAnswered { poll, task } => {
                let (number, text) = (number(poll), activity_task_text(task.as_deref()));
                self.note_token(false, &text);
                format!("{number:?} {text}")
            }
            Notice::DecisionPollAnswered { poll, task } => {
                let (number, text) = (number(poll), decision_task_text(task.as_deref()));
                self.note_token(true, &text);
                format!("{number:?} {text}")
            }
            other => format!("{other:?}"),
        }
    }

    /// Every history, by its run, as JSON.
    pub(crate) fn histories(&self) -> BTreeMap<String, String> {
        let runs = self.engine.runs().into_iter();
        let history = |run_id: std::sync::Arc<str>| {
            let history = self.engine.history(&run_id).expect("the run is known");
            let json = serde_json::to_string(history).expect("a history is JSON");
            (run_id.to_string(), json)
        };
        runs.map(history).collect()
    }
}

fn pick<T>(all: &[T], number: usize) -> Option<&T> {
    all.get(number.checked_rem(all.len())?)
}
