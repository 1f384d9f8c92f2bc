//! `workbeat plan`, and what the guide shows of it.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::kit::{Ran, finish, workbeat};

async fn plan(arguments: &[&str]) -> Ran {
    finish(workbeat(&[&["plan"], arguments].concat())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_it_fits_is_the_exit_code() {
    for (group, code) in [("50,000x6m", 0), ("1500x10s", 1), ("50000x90s", 1)] {
        for format in ["text", "json"] {
            let ran = plan(&["--group", group, "--output", format]).await;
            assert_eq!((ran.code, ran.err.as_str()), (Some(code), ""), "{group}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_one_document() {
    let arguments = ["--group", "encode=50000x90s", "--duration", "1h"];
    let ran = plan(&[&arguments[..], &["--output", "json"]].concat()).await;
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["verdict"], "letsGo");
    assert_eq!(document["everyTaskKept"], false);
    assert_eq!(document["letGo"], 35_601);
    assert_eq!(document["groups"][0]["name"], "encode");
    assert_eq!(document["groups"][0]["normalInterval"], 30.0);
    assert_eq!(document["groups"][0]["endsBeforeFirstHeartbeat"], false);
    assert_eq!(document["groups"][0]["heartbeatTimeoutThatFits"], 348);
    assert_eq!(
        document["quotas"][0]["operation"],
        "RecordActivityTaskHeartbeat"
    );
    assert_eq!(document["quotas"][0]["smallestQuota"], 618);
    assert_eq!(document["quotas"].as_array().unwrap().len(), 4);
    assert_eq!(document["workers"]["count"], 500);
    assert_eq!(document["openActivities"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_and_no_service_is_asked_for() {
    for (arguments, said) in [
        (&[][..], "--group"),
        (&["--activities", "5"], "--heartbeat-timeout"),
        (&["--heartbeat-timeout", "5s"], "--activities"),
        (&["--group", "5x5"], "give it a unit"),
        (&["--group", "5x5s", "--margin", "1"], "from 5 to 90"),
        (&["--group", "5x5s", "--slots", "0"], "--slots"),
        (
            &["--activities", "5", "--heartbeat-timeout", "none"],
            "heartbeat every 10 s",
        ),
        (
            &["--group", "1000x1m", "--in-one-execution", "5000"],
            "1000 activities run in all",
        ),
        (
            &["--group", "a=5x5s", "--group", "a=6x6s"],
            "two groups are called a",
        ),
        (
            &["--group", "5x5s", "--heartbeat-quota", "0"],
            "calls a second",
        ),
    ] {
        let ran = plan(arguments).await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
    let wrong = ["--activities", "5", "--heartbeat-timeout", "foo"];
    let ran = plan(&[&wrong[..], &["--output", "json"]].concat()).await;
    assert!(
        ran.err.contains("1h30m") && !ran.err.contains("NONE"),
        "{}",
        ran.err
    );
    let ran = finish(workbeat(&["--aws", "plan", "--group", "5x5s"])).await;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("asks no service"), "{}", ran.err);
}

/// Runs each command that the guide shows; with `WORKBEAT_PAGES=renew` the guide gets what they say.
#[tokio::test(flavor = "multi_thread")]
async fn the_guide_shows_what_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/capacity.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (mut renewed, mut shown, mut examples) = (String::new(), true, 0);
    for line in page.lines() {
        let command = line.strip_prefix("$ workbeat plan ");
        shown |= command.is_some() || line == "```";
        if shown {
            writeln!(renewed, "{line}").unwrap();
        }
        if let Some(command) = command {
            let ran = plan(&command.split(' ').collect::<Vec<_>>()).await;
            assert!(matches!(ran.code, Some(0 | 1)), "{command}: {ran:?}");
            renewed.push_str(&ran.out);
            examples += 1;
            // What stands there is replaced, up to the end of the block.
            shown = false;
        }
    }
    assert!(examples >= 3, "only {examples} examples were found");
    if std::env::var_os("WORKBEAT_PAGES").is_some_and(|it| it == "renew") {
        std::fs::write(&path, &renewed).unwrap();
    } else {
        assert_eq!(page, renewed, "WORKBEAT_PAGES=renew renews it");
    }
}
