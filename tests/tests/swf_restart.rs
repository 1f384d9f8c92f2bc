//! A server that is killed and comes back with its data, while a worker runs on the adapter.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use tracing::Level;
use workbeat::prelude::*;
use workbeat::{Backoff, activity_fn};
use workbeat_swf::SwfService;
use workbeat_tests::{
    DOMAIN, Events, SwfStage, eventually, flow_on, millis, run, said, scheduled, sdk_client,
};

const SOON: Duration = Duration::from_secs(300);

/// A server in a process of its own. Dropping it kills it, as `kill -9` does.
struct Killable {
    process: Child,
    url: String,
}

impl Killable {
    fn start(address: &str, file: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_killable_server"))
            .arg(address)
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut url = String::new();
        let output = process.stdout.take().expect("it is piped");
        let read = BufReader::new(output).read_line(&mut url);
        assert!(read.expect("it says where") > 0, "it must start");
        let url = url.trim().to_owned();
        Self { process, url }
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_server_that_is_killed_and_comes_back_with_its_data_costs_no_task() {
    let events = Events::capture();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let server = Killable::start("127.0.0.1:0", &file);
    let client = sdk_client(&server.url);
    let register = client.register_domain().name(DOMAIN);
    let register = register.workflow_execution_retention_period_in_days("1");
    register.send().await.unwrap();

    let go = Arc::new(Notify::new());
    let waits = Arc::clone(&go);
    let wait = activity_fn("wait", "1.0", move |ctx: ActivityContext| {
        let go = Arc::clone(&waits);
        async move {
            go.notified().await;
            Ok::<_, ActivityError>(ctx.is_stopped())
        }
    });
    let options = ActivityOptions::new().heartbeat_interval(millis(50));
    let service = SwfService::builder(sdk_client(&server.url), DOMAIN);
    let worker = SwfStage::worker_on(service)
        .activity(wait.with_options(options))
        .poll_backoff(Backoff::new(millis(20), millis(200)));
    let worker = run(worker);
    assert!(timeout(SOON, worker.handle.ready()).await.unwrap());
    let flow = flow_on(&client, scheduled("wait").heartbeat_timeout("600")).await;
    eventually("it beats", || {
        let running = worker.handle.status().running;
        running
            .iter()
            .any(|running| running.since_last_heartbeat.is_some())
    })
    .await;

    let address = server.url.trim_start_matches("http://").to_owned();
    drop(server);
    eventually("heartbeats fail", || {
        events.count(Level::DEBUG, "the heartbeat failed and is tried again") > 0
    })
    .await;
    go.notify_one();
    eventually("the outcome fails", || {
        events.count(Level::WARN, "the outcome is not accepted yet") > 0
    })
    .await;
    let again = Killable::start(&address, &file);
    assert_eq!(again.url, format!("http://{address}"));
    assert_eq!(said(&flow.closed().await), "completed: false");
    let next = flow_on(&client, scheduled("wait")).await;
    go.notify_one();
    assert_eq!(said(&next.closed().await), "completed: false");
    worker.handle.drain();
    let report = timeout(SOON, worker.end()).await.expect("no hang");
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.outcomes.completed, 2, "{report}");
}
