//! Executions: how they start, what they are asked, and how they end.

use std::time::Duration;

use workbeat::service::Timeout;
use workbeat_local::engine::{
    ChildPolicy, CompleteWorkflowExecution, ContinueAsNewWorkflowExecution, DeprecateWorkflowType,
    EventAttributes, FaultKind, GetWorkflowExecutionHistory, RegisterDomain, RegisterWorkflowType,
    RequestCancelWorkflowExecution, Resource, Settings, SignalWorkflowExecution,
    TerminateWorkflowExecution, Timestamp, WorkflowType,
};

use crate::kit::{DOMAIN, World, activity, attributes, flow, millis, start};

#[test]
fn what_a_start_does_not_say_comes_from_its_type() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let first = world.history(&workflow).remove(0);
    let started = attributes!(first, WorkflowExecutionStarted);
    let year = Timeout::After(crate::kit::YEAR);
    assert_eq!(started.execution_start_to_close_timeout, Some(year));
    assert_eq!(started.task_start_to_close_timeout, Some(Timeout::None));
    assert_eq!(&*started.task_list, "deciders");
    assert_eq!(started.child_policy, ChildPolicy::Terminate);
    assert_eq!(started.task_priority, None);
    assert_eq!(started.parent_initiated_event_id, 0);

    let workflow = world.started("other", |start| {
        start.task_list = Some("mine".into());
        start.task_priority = Some(3);
        start.execution_start_to_close_timeout = millis(60_000);
        start.task_start_to_close_timeout = millis(5_000);
        start.child_policy = Some(ChildPolicy::Abandon);
        start.tag_list = Some(vec!["a".into(), "b".into()]);
        start.lambda_role = Some("arn:aws:iam::123456789012:role/r".into());
    });
    let history = world.history(&workflow);
    let EventAttributes::WorkflowExecutionStarted(started) = &history[0].attributes else {
        panic!("no start")
    };
    assert_eq!(started.execution_start_to_close_timeout, millis(60_000));
    assert_eq!(started.task_priority, Some(3));
    assert_eq!(started.child_policy, ChildPolicy::Abandon);
    assert_eq!(started.tag_list.len(), 2);
    assert!(started.lambda_role.is_some());
    let EventAttributes::DecisionTaskScheduled(scheduled) = &history[1].attributes else {
        panic!("no decision task")
    };
    assert_eq!(&*scheduled.task_list, "mine");
    assert_eq!(scheduled.task_priority, Some(3));
    assert_eq!(scheduled.start_to_close_timeout, millis(5_000));
    assert_eq!(scheduled.schedule_to_start_timeout, None);
}

#[test]
fn what_nobody_says_is_undefined_one_after_another() {
    let mut world = World::new();
    world.ok(RegisterWorkflowType {
        domain: DOMAIN.into(),
        name: "bare".into(),
        version: "1.0".into(),
        ..Default::default()
    });
    let mut start = start("flow");
    start.workflow_type = WorkflowType::new("bare", "1.0");
    let mut undefined = |start: &workbeat_local::engine::StartWorkflowExecution| {
        let fault = world.err(start.clone());
        assert_eq!(fault.kind(), FaultKind::DefaultUndefined);
        let type_name = "com.amazonaws.swf.base.model#DefaultUndefinedFault";
        assert_eq!(fault.type_name(), type_name);
        fault.message().to_owned()
    };
    assert_eq!(undefined(&start), "executionStartToCloseTimeout");
    start.execution_start_to_close_timeout = millis(1_000);
    assert_eq!(undefined(&start), "taskList");
    start.task_list = Some("mine".into());
    assert_eq!(undefined(&start), "taskStartToCloseTimeout");
    start.task_start_to_close_timeout = Some(Timeout::None);
    assert_eq!(undefined(&start), "childPolicy");
    start.child_policy = Some(ChildPolicy::Abandon);
    world.ok(start);
}

#[test]
fn a_start_is_refused_for_its_type_its_id_its_tags_and_its_timeouts() {
    let mut world = World::new();
    let mut unknown = start("flow");
    unknown.workflow_type = WorkflowType::new("flow", "2.0");
    let fault = world.err(unknown);
    assert_eq!(
        fault.kind(),
        FaultKind::UnknownResource(Resource::WorkflowType)
    );
    world.workflow("flow");
    let fault = world.err(start("flow"));
    assert_eq!(fault.kind(), FaultKind::WorkflowExecutionAlreadyStarted);

    let mut tags = start("other");
    tags.tag_list = Some(vec!["t".into(); 6]);
    assert!(world.err(tags).message().contains("'tagList'"));
    let mut endless = start("other");
    endless.execution_start_to_close_timeout = Some(Timeout::None);
    assert_eq!(world.err(endless).kind(), FaultKind::Validation);

    world.ok(DeprecateWorkflowType {
        domain: DOMAIN.into(),
        workflow_type: flow(),
    });
    assert_eq!(world.err(start("other")).kind(), FaultKind::TypeDeprecated);
}

#[test]
fn lenient_settings_start_what_nobody_registered() {
    let mut world = World::with(Settings::default().lenient_types(true));
    let workflow = world.started("flow", |start| {
        start.workflow_type = WorkflowType::new("unheard", "1.0");
    });
    let first = world.history(&workflow).remove(0);
    let started = attributes!(first, WorkflowExecutionStarted);
    assert_eq!(
        started.execution_start_to_close_timeout,
        Some(Timeout::None)
    );
    assert_eq!(&*started.task_list, "default");
}

#[test]
fn a_workflow_id_can_be_used_again_once_its_run_is_closed() {
    let mut world = World::new();
    let first = world.workflow("flow");
    world.decided(vec![CompleteWorkflowExecution::default().into()]);
    let second = world.workflow("flow");
    assert_ne!(first.run_id, second.run_id);
    let terminate = TerminateWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: "flow".into(),
        run_id: Some(first.run_id.to_string()),
        ..Default::default()
    };
    let fault = world.err(terminate);
    assert_eq!(
        fault.kind(),
        FaultKind::UnknownResource(Resource::Execution)
    );
    assert_eq!(world.engine.is_open(&second.run_id), Some(true));
}

#[test]
fn a_signal_and_a_cancel_request_reach_the_open_run_alone() {
    let mut world = World::new();
    let workflow = world.workflow("flow");
    let run_id = Some(workflow.run_id.to_string());
    let signal = SignalWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: "flow".into(),
        run_id: run_id.clone(),
        signal_name: "go".into(),
        input: Some("now".into()),
    };
    world.ok(signal.clone());
    let signaled = attributes!(world.last(&workflow), WorkflowExecutionSignaled);
    assert_eq!(&*signaled.signal_name, "go");
    assert_eq!(signaled.input, Some("now".into()));
    assert_eq!(signaled.external_initiated_event_id, 0);
    let cancel = RequestCancelWorkflowExecution {
        domain: DOMAIN.into(),
        workflow_id: "flow".into(),
        run_id,
    };
    world.ok(cancel.clone());
    let requested = attributes!(world.last(&workflow), WorkflowExecutionCancelRequested);
    assert_eq!(
        (requested.cause, requested.external_workflow_execution),
        (None, None)
    );

    world.decided(vec![CompleteWorkflowExecution::default().into()]);
    let unknown = FaultKind::UnknownResource(Resource::Execution);
    assert_eq!(world.err(signal).kind(), unknown);
    assert_eq!(world.err(cancel).kind(), unknown);
}

#[test]
fn an_execution_that_takes_too_long_times_out_with_all_that_is_open_in_it() {
    let mut world = World::new();
    let workflow = world.started("flow", |start| {
        start.execution_start_to_close_timeout = millis(2_000);
    });
    world.decided(vec![activity("a").into()]);
    let token = world.take().token;
    world.pass(2_000);
    let timed_out = attributes!(world.last(&workflow), WorkflowExecutionTimedOut);
    assert_eq!(timed_out.timeout_type.as_str(), "START_TO_CLOSE");
    assert_eq!(timed_out.child_policy, ChildPolicy::Terminate);
    assert!(world.beat(&token, None).is_err());
    assert_eq!(world.engine.next_deadline(), None);
    world.workflow("flow");
}

#[test]
fn a_chain_of_runs_is_one_workflow_id_and_each_knows_the_one_before() {
    let mut world = World::new();
    let first = world.started("flow", |start| {
        start.tag_list = Some(vec!["t".into()]);
        start.task_list = Some("mine".into());
    });
    let mut run = first;
    for number in 0..5 {
        let next = ContinueAsNewWorkflowExecution {
            input: Some(format!("{number}").into()),
            ..Default::default()
        };
        world.decide("flow", vec![next.into()]);
        let continued = attributes!(world.last(&run), WorkflowExecutionContinuedAsNew);
        assert_eq!(world.engine.is_open(&run.run_id), Some(false));
        let open = world.engine.open_run(DOMAIN, "flow").expect("it goes on");
        assert_eq!(continued.new_execution_run_id, open);
        let next = workbeat::service::WorkflowExecution::new("flow", open);
        let begun = world.history(&next).remove(0);
        let started = attributes!(begun, WorkflowExecutionStarted);
        assert_eq!(started.continued_execution_run_id, Some(run.run_id));
        assert_eq!(started.input, Some(format!("{number}").into()));
        // What the run before it had is not handed on: the type's defaults hold.
        assert_eq!(&*started.task_list, "deciders");
        assert!(started.tag_list.is_empty());
        run = next;
    }
}

fn history_of(
    engine: &mut workbeat_local::engine::Engine,
    domain: &str,
    workflow: &workbeat::service::WorkflowExecution,
    now: Timestamp,
) -> Result<usize, FaultKind> {
    let get = GetWorkflowExecutionHistory::new(domain, workflow.clone());
    let history = engine.apply(get, now);
    history.map(|it| it.events.len()).map_err(|it| it.kind())
}

#[test]
fn a_closed_execution_is_kept_for_as_long_as_its_domain_says() {
    let settings = Settings::default().lenient_types(true);
    let mut engine = workbeat_local::engine::Engine::new(settings);
    let mut now = Timestamp::from_millis(0);
    for (domain, days) in [("week", "7"), ("none", "NONE"), ("zero", "0")] {
        let register = RegisterDomain {
            name: domain.into(),
            workflow_execution_retention_period_in_days: days.into(),
            ..Default::default()
        };
        engine.apply(register, now).unwrap();
        let mut start = start("flow");
        start.domain = domain.into();
        let run = engine.apply(start, now).unwrap();
        let workflow = workbeat::service::WorkflowExecution::new("flow", run.run_id);
        let terminate = TerminateWorkflowExecution {
            domain: domain.into(),
            workflow_id: "flow".into(),
            ..Default::default()
        };
        engine.apply(terminate, now).unwrap();
        let unknown = FaultKind::UnknownResource(Resource::Execution);
        if domain != "week" {
            assert_eq!(
                history_of(&mut engine, domain, &workflow, now),
                Err(unknown)
            );
            continue;
        }
        let week = Duration::from_secs(7 * 24 * 60 * 60);
        let last = now + (week - Duration::from_millis(1));
        assert_eq!(history_of(&mut engine, domain, &workflow, last), Ok(3));
        now = now + week;
        assert_eq!(
            history_of(&mut engine, domain, &workflow, now),
            Err(unknown)
        );
        assert_eq!(engine.next_deadline(), None);
    }
}
