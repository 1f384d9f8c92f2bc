//! What is shown, and what is not.

use serde_json::json;
use workbeat_status::Status;

use crate::kit::{HOSTILE, Stage, get};

#[tokio::test(start_paused = true)]
async fn what_runs_and_what_ended_is_told() {
    let stage = Stage::new().await;
    stage.end("first").await;
    stage.end("second").await;
    let held = stage
        .hold("clip", json!({"done": 3, "total": 8, "file": "a.mp4"}))
        .await;
    stage.hold("text", json!(HOSTILE)).await;
    held.request_cancel().unwrap();
    stage
        .until("it is told to stop", |status| {
            status.running.iter().any(|task| task.stop_reason.is_some())
        })
        .await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let told = get(&app, "/status.json").await;
    assert_eq!(told.header("content-type"), "application/json");
    let told = told.json();
    assert_eq!(told["actions"], false);
    let worker = &told["workers"][0];
    assert_eq!(worker["name"], "video");
    assert_eq!(worker["state"], "running");
    assert_eq!(worker["slots"], 10);
    assert_eq!(worker["running_count"], 2);
    assert_eq!(worker["stopping_count"], 1);
    // The one that was told to stop comes first.
    let clip = &worker["running"][0];
    assert_eq!(clip["activity_id"], "clip");
    assert_eq!(clip["workflow_id"], "workflow-clip");
    assert_eq!(clip["stop_reason"], "cancel requested");
    assert_eq!(
        clip["progress"],
        json!({"fraction": 0.375, "text": "3 of 8, file a.mp4"})
    );
    assert!(clip["running_seconds"].as_f64().unwrap() > 0.0);
    let text = &worker["running"][1]["progress"];
    assert_eq!(*text, json!({"fraction": null, "text": HOSTILE}));
    assert_eq!(worker["recent"][0]["activity_id"], "second");
    assert_eq!(worker["recent"][1]["end"], "completed");
    assert_eq!(worker["outcomes"]["completed"], 2);
}

#[tokio::test(start_paused = true)]
async fn tokens_inputs_and_results_are_nowhere() {
    let stage = Stage::new().await;
    stage.end("ended").await;
    stage.hold("held", json!("a secret report")).await;
    let token = stage.handle.status().running[0].task_token.clone();
    let status = Status::new().worker("video", stage.handle.clone());
    let app = status.hide_progress().router();
    for path in ["/", "/status.json", "/metrics", "/health/ready"] {
        let text = get(&app, path).await.text;
        assert!(!text.contains("secret"), "{path}: {text}");
        assert!(!text.contains(token.expose()), "{path}: {text}");
    }
    assert!(
        get(&app, "/status.json")
            .await
            .text
            .contains("\"progress\":null")
    );
}

#[tokio::test(start_paused = true)]
async fn of_many_the_most_urgent_are_shown_and_all_are_counted() {
    let stage = Stage::new().await;
    for number in 0..8 {
        stage
            .hold(&format!("held-{number}"), json!([number, 8]))
            .await;
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
    }
    let status = Status::new().worker("video", stage.handle.clone());
    let told = get(&status.max_rows(3).router(), "/status.json")
        .await
        .json();
    let worker = &told["workers"][0];
    assert_eq!(worker["running_count"], 8);
    let ids = worker["running"].as_array().unwrap().iter();
    let ids: Vec<_> = ids.map(|task| &task["activity_id"]).collect();
    assert_eq!(ids, ["held-0", "held-1", "held-2"]);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_limit_is_told_from_what_runs() {
    let stage = Stage::new().await;
    stage.hold_other("single").await;
    stage.hold_other("single").await;
    stage
        .until("one waits", |status| {
            status.running.iter().any(|task| task.waits_for_limit)
        })
        .await;
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let told = get(&app, "/status.json").await.json();
    let worker = &told["workers"][0];
    assert_eq!(
        (&worker["running_count"], &worker["waiting_count"]),
        (&json!(2), &json!(1))
    );
    let mut waiting: Vec<_> = worker["running"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["waits_for_limit"].as_bool().unwrap())
        .collect();
    waiting.sort_unstable();
    assert_eq!(waiting, [false, true]);
}

#[tokio::test(start_paused = true)]
async fn the_page_brings_its_first_snapshot() {
    let stage = Stage::new().await;
    stage.hold("text", json!(HOSTILE)).await;
    let app = Status::new()
        .worker("a {base}", stage.handle.clone())
        .router();
    let page = get(&app, "/").await.text;
    let (_, first) = page.split_once("data-first=\"").unwrap();
    let (first, _) = first.split_once('"').unwrap();
    assert!(!first.contains('<') && !first.contains("{base}"), "{first}");
    let first = first
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#123;", "{")
        .replace("&amp;", "&");
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["workers"][0]["name"], "a {base}");
    assert_eq!(
        first["workers"][0]["running"][0]["progress"]["text"],
        HOSTILE
    );
}

#[tokio::test(start_paused = true)]
async fn two_workers_of_one_name_are_two_series() {
    let stage = Stage::new().await;
    let mut status = Status::new();
    for name in ["video", "video 2", "video", "video"] {
        status = status.worker(name, stage.handle.clone());
    }
    let metrics = get(&status.router(), "/metrics").await.text;
    let slots: Vec<_> = metrics
        .lines()
        .filter(|line| line.starts_with("workbeat_status_slots{"))
        .collect();
    assert_eq!(
        slots,
        [
            r#"workbeat_status_slots{worker="video"} 10"#,
            r#"workbeat_status_slots{worker="video 2"} 10"#,
            r#"workbeat_status_slots{worker="video 3"} 10"#,
            r#"workbeat_status_slots{worker="video 4"} 10"#,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn metrics_follow_those_of_the_application() {
    let stage = Stage::new().await;
    stage.end("ended").await;
    stage.hold("held", json!(1)).await;
    let status = Status::new().worker("a \"b\"", stage.handle.clone());
    let app = status.metrics(|| "own_metric 7".to_owned()).router();
    let metrics = get(&app, "/metrics").await;
    assert_eq!(
        metrics.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let lines: Vec<_> = metrics.text.lines().collect();
    assert_eq!(lines[0], "own_metric 7");
    for line in [
        r#"workbeat_status_state{worker="a \"b\"",state="running"} 1"#,
        r#"workbeat_status_state{worker="a \"b\"",state="draining"} 0"#,
        r#"workbeat_status_slots{worker="a \"b\""} 10"#,
        r#"workbeat_status_running{worker="a \"b\"",activity="hold",version="1.0"} 1"#,
        r#"workbeat_status_ended_total{worker="a \"b\"",end="completed"} 1"#,
    ] {
        assert!(lines.contains(&line), "{line} is not in {}", metrics.text);
    }
    // A family is told once, before its samples.
    let mut families: Vec<_> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .collect();
    let told = families.len();
    families.dedup();
    assert_eq!(families.len(), told);
}

#[tokio::test(start_paused = true)]
async fn names_that_have_no_end_make_one_series() {
    let stage = Stage::new().await;
    stage.hold("held", json!(1)).await;
    for number in 0..3 {
        stage.hold_other(&format!("made-up-{number}")).await;
    }
    let app = Status::new().worker("video", stage.handle.clone()).router();
    let metrics = get(&app, "/metrics").await.text;
    let running: Vec<_> = metrics
        .lines()
        .filter(|line| line.starts_with("workbeat_status_running{"))
        .collect();
    assert_eq!(
        running,
        [
            r#"workbeat_status_running{worker="video",activity="hold",version="1.0"} 1"#,
            r#"workbeat_status_running{worker="video",activity="other",version=""} 3"#,
        ]
    );
}
