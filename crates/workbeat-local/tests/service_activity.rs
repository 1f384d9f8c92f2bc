//! An activity on the in-process service, from its start to its end, in paused time.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::{Instant, sleep};
use workbeat::service::{
    ActivityService, ActivityTask, ActivityType, ActivityTypeRegistration, PollRequest,
    ServiceErrorKind, TaskToken, Timeout,
};
use workbeat_local::engine::{
    ActivityTaskTimeoutType, EventAttributes, ScheduleActivityTaskFailedCause,
};
use workbeat_local::{
    ActivityHandle, ActivityOutcome, LocalErrorKind, LocalService, StartActivity,
};

fn pack() -> StartActivity {
    StartActivity::new("pack", "1.0").task_list("files")
}

async fn take(service: &LocalService) -> ActivityTask {
    let polled = service.poll(PollRequest::new("files", "tester")).await;
    polled.expect("a poll is answered").expect("a task waits")
}

fn names(activity: &ActivityHandle) -> Vec<&'static str> {
    activity
        .history()
        .iter()
        .map(|event| event.event_type())
        .collect()
}

fn timeout_of(outcome: &ActivityOutcome) -> ActivityTaskTimeoutType {
    match outcome {
        ActivityOutcome::TimedOut { timeout_type, .. } => *timeout_type,
        other => panic!("no timeout: {other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_activity_that_completes_has_its_result_and_its_history() {
    let service = LocalService::new();
    let activity = service.start(pack().input(&[1, 2, 3]).unwrap()).unwrap();
    let task = take(&service).await;
    assert_eq!(task.input.as_deref(), Some("[1,2,3]"));
    service.complete(&task.token, Some("6")).await.unwrap();
    assert_eq!(activity.outcome().await.result::<u32>().unwrap(), 6);
    assert_eq!(
        names(&activity),
        [
            "WorkflowExecutionStarted",
            "DecisionTaskScheduled",
            "DecisionTaskStarted",
            "DecisionTaskCompleted",
            "ActivityTaskScheduled",
            "ActivityTaskStarted",
            "ActivityTaskCompleted",
            "DecisionTaskScheduled",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_has_its_reason_and_its_details() {
    let service = LocalService::new();
    let activity = service.start(pack()).unwrap();
    let task = take(&service).await;
    service
        .fail(&task.token, Some("DiskFull"), Some("no space"))
        .await
        .unwrap();
    let ActivityOutcome::Failed {
        reason, details, ..
    } = activity.outcome().await
    else {
        panic!("it did not fail")
    };
    assert_eq!(reason.as_deref(), Some("DiskFull"));
    assert_eq!(details.unwrap().as_str(), "no space");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_no_worker_takes_times_out_at_the_exact_millisecond() {
    let service = LocalService::new();
    let start = pack().schedule_to_start_timeout(Duration::from_millis(1_234));
    let activity = service.start(start).unwrap();
    let began = Instant::now();
    let outcome = activity.outcome().await;
    assert_eq!(
        timeout_of(&outcome),
        ActivityTaskTimeoutType::ScheduleToStart
    );
    assert_eq!(began.elapsed(), Duration::from_millis(1_234));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_runs_too_long_times_out_although_it_beats() {
    let service = LocalService::new();
    let start = pack()
        .start_to_close_timeout(Duration::from_millis(2_500))
        .heartbeat_timeout(Duration::from_secs(1));
    let activity = service.start(start).unwrap();
    sleep(Duration::from_secs(3)).await;
    let task = take(&service).await;
    let began = Instant::now();
    let beats = async {
        while service.heartbeat(&task.token, Some("on it")).await.is_ok() {
            sleep(Duration::from_millis(900)).await;
        }
    };
    let (outcome, ()) = tokio::join!(
        async {
            let outcome = activity.outcome().await;
            assert_eq!(began.elapsed(), Duration::from_millis(2_500));
            outcome
        },
        beats
    );
    assert_eq!(timeout_of(&outcome), ActivityTaskTimeoutType::StartToClose);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_takes_too_long_altogether_times_out() {
    let service = LocalService::new();
    let start = pack().schedule_to_close_timeout(Duration::from_millis(4_001));
    let activity = service.start(start).unwrap();
    let began = Instant::now();
    sleep(Duration::from_secs(2)).await;
    take(&service).await;
    let outcome = activity.outcome().await;
    assert_eq!(
        timeout_of(&outcome),
        ActivityTaskTimeoutType::ScheduleToClose
    );
    assert_eq!(began.elapsed(), Duration::from_millis(4_001));
}

#[tokio::test(start_paused = true)]
async fn a_silent_task_times_out_a_heartbeat_timeout_after_its_last_heartbeat() {
    let service = LocalService::new();
    let activity = service
        .start(pack().heartbeat_timeout(Duration::from_secs(2)))
        .unwrap();
    let task = take(&service).await;
    let began = Instant::now();
    sleep(Duration::from_millis(1_999)).await;
    service
        .heartbeat(&task.token, Some("half way"))
        .await
        .unwrap();
    let ActivityOutcome::TimedOut {
        timeout_type,
        details,
        ..
    } = activity.outcome().await
    else {
        panic!("it did not time out")
    };
    assert_eq!(timeout_type, ActivityTaskTimeoutType::Heartbeat);
    assert_eq!(details.unwrap().as_str(), "half way");
    assert_eq!(began.elapsed(), Duration::from_millis(3_999));
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_at_the_very_millisecond_of_the_timeout_comes_too_late() {
    let service = LocalService::new();
    service
        .start(pack().heartbeat_timeout(Duration::from_secs(2)))
        .unwrap();
    let task = take(&service).await;
    sleep(Duration::from_secs(2)).await;
    let error = service.heartbeat(&task.token, None).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::TaskClosed);
}

#[tokio::test(start_paused = true)]
async fn an_activity_that_is_canceled_before_its_start_never_reaches_a_poll() {
    let service = LocalService::new();
    let activity = service.start(pack()).unwrap();
    activity.request_cancel().unwrap();
    let ActivityOutcome::Canceled {
        requested: true, ..
    } = activity.outcome().await
    else {
        panic!("it was not canceled")
    };
    let history = activity.history();
    let [.., requested, canceled, _] = &history[..] else {
        panic!("no history")
    };
    let EventAttributes::ActivityTaskCanceled(attributes) = &canceled.attributes else {
        panic!("it was closed by {}", canceled.event_type())
    };
    assert_eq!(attributes.started_event_id, 0);
    assert_eq!(
        attributes.latest_cancel_requested_event_id,
        Some(requested.event_id)
    );
    let empty = service
        .poll(PollRequest::new("files", "tester"))
        .await
        .unwrap();
    assert!(empty.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_worker_learns_of_a_cancellation_from_its_next_heartbeat() {
    let service = LocalService::new();
    let activity = service.start(pack()).unwrap();
    let task = take(&service).await;
    assert!(
        !service
            .heartbeat(&task.token, None)
            .await
            .unwrap()
            .cancel_requested
    );
    activity.request_cancel().unwrap();
    assert!(
        service
            .heartbeat(&task.token, None)
            .await
            .unwrap()
            .cancel_requested
    );
    service
        .cancel(&task.token, Some("cleaned up"))
        .await
        .unwrap();
    let ActivityOutcome::Canceled {
        details, requested, ..
    } = activity.outcome().await
    else {
        panic!("it was not canceled")
    };
    assert_eq!(details.unwrap().as_str(), "cleaned up");
    assert!(requested);
    let error = activity.request_cancel().unwrap_err();
    assert_eq!(error.kind(), LocalErrorKind::ActivityClosed);
}

#[tokio::test(start_paused = true)]
async fn a_late_call_says_whether_the_task_or_the_whole_workflow_is_closed() {
    let service = LocalService::new();
    let activity = service.start(pack().workflow_id("order-1")).unwrap();
    let task = take(&service).await;
    service.complete(&task.token, None).await.unwrap();

    let error = service.complete(&task.token, None).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::TaskClosed);
    assert_eq!(
        error.to_string(),
        "task closed: Unknown activity, scheduledEventId = 5"
    );

    activity.complete_workflow(None).unwrap();
    let error = service.heartbeat(&task.token, None).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::WorkflowClosed);
    let run_id = &activity.workflow().run_id;
    let execution = format!("WorkflowExecution=[workflowId=order-1, runId={run_id}]");
    assert_eq!(
        error.to_string(),
        format!("workflow closed: Unknown execution: {execution}")
    );
}

#[tokio::test(start_paused = true)]
async fn an_activity_ends_with_its_workflow() {
    let service = LocalService::new();
    let activity = service.start(pack()).unwrap();
    let task = take(&service).await;
    activity.terminate_workflow("not needed").unwrap();
    let outcome = activity.outcome().await;
    assert!(
        outcome.to_string().contains("WorkflowExecutionTerminated"),
        "{outcome}"
    );
    let error = service.complete(&task.token, None).await.unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::WorkflowClosed);
    let error = activity.terminate_workflow("again").unwrap_err();
    assert_eq!(error.kind(), LocalErrorKind::WorkflowClosed);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_are_followed_until_the_activity_is_closed() {
    let service = LocalService::new();
    let activity = service
        .start(pack().heartbeat_timeout(Duration::from_secs(1)))
        .unwrap();
    let heartbeats = activity.heartbeats();
    let task = take(&service).await;
    for done in 1..=3 {
        sleep(Duration::from_millis(100)).await;
        service
            .heartbeat(&task.token, Some(&done.to_string()))
            .await
            .unwrap();
        if done == 2 {
            activity.request_cancel().unwrap();
        }
    }
    // Nobody else waits: the stream itself lets the timeout pass.
    let began = Instant::now();
    let seen: Vec<_> = heartbeats.collect().await;
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    let done: Vec<u32> = seen
        .iter()
        .map(|beat| beat.details_as().unwrap().unwrap())
        .collect();
    assert_eq!(done, [1, 2, 3]);
    let told: Vec<_> = seen.iter().map(|beat| beat.cancel_requested).collect();
    assert_eq!(told, [false, false, true]);
    assert!(
        activity.heartbeats().next().await.is_none(),
        "a closed activity has no more"
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_of_heartbeats_loses_the_oldest_and_is_told_how_many() {
    let service = LocalService::new();
    let activity = service.start(pack()).unwrap();
    let mut heartbeats = activity.heartbeats();
    let task = take(&service).await;
    for number in 0..300 {
        service
            .heartbeat(&task.token, Some(&number.to_string()))
            .await
            .unwrap();
    }
    let first = heartbeats.next().await.unwrap();
    assert_eq!(first.missed, 44);
    assert_eq!(first.details_as::<u32>().unwrap(), Some(44));
    assert_eq!(heartbeats.next().await.unwrap().missed, 0);
}

#[tokio::test(start_paused = true)]
async fn two_activities_can_share_a_workflow() {
    let service = LocalService::new();
    let one = service
        .start(pack().workflow_id("order-1").activity_id("one"))
        .unwrap();
    let two = service
        .start(pack().workflow_id("order-1").activity_id("two"))
        .unwrap();
    assert_eq!(one.workflow(), two.workflow());
    let error = service
        .start(pack().workflow_id("order-1").activity_id("two"))
        .unwrap_err();
    let cause = ScheduleActivityTaskFailedCause::ActivityIdAlreadyInUse;
    assert_eq!(error.kind(), LocalErrorKind::NotScheduled(cause));
    let expected = ["ScheduleActivityTaskFailed", "DecisionTaskScheduled"];
    assert!(names(&one).ends_with(&expected));
    two.request_cancel().unwrap();
    assert!(two.try_outcome().is_some());
    assert!(one.try_outcome().is_none());
}

#[tokio::test(start_paused = true)]
async fn without_auto_register_an_unknown_type_is_not_started_and_the_history_says_why() {
    let service = LocalService::builder()
        .auto_register(false)
        .build()
        .unwrap();
    let error = service.start(pack()).unwrap_err();
    let cause = ScheduleActivityTaskFailedCause::ActivityTypeDoesNotExist;
    assert_eq!(error.kind(), LocalErrorKind::NotScheduled(cause));
    assert!(error.to_string().contains("auto_register"), "{error}");
    let history = service.history(error.workflow().unwrap());
    let events: Vec<_> = history.iter().map(|event| event.event_type()).collect();
    assert_eq!(
        events[4..],
        [
            "ScheduleActivityTaskFailed",
            "DecisionTaskScheduled",
            "WorkflowExecutionTerminated"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_worker_declares_later_holds_for_a_type_that_was_started_before() {
    let service = LocalService::new();
    let before = service.start(pack()).unwrap();
    let mut registration = ActivityTypeRegistration::new(ActivityType::new("pack", "1.0"));
    registration.heartbeat_timeout = Some(Duration::from_secs(9).into());
    service.register(&registration).await.unwrap();
    service.register(&registration).await.unwrap();
    let after = service.start(pack()).unwrap();
    let heartbeat = |activity: &ActivityHandle| match &activity.history()[4].attributes {
        EventAttributes::ActivityTaskScheduled(scheduled) => scheduled.heartbeat_timeout,
        other => panic!("not scheduled: {other:?}"),
    };
    assert_eq!(heartbeat(&before), Some(Timeout::None));
    assert_eq!(heartbeat(&after), Some(Duration::from_secs(9).into()));
}

#[tokio::test(start_paused = true)]
async fn the_service_knows_the_timeouts_of_a_task() {
    let service = LocalService::new();
    let start = pack()
        .heartbeat_timeout(Duration::from_secs(2))
        .start_to_close_timeout(Duration::from_secs(60))
        .schedule_to_close_timeout(Duration::from_secs(50));
    service.start(start).unwrap();
    sleep(Duration::from_secs(10)).await;
    let task = take(&service).await;
    let known = service.timeouts(&task).await.unwrap();
    assert_eq!(known.heartbeat, Some(Duration::from_secs(2).into()));
    assert_eq!(known.start_to_close, Some(Duration::from_secs(40).into()));
    assert_eq!(known.waited, Some(Duration::from_secs(10)));
}

#[tokio::test(start_paused = true)]
async fn what_is_too_long_or_made_up_is_invalid() {
    let service = LocalService::new();
    service.start(pack()).unwrap();
    let task = take(&service).await;
    let too_long = "x".repeat(2_049);
    let error = service
        .heartbeat(&task.token, Some(&too_long))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::Invalid);
    let error = service
        .heartbeat(&TaskToken::new("made up"), None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ServiceErrorKind::Invalid);
    let error = service.start(StartActivity::new("a:b", "1.0")).unwrap_err();
    assert_eq!(error.kind(), LocalErrorKind::Invalid);
}

#[tokio::test(start_paused = true)]
async fn a_history_is_serialized_in_the_shape_of_swf() {
    let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let service = LocalService::builder().starting_at(time).build().unwrap();
    let start = pack()
        .activity_id("a")
        .heartbeat_timeout(Duration::from_secs(30))
        .priority(3);
    let activity = service.start(start.raw_input("in")).unwrap();
    let json = serde_json::to_value(&activity.history()[4]).unwrap();
    let expected = serde_json::json!({
        "eventId": 5,
        "eventTimestamp": 1_700_000_000.0,
        "eventType": "ActivityTaskScheduled",
        "activityTaskScheduledEventAttributes": {
            "activityType": { "name": "pack", "version": "1.0" },
            "activityId": "a",
            "input": "in",
            "scheduleToStartTimeout": "NONE",
            "scheduleToCloseTimeout": "NONE",
            "startToCloseTimeout": "NONE",
            "taskList": { "name": "files" },
            "taskPriority": "3",
            "decisionTaskCompletedEventId": 4,
            "heartbeatTimeout": "30",
        }
    });
    assert_eq!(json, expected);
}
