//! A worker's configuration from TOML, JSON and the environment, and what the builder says of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Deserialize;
use tokio::time::Instant;
use workbeat::prelude::*;
use workbeat::worker::{BuildError, WorkerBuilder};
use workbeat::{Backoff, HeartbeatBudget, WorkerConfig};
use workbeat_local::LocalService;
use workbeat_tests::{Ended, Operation, Stage, eventually, rest, run, seconds, start};

#[activity(version = "1.0", heartbeat_timeout = "30s", task_list = "video")]
async fn encode(video: String) -> Result<usize, ActivityError> {
    Ok(video.len())
}

fn builder() -> WorkerBuilder {
    Worker::builder(LocalService::new())
        .task_list("video")
        .activity(Encode)
}

fn from_toml(text: &str) -> WorkerConfig {
    toml::from_str(text).expect("a configuration")
}

/// What a builder says that is given `text`.
fn said(text: &str) -> String {
    let built = builder().configure(from_toml(text)).build();
    built.expect_err("a mistake").to_string()
}

const FILE: &str = r#"
task_lists = ["video", "audio"]
slots = 20
max_concurrent_polls = 3
identity = "encoder"
heartbeat_interval = "5s"
heartbeat_budget = 160
drain_deadline = 120
poll_backoff_min = 0.1
poll_backoff_max = "1m"
unknown_type = "leave_to_others"
register_types = false

[activities."encode:1.0"]
limit = 4
heartbeat_timeout = "NONE"
cancel_grace = "10s"
"#;

#[test]
fn a_worker_is_set_as_its_file_says() {
    let worker = builder().configure(from_toml(FILE)).build().unwrap();
    let shown = format!("{worker:?}");
    for part in [
        r#"task_lists: ["video", "audio"]"#,
        "slots: 20",
        "polls_each: 3",
        r#"identity: "encoder""#,
        "heartbeat_interval: 5s",
        "drain_deadline: 120s",
        "Backoff { min: 100ms, max: 60s }",
        "unknown_type: LeaveToOthers",
        "register_types: false",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
}

#[test]
fn toml_and_json_hold_the_same_and_what_is_written_is_read_again() {
    let config = from_toml(FILE);
    let json = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<WorkerConfig>(&json).unwrap(), config);
    let written = toml::to_string(&config).unwrap();
    assert_eq!(from_toml(&written), config);
    assert!(written.contains("drain_deadline = \"2m\""), "{written}");
}

#[test]
fn the_environment_stands_before_the_file_and_both_in_an_applications_settings() {
    #[derive(Deserialize)]
    struct Settings {
        database: String,
        worker: WorkerConfig,
    }
    let text = "database = \"db\"\n[worker]\nslots = 5\nidentity = \"file\"";
    let settings: Settings = toml::from_str(text).unwrap();
    assert_eq!(settings.database, "db");
    let environment = WorkerConfig::from_vars("WORKBEAT_", [("WORKBEAT_SLOTS", "7")]).unwrap();
    let config = environment.or(settings.worker);
    assert_eq!(
        (config.slots, config.identity.as_deref()),
        (Some(7), Some("file"))
    );
}

#[test]
fn toml_adds_the_line_to_what_is_wrong() {
    let wrong = "slots = 5\n\n[activities.\"encode:1.0\"]\nheartbeat_timeout = \"30 parsecs\"\n";
    let error = toml::from_str::<WorkerConfig>(wrong)
        .unwrap_err()
        .to_string();
    assert!(error.contains("line 4, column 21"), "{error}");
    let said =
        "`activities.\"encode:1.0\".heartbeat_timeout` is \"30 parsecs\"; it must be a duration";
    assert!(error.contains(said), "{error}");

    let unknown = "slots = 5\nslot = 5\n";
    let error = toml::from_str::<WorkerConfig>(unknown)
        .unwrap_err()
        .to_string();
    assert!(error.contains("line 2, column 1"), "{error}");
    assert!(
        error.contains("there is no setting `slot`; did you mean `slots`?"),
        "{error}"
    );
}

#[test]
fn the_later_call_wins() {
    let config = from_toml("slots = 5\ntask_lists = [\"b\"]\npoll_backoff_min = \"1s\"");
    let shown = |builder: WorkerBuilder| format!("{:?}", builder.build().unwrap());
    let before = shown(builder().slots(9).configure(config.clone()));
    assert!(before.contains("slots: 5,"), "{before}");
    assert!(before.contains(r#"task_lists: ["b"]"#), "{before}");
    assert!(before.contains("Backoff { min: 1s, max: 30s }"), "{before}");
    let after = shown(builder().configure(config).slots(9).task_list("c"));
    assert!(after.contains("slots: 9,"), "{after}");
    assert!(after.contains(r#"task_lists: ["b", "c"]"#), "{after}");
    let nothing = shown(builder().slots(9).configure(WorkerConfig::default()));
    assert!(nothing.contains("slots: 9,"), "{nothing}");
    assert!(nothing.contains(r#"task_lists: ["video"]"#), "{nothing}");
}

#[test]
fn what_the_builder_does_not_take_is_told_with_the_fields_path() {
    let said_of_interval = said("[activities.\"encode:1.0\"]\nheartbeat_interval = \"30s\"");
    assert_eq!(
        said_of_interval,
        "`activities.\"encode:1.0\".heartbeat_interval` of the configuration: the heartbeat interval of `encode 1.0`, 30s, must be shorter than its heartbeat timeout, 30s; leave it out to beat every third of the timeout"
    );
    assert_eq!(
        said("poll_backoff_min = \"2m\""),
        "`poll_backoff_min` of the configuration: the longest wait of `poll_backoff`, 30s, must not be shorter than its shortest, 120s"
    );
    assert_eq!(
        said("slots = 1\ntask_lists = [\"a\", \"b\"]"),
        "1 slots are too few for 2 task lists, because an idle poll holds one; set `slots` to 2 or more"
    );

    // What only code can say: the readers take none of it.
    let mut config = WorkerConfig::default();
    config.slots = Some(0);
    config.max_concurrent_polls = Some(0);
    config.task_lists = Some(vec!["a:b".to_owned()]);
    let error = builder().configure(config.clone()).build().unwrap_err();
    let said = "`task_lists` of the configuration: the task list `a:b` must not contain `:`, `/`, `|` or control characters";
    assert_eq!(error.to_string(), said);
    config.task_lists = None;
    let mistake = |config: WorkerConfig| {
        let error = builder().configure(config).build().unwrap_err();
        let BuildError::Configured { field, mistake } = error else {
            panic!("{error}");
        };
        (field.to_string(), *mistake)
    };
    let zero = |field: &'static str| (field.to_owned(), BuildError::Zero(field));
    assert_eq!(mistake(config), zero("slots"));
    for budget in [None, Some(160.0)] {
        let mut config = WorkerConfig::default();
        config.heartbeat_workers = Some(0);
        config.heartbeat_budget = budget;
        assert_eq!(mistake(config), zero("heartbeat_workers"));
    }
    let mut config = WorkerConfig::default();
    config.heartbeat_workers = Some(50);
    config.heartbeat_budget = Some(-1.0);
    let rate = BuildError::HeartbeatRate("-1.0".to_owned());
    assert_eq!(mistake(config), ("heartbeat_budget".to_owned(), rate));
}

#[test]
fn a_section_of_a_type_that_is_not_registered_lists_those_that_are() {
    let builder = builder().activity_fn("cut", "2.0", async |_: String| Ok::<_, ActivityError>(()));
    let config = from_toml("[activities.\"encode:2.0\"]\nlimit = 4");
    let error = builder.configure(config).build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`activities.\"encode:2.0\"` of the configuration is for nothing that is registered; registered are \"cut:2.0\", \"encode:1.0\""
    );
    let error = said("[untyped]\ncancel_grace = \"1s\"");
    assert!(
        error.starts_with("`untyped` of the configuration is for nothing"),
        "{error}"
    );
}

#[test]
fn a_section_holds_for_a_type_that_is_registered_later() {
    let config = from_toml("[activities.\"encode:1.0\"]\nheartbeat_interval = \"40s\"");
    let builder = Worker::builder(LocalService::new())
        .task_list("video")
        .configure(config)
        .activity(Encode);
    let error = builder.build().unwrap_err().to_string();
    assert!(
        error.contains("heartbeat interval of `encode 1.0`, 40s"),
        "{error}"
    );
}

#[test]
fn the_untyped_handler_is_set_by_its_section() {
    let builder = || {
        let builder = Worker::builder(LocalService::new()).task_list("video");
        builder.untyped_activity_fn(async |input, _| Ok::<_, ActivityError>(input))
    };
    let good = from_toml("[untyped]\nheartbeat_timeout = \"30s\"\nheartbeat_interval = \"5s\"");
    assert!(builder().configure(good).build().is_ok());
    let bad = from_toml("[untyped]\nheartbeat_timeout = \"5s\"\nheartbeat_interval = \"5s\"");
    let error = builder().configure(bad).build().unwrap_err().to_string();
    assert!(
        error.starts_with("`untyped.heartbeat_interval` of the configuration"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_section_sets_the_interval_and_the_limit() {
    let stage = Stage::new();
    let began = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&began);
    let wait = move |ctx: ActivityContext| {
        count.fetch_add(1, Ordering::SeqCst);
        async move { ctx.until_stopped(std::future::pending::<()>()).await }
    };
    let text = r#"
        [activities."wait:1.0"]
        limit = 1
        heartbeat_timeout = "9s"
        heartbeat_interval = "1s"
    "#;
    let worker = stage.worker().activity_fn("wait", "1.0", wait);
    let worker = run(worker.configure(from_toml(text)));
    let (first, second) = (stage.start(start("wait")), stage.start(start("wait")));
    worker.holds(2).await;
    let since = Instant::now();
    let beats = || stage.service.count(Operation::Heartbeat);
    eventually("ten rounds of two heartbeats", || beats() >= 20).await;
    let took = since.elapsed();
    assert!(took >= seconds(8) && took <= seconds(12), "{took:?}");
    assert_eq!(began.load(Ordering::SeqCst), 1);
    for activity in [first, second] {
        activity.request_cancel().unwrap();
        assert_eq!(activity.ended().await.to_string(), "was canceled");
    }
    assert!(worker.drain().await.is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_set_after_the_configuration_wins() {
    let stage = Stage::new();
    let config = || from_toml("[activities.\"wait:1.0\"]\nlimit = 1");
    for (limited_last, at_once) in [(true, 2), (false, 1)] {
        let began = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&began);
        let wait = move |ctx: ActivityContext| {
            count.fetch_add(1, Ordering::SeqCst);
            async move { ctx.until_stopped(std::future::pending::<()>()).await }
        };
        let worker = stage.worker().activity_fn("wait", "1.0", wait);
        let worker = run(match limited_last {
            true => worker.configure(config()).activity_limit("wait", "1.0", 2),
            false => worker.activity_limit("wait", "1.0", 2).configure(config()),
        });
        let activities = [(); 3].map(|()| stage.start(start("wait")));
        worker.holds(3).await;
        let before = stage.service.count(Operation::Heartbeat);
        let beats = || stage.service.count(Operation::Heartbeat) - before;
        eventually("each heartbeats", || beats() >= 3).await;
        assert_eq!(began.load(Ordering::SeqCst), at_once);
        for activity in &activities {
            activity.request_cancel().unwrap();
        }
        for activity in activities {
            activity.ended().await;
        }
        assert!(worker.drain().await.is_clean());
    }
}

/// The page's quotations of errors, in their order.
fn quoted() -> Vec<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let blocks = page.split("```text\n").skip(1);
    let lines = blocks.flat_map(|block| block.lines().take_while(|line| *line != "```"));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_page_quotes_what_is_said() {
    let read = |text: &str| {
        let error = toml::from_str::<WorkerConfig>(text).unwrap_err();
        error.message().to_owned()
    };
    let said = [
        read("[activities.\"encode:1.0\"]\nheartbeat_timeout = \"30 parsecs\""),
        read("slot = 5"),
        WorkerConfig::from_vars("WORKBEAT_", [("WORKBEAT_SLOTS", "many")])
            .unwrap_err()
            .to_string(),
        said("[activities.\"encode:2.0\"]"),
        said(
            "[activities.\"encode:1.0\"]\nheartbeat_timeout = \"10s\"\nheartbeat_interval = \"30s\"",
        ),
    ];
    let quoted = quoted();
    assert_eq!(quoted.len(), said.len(), "{quoted:#?}");
    for (quoted, said) in quoted.iter().zip(said) {
        match quoted.strip_suffix(" ...") {
            Some(beginning) => assert!(said.starts_with(beginning), "{said}"),
            None => assert_eq!(*quoted, said),
        }
    }
}

#[test]
fn settings_that_must_fit_each_other_may_come_in_two_calls() {
    let shown = |builder: WorkerBuilder| format!("{:?}", builder.build().unwrap());
    let file = || from_toml("poll_backoff_min = \"1m\"");
    let later = from_toml("poll_backoff_max = \"2m\"");
    let both = shown(builder().configure(file()).configure(later));
    assert!(both.contains("Backoff { min: 60s, max: 120s }"), "{both}");
    let last = Backoff::new(seconds(1), seconds(2));
    let last = shown(builder().configure(file()).poll_backoff(last));
    assert!(last.contains("Backoff { min: 1s, max: 2s }"), "{last}");

    let untyped = |interval: &str| {
        let text = format!("[untyped]\nheartbeat_interval = \"{interval}\"");
        from_toml(&text)
    };
    let timeout = from_toml("[untyped]\nheartbeat_timeout = \"20s\"");
    let worker = builder()
        .untyped_activity_fn(async |input, _| Ok::<_, ActivityError>(input))
        .configure(untyped("30s"))
        .configure(timeout)
        .configure(untyped("5s"));
    assert!(worker.build().is_ok());
}

#[test]
fn the_quota_and_how_many_share_it_may_come_in_two_calls() {
    let ceiling = |builder: WorkerBuilder| {
        let worker = builder.build().unwrap();
        worker.handle().status().heartbeats.ceiling
    };
    let quota = || from_toml("heartbeat_budget = 160");
    let among = |workers: u32| from_toml(&format!("heartbeat_workers = {workers}"));
    let first = ceiling(builder().configure(quota()).configure(among(50)));
    assert_eq!(first, Some(3.2));
    let last = ceiling(builder().configure(among(50)).configure(quota()));
    assert_eq!(last, Some(3.2));
    let again = builder().configure(among(50)).configure(quota());
    assert_eq!(ceiling(again.configure(among(100))), Some(1.6));
    // What is set by hand is no part of a configuration, and takes the place of what was.
    let by_hand = HeartbeatBudget::new(7.0);
    let by_hand = builder().configure(quota()).heartbeat_budget(by_hand);
    assert_eq!(ceiling(by_hand.configure(among(50))), None);
    let by_hand = HeartbeatBudget::learning();
    let by_hand = builder().configure(among(50)).heartbeat_budget(by_hand);
    assert_eq!(ceiling(by_hand.configure(quota())), Some(160.0));
}

#[tokio::test(start_paused = true)]
async fn a_worker_runs_with_the_longest_and_with_the_shortest_that_is_taken() {
    let longest = r#"
        slots = 9223372036854775807
        heartbeat_interval = "18446744073709551615s"
        heartbeat_budget = 1.7976931348623157e308
        drain_deadline = "18446744073709551615s"
        poll_backoff_min = "18446744073709551615s"
        poll_backoff_max = "18446744073709551615s"
        [activities."rest:1.0"]
        limit = 9223372036854775807
        heartbeat_interval = "18446744073709551615s"
        heartbeat_timeout = "none"
        cancel_grace = "18446744073709551615s"
        start_to_close_timeout = "365days"
        priority = 2147483647
    "#;
    let shortest = r#"
        slots = 1
        max_concurrent_polls = 1
        identity = ""
        heartbeat_interval = "1ms"
        heartbeat_budget = 1e-7
        drain_deadline = 0
        poll_backoff_min = "1ns"
        poll_backoff_max = "1ns"
        [activities."rest:1.0"]
        limit = 1
        heartbeat_timeout = "1ns"
        cancel_grace = "1ns"
        start_to_close_timeout = "1ns"
        priority = -2147483648
    "#;
    for (text, clean) in [(longest, true), (shortest, false)] {
        let stage = Stage::new();
        let worker = run(stage
            .worker()
            .activity_fn("rest", "1.0", rest)
            .configure(from_toml(text)));
        let activity = start("rest").raw_input("20");
        let activity = activity
            .heartbeat_timeout(seconds(60))
            .start_to_close_timeout(seconds(600));
        let outcome = stage.start(activity.clone()).ended().await;
        assert_eq!(outcome.result::<String>().unwrap(), "rested", "{text}");
        let canceled = stage.start(activity.raw_input("30"));
        worker.holds(1).await;
        canceled.request_cancel().unwrap();
        if clean {
            canceled.ended().await;
        }
        assert_eq!(worker.drain().await.unanswered.is_empty(), clean);
    }
}
