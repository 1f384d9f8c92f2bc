//! What stands in the way: said in a line or two, as an exit code, and as JSON.

use std::convert::Infallible;
use std::time::Duration;

use serde_json::Value;
use workbeat_server::{Faults, LocalServer};

use crate::kit::{Stage, finish, workbeat};

fn error(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap();
    document["error"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_it_says_how_to_start_one() {
    let nobody = ["list", "--endpoint", "http://127.0.0.1:1"];
    let ran = finish(workbeat(&nobody)).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(6), ""));
    assert_eq!(ran.err.lines().count(), 2, "{}", ran.err);
    assert!(
        ran.err.contains("no server at http://127.0.0.1:1"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("`workbeat server`"), "{}", ran.err);

    let ran = finish(workbeat(&[&nobody[..], &["--output=json"]].concat())).await;
    assert_eq!(ran.code, Some(6));
    assert_eq!(error(&ran.err)["kind"], "unreachable");
    assert_eq!(error(&ran.err)["exitCode"], 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn https_where_http_is_spoken_is_said() {
    let stage = Stage::empty().await;
    let url = stage.server.url().replace("http:", "https:");
    let ran = finish(workbeat(&["list", "--endpoint", &url])).await;
    assert_eq!(ran.code, Some(6), "{ran:?}");
    assert!(ran.err.contains("speaks http, not https"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_start_registers_a_domain() {
    let stage = Stage::empty().await;
    let domains = async || {
        let listed = stage
            .client()
            .list_domains()
            .registration_status(aws_sdk_swf::types::RegistrationStatus::Registered)
            .send()
            .await
            .unwrap();
        listed.domain_infos.len()
    };
    for arguments in [
        &["list"][..],
        &["show", "job-7"],
        &["wait", "job-7"],
        &["cancel", "job-7"],
        &["terminate", "job-7"],
        &["watch"],
    ] {
        let ran = stage
            .run(&[arguments, &["--domain", "nope"]].concat())
            .await;
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{ran:?}");
        assert!(ran.err.contains("there is no domain `nope`"), "{ran:?}");
        assert!(ran.err.contains("--domain"), "{ran:?}");
    }
    assert_eq!(domains().await, 0);
    let ran = stage.run(&["start", "resize", "--domain", "new"]).await;
    assert!(ran.err.contains("registered the domain `new`"), "{ran:?}");
    assert_eq!(domains().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_of_the_sdks_is_heeded_and_named() {
    let stage = Stage::with_worker().await;
    let mut list = workbeat(&["list"]);
    list.env("AWS_ENDPOINT_URL_SWF", stage.server.url());
    let ran = finish(list).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains(&stage.server.url()), "{ran:?}");

    let mut list = stage.command(&["list"]);
    list.env("AWS_ENDPOINT_URL_SWF", "http://127.0.0.1:1");
    assert_eq!(finish(list).await.code, Some(0));

    let mut list = workbeat(&["list", "--aws", "--region", "eu-west-1", "--domain", "nope"]);
    list.env("AWS_ENDPOINT_URL_SWF", stage.server.url());
    list.env("AWS_ACCESS_KEY_ID", "any")
        .env("AWS_SECRET_ACCESS_KEY", "any");
    let ran = finish(list).await;
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains(&stage.server.url()), "{ran:?}");
    assert!(!ran.err.contains("on AWS in"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_may_be_named_before_the_command() {
    let stage = Stage::with_worker().await;
    let url = stage.server.url();
    let ran = finish(workbeat(&["--endpoint", &url, "list"])).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    // What is said goes before the environment, wherever it stands.
    let mut command = workbeat(&["--endpoint", &url, "--domain", "workbeat", "list"]);
    command.env("WORKBEAT_ENDPOINT", "http://127.0.0.1:1");
    command.env("WORKBEAT_DOMAIN", "nope");
    let ran = finish(command).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = finish(workbeat(&["--endpoint", &url, "server"])).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_command_line_is_exit_code_2() {
    for wrong in [
        &["start"][..],
        &["start", "a", "--heartbeat-timeout", "30"],
        &["list", "--open", "--closed"],
        &["list", "--limit", "0"],
        &["list", "--profile", "work"],
        &["list", "--since", "yesterday"],
        &["list", "--endpoint", "localhost:7100"],
        &["server", "--deny", "PollForActivity"],
        &["server", "--fault", "throttle=2"],
        &["nothing"],
        &["list", "--log", "a=b=c"],
    ] {
        let ran = finish(workbeat(wrong)).await;
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (Some(2), ""),
            "{wrong:?}: {ran:?}"
        );
        let json = finish(workbeat(&[wrong, &["--output", "json"]].concat())).await;
        assert_eq!(error(&json.err)["kind"], "usage", "{wrong:?}: {json:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_argument_that_is_no_text_is_exit_code_2() {
    use std::os::unix::ffi::OsStrExt;
    let mut command = workbeat(&["list", "--output", "json", "--domain"]);
    command.arg(std::ffi::OsStr::from_bytes(b"a\xff"));
    let ran = finish(command).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert_eq!(error(&ran.err)["kind"], "usage", "{ran:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_never_ends_is_not_read_for_ever() {
    let ran = finish(workbeat(&["start", "resize", "--input", "@/dev/zero"])).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.err.contains("more than 1 MiB"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_permitted_is_exit_code_7() {
    let stage = Stage::with_worker().await;
    stage.server.deny("StartWorkflowExecution".parse().unwrap());
    let ran = stage.run(&["start", "resize", "--output", "json"]).await;
    assert_eq!(ran.code, Some(7), "{ran:?}");
    let message = error(&ran.err)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("swf:StartWorkflowExecution"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_may_not_be_read_can_still_be_started() {
    let stage = Stage::with_worker().await;
    stage.server.deny("DescribeActivityType".parse().unwrap());
    stage.server.deny("ListActivityTypes".parse().unwrap());
    let start = ["start", "resize/1.0", "--input", "{}"];
    let timeouts = [
        "--start-to-close=1h",
        "--schedule-to-start=1h",
        "--schedule-to-close=1h",
    ];
    let out = stage.done(&[&start[..], &timeouts].concat()).await;
    assert_eq!(out, "{\"steps\":0,\"width\":640}\n");
    let unsaid = stage.run(&start).await;
    assert_eq!(unsaid.code, Some(1), "{unsaid:?}");
    assert!(
        unsaid.err.contains("could not be scheduled"),
        "{}",
        unsaid.err
    );
    let version = stage.run(&["start", "resize"]).await;
    assert_eq!(version.code, Some(7), "{version:?}");
    assert!(version.err.contains("say the version"), "{}", version.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stumbles_is_asked_again() {
    let stage = Stage::with_worker().await;
    let faults = "throttle=0.15,unavailable=0.15";
    stage.server.set_faults(faults.parse().unwrap());
    let start = ["start", "resize", "--input", "{\"steps\":2}"];
    let (one, other) = tokio::join!(stage.done(&start), stage.done(&start));
    assert_eq!(one, "{\"steps\":2,\"width\":640}\n");
    assert_eq!(other, one);
}

/// Lets the server's time go by faster.
async fn ten_times_as_fast(server: &LocalServer) -> Infallible {
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    loop {
        ticks.tick().await;
        server.advance(Duration::from_secs(1)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_gets_lost_starts_nothing_twice() {
    let stage = Stage::with_worker().await;
    stage.server.set_faults("lost-answer=0.1".parse().unwrap());
    // A decision task that gets lost comes back after its timeout, which is sooner where time is
    // faster; no worker takes a task, whose poll could lose it for good.
    let start = ["start", "resize", "--task-list", "nobody", "--detach"];
    let (one, other) = tokio::select! {
        started = async { tokio::join!(stage.done(&start), stage.done(&start)) } => started,
        never = ten_times_as_fast(&stage.server) => match never {},
    };
    stage.server.set_faults(Faults::default());
    let listed = stage.json(&["list", "--open"]).await;
    let executions = listed["executions"].as_array().unwrap();
    assert_eq!(executions.len(), 2, "{one} {other} {listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn aws_needs_a_region_and_credentials() {
    let home = tempfile::tempdir().unwrap();
    let at_home = |arguments: &[&str]| {
        let mut command = workbeat(arguments);
        command.env("HOME", home.path());
        command
    };
    let region = finish(at_home(&["list", "--aws"])).await;
    assert_eq!(region.code, Some(2), "{region:?}");
    assert!(region.err.contains("--region"), "{}", region.err);
    let credentials = finish(at_home(&["list", "--aws", "--region", "eu-west-1"])).await;
    assert_eq!(credentials.code, Some(7), "{credentials:?}");
    assert!(
        credentials.err.contains("aws configure"),
        "{}",
        credentials.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aws_setting_that_is_not_known_is_said() {
    let mut command = workbeat(&["list", "--aws", "--region", "eu-west-1"]);
    command.env("AWS_RETRY_MODE", "legacy");
    let ran = finish(command).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("AWS_RETRY_MODE"), "{}", ran.err);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_payload_is_logged() {
    let stage = Stage::with_worker().await;
    let input = "{\"steps\": 1, \"secret\": \"s3cr3t\"}";
    let start = [
        "start",
        "resize",
        "--input",
        input,
        "--log",
        "trace,workbeat=trace",
        "--output",
        "json",
    ];
    let ran = stage.run(&start).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let call = "answered operation=\"PollForDecisionTask\" status=200";
    assert!(ran.err.contains(call), "{}", ran.err);
    assert!(!ran.err.contains("s3cr3t"), "{}", ran.err);
    assert!(!ran.err.contains("width"), "{}", ran.err);
}
