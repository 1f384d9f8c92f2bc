//! Where a worker has several services, what is shown says which.

use std::future::pending;

use serde_json::{Value, json};
use workbeat::HeartbeatBudget;
use workbeat::service::{
    ActivityService, ActivityTask, ActivityTypeRegistration, HeartbeatAnswer, PollRequest,
    ServiceError, TaskToken, async_trait,
};
use workbeat::worker::TaskSource;
use workbeat_local::{LocalService, StartActivity};
use workbeat_status::Status;

use crate::kit::{HOSTILE, LIST, Stage, get};

/// A service that never answers.
struct Down;

#[async_trait]
impl ActivityService for Down {
    async fn poll(&self, _: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
        pending().await
    }

    async fn heartbeat(
        &self,
        _: &TaskToken,
        _: Option<&str>,
    ) -> Result<HeartbeatAnswer, ServiceError> {
        pending().await
    }

    async fn complete(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
        pending().await
    }

    async fn fail(
        &self,
        _: &TaskToken,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<(), ServiceError> {
        pending().await
    }

    async fn cancel(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
        pending().await
    }

    async fn register(&self, _: &ActivityTypeRegistration) -> Result<(), ServiceError> {
        pending().await
    }

    fn name(&self) -> &str {
        HOSTILE
    }
}

/// A worker of three services, the last of which never answers, and the second of them.
async fn three() -> (Stage, LocalService) {
    let second = LocalService::new();
    let (stage, worker) = Stage::with(|worker| {
        let budget = HeartbeatBudget::new(5.0);
        let other = TaskSource::new(second.clone()).heartbeat_budget(budget);
        worker
            .source(other.task_list(LIST).task_list("more"))
            .source(TaskSource::new(Down).task_list("down"))
    });
    tokio::spawn(worker.run());
    stage
        .until("both that are there are polled", |status| {
            status.services[0].is_polled && status.services[1].is_polled
        })
        .await;
    (stage, second)
}

#[tokio::test(start_paused = true)]
async fn each_is_told_with_its_task_lists_and_its_heartbeats() {
    let (stage, _second) = three().await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let told = get(&app, "/status.json").await.json();
    let services = told["workers"][0]["services"].as_array().unwrap();
    let part = |service: &Value| {
        json!([
            service["name"],
            service["task_lists"],
            service["is_polled"],
            service["heartbeats"]["rate"]
        ])
    };
    let parts: Vec<_> = services.iter().map(part).collect();
    assert_eq!(
        parts,
        [
            json!(["service", [LIST], true, null]),
            json!(["service 2", [LIST, "more"], true, 5.0]),
            json!([HOSTILE, ["down"], false, null]),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_runs_and_what_ended_says_where_it_came_from() {
    let (stage, second) = three().await;
    stage.end("ended here").await;
    let end = StartActivity::new("end", "1.0").task_list("more");
    let ended = second.start(end.activity_id("ended there")).unwrap();
    ended.outcome().await;
    let single = StartActivity::new("single", "1.0").task_list(LIST);
    second.start(single).unwrap();
    stage
        .until("it runs alone", |status| {
            status.running.len() == 1 && status.recent.len() == 2
        })
        .await;
    stage.hold("here", json!(1)).await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let told = get(&app, "/status.json").await.json();
    let services = |of: &str| {
        let items = told["workers"][0][of].as_array().unwrap().iter();
        let services = items.map(|item| item["service"].as_str().unwrap().to_owned());
        services.collect::<Vec<_>>()
    };
    assert_eq!(services("running"), ["service 2", "service"]);
    assert_eq!(services("recent"), ["service 2", "service"]);
}

#[tokio::test(start_paused = true)]
async fn each_has_heartbeat_figures_of_its_own() {
    let (stage, _second) = three().await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let metrics = get(&app, "/metrics").await.text;
    let of = |name: &str| {
        let lines = metrics.lines().filter(|line| line.starts_with(name));
        lines.collect::<Vec<_>>()
    };
    let rate = r#"workbeat_status_heartbeat_rate{worker="video",service="service 2"} 5"#;
    assert_eq!(of("workbeat_status_heartbeat_rate{"), [rate]);
    let hostile = HOSTILE.replace('"', "\\\"");
    assert_eq!(
        of("workbeat_status_let_go{"),
        [
            r#"workbeat_status_let_go{worker="video",service="service"} 0"#,
            r#"workbeat_status_let_go{worker="video",service="service 2"} 0"#,
            &format!(r#"workbeat_status_let_go{{worker="video",service="{hostile}"}} 0"#),
        ]
    );
    let slots = r#"workbeat_status_slots{worker="video"} 10"#;
    assert_eq!(of("workbeat_status_slots{"), [slots]);
}

#[tokio::test(start_paused = true)]
async fn of_one_service_alone_nothing_is_said() {
    let stage = Stage::new().await;
    stage.end("ended").await;
    stage.hold("held", json!(1)).await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let told = get(&app, "/status.json").await.json();
    let worker = &told["workers"][0];
    assert_eq!(worker["services"], json!([]));
    for of in ["running", "recent"] {
        assert_eq!(worker[of][0]["service"], Value::Null, "{of}");
    }
    let metrics = get(&app, "/metrics").await.text;
    assert!(!metrics.contains("service="), "{metrics}");
    let let_go = "\nworkbeat_status_let_go{worker=\"video\"} 0\n";
    assert!(metrics.contains(let_go), "{metrics}");
}
