//! Random calls, as a wire brings them: valid ones, invalid ones, and the passing of time.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::looks::look;
pub(crate) use crate::step::{Step, beginning};

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
    let activity_type =
        |name| json!({"domain": "d", "activityType": {"name": name, "version": "1"}});
    let workflow_type =
        |name| json!({"domain": "d", "workflowType": {"name": name, "version": "1"}});
    let arn = "arn:aws:swf:us-east-1:123456789012:/domain/d";
    let tags = json!({"resourceArn": arn, "tags": [{"key": "k", "value": "v"}]});
    let untag = json!({"resourceArn": arn, "tagKeys": ["k"]});
    let calls = vec![
        Step::Call("DeprecateActivityType", activity_type("bare")),
        Step::Call("UndeprecateActivityType", activity_type("bare")),
        Step::Call("UndeprecateActivityType", activity_type("pack")),
        Step::Call("DeleteActivityType", activity_type("bare")),
        Step::Call("DeprecateWorkflowType", workflow_type("bare")),
        Step::Call("DescribeWorkflowType", workflow_type("bare")),
        Step::Call("UndeprecateWorkflowType", workflow_type("flow")),
        Step::Call("DeprecateDomain", json!({"name": "d"})),
        Step::Call("UndeprecateDomain", json!({"name": "d"})),
        Step::Call("TagResource", tags),
        Step::Call("UntagResource", untag),
        Step::Call("ListTagsForResource", json!({"resourceArn": arn})),
        Step::Call("Unheard", json!({})),
    ];
    prop_oneof![
        13 => prop::sample::select(calls),
        1 => odd().prop_map(|odd| Step::Call("DescribeDomain", json!({"name": odd}))),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let token = any::<usize>();
    let details = || one_of(&["", "half"]);
    prop_oneof![
        6 => (0_u64..2_500).prop_map(Step::Pass),
        1 => prop::sample::select(vec![10_000_u64, 10_000, 10_000, 90_000_000, 99_999_999_999_000]).prop_map(Step::Pass),
        1 => prop::sample::select(vec![100_u64, 30_000, u64::MAX]).prop_map(Step::Back),
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
