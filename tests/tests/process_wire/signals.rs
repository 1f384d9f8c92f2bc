//! A worker in a process of its own that is told to end, or killed.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::Duration;

use libtest_mimic::Trial;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use workbeat_server::LocalServer;
use workbeat_tests::decider::{DOMAIN, FILES};
use workbeat_tests::{eventually, run, seconds};

use crate::judge::{Given, ends, given, judge_report};
use crate::stage::{Stage, ids};
use crate::trial;

const BEAT: &str = "RecordActivityTaskHeartbeat";
const DRAIN: Duration = Duration::from_secs(15);
const SOON: Duration = Duration::from_secs(300);

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "signals::sigterm_with_1000_activities_in_flight_and_polls_out_accounts_for_every_token",
            sigterm,
        ),
        trial(
            "signals::after_sigkill_the_service_times_tasks_out_with_their_last_progress",
            sigkill,
        ),
    ]
}

/// The process. It is killed when it is dropped.
struct Process {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(stage: &Stage, tasks: usize) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_process_worker"))
            .env("ENDPOINT", stage.proxy.url())
            .env("DOMAIN", DOMAIN)
            .env("TASK_LIST", FILES)
            .env("TASKS", tasks.to_string())
            .env("DRAIN", DRAIN.as_secs().to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let output = child.stdout.take().expect("it is piped");
        let output = BufReader::new(output).lines();
        Self { child, output }
    }

    async fn says(&mut self) -> String {
        let line = timeout(SOON, self.output.next_line()).await;
        let line = line.expect("a line in time").expect("text");
        line.expect("it runs")
    }

    async fn terminate(&self) {
        let id = self.child.id().expect("it runs");
        let kill = format!("kill -TERM {id}");
        let killed = Command::new("sh").args(["-c", &kill]).status().await;
        assert!(killed.expect("a shell").success());
    }

    async fn end(&mut self) -> bool {
        let ended = timeout(SOON, self.child.wait()).await;
        ended.expect("no hang").expect("a status").success()
    }
}

async fn sigterm() {
    let stage = Stage::with(LocalServer::builder().poll_hold(seconds(300))).await;
    let all = [
        ids("finish", 500),
        ids("endless", 490),
        ids("hand-on", 8),
        ids("block", 2),
    ]
    .concat();
    // No heartbeat timeout comes near, also on a slow machine.
    stage.schedule(&all, seconds(600)).await;
    let mut process = Process::start(&stage, all.len() - 8);
    assert_eq!(process.says().await, "full");
    eventually("two polls are out", || stage.server.parked_polls() == 2).await;
    process.terminate().await;
    eventually("activities learn of the drain", || {
        stage.proxy.count("RespondActivityTaskCompleted") > 0
    })
    .await;
    // One of the polls brings a task while the worker drains.
    stage.signal().await;
    stage.schedule(&ids("finish-last", 1), seconds(600)).await;
    let told: Value = serde_json::from_str(&process.says().await).expect("JSON");
    assert!(process.end().await, "{told}");

    let took = told["took"].as_f64().expect("a number");
    // A poll that is out is given up after 75 s by itself, and is not waited for. The machine may
    // be slow.
    assert!(took < 70.0, "it took {took} s");
    assert_eq!(told["polls_given_up"], 1, "{told}");
    let unanswered = texts(&told["unanswered"]);
    let still_running = texts(&told["still_running"]);
    let blocking = BTreeSet::from(["block-1", "block-2"]);
    // On a machine too slow to answer for all, some may not be gone yet.
    let as_expected = still_running == blocking || !unanswered.is_empty();
    assert!(
        as_expected && still_running.is_superset(&blocking),
        "{told}"
    );

    let given = given(&stage.proxy);
    assert_eq!(given.len(), all.len() + 1);
    assert!(given.iter().all(|given| given.delivered));
    let tokens: BTreeSet<_> = given.iter().map(|given| given.token.as_str()).collect();
    assert!(unanswered.is_subset(&tokens), "a token that nobody gave");
    let count = |name: &str| told[name].as_u64().expect("a number");
    let counted = ["completed", "failed", "canceled", "closed"].map(count);
    assert_eq!(count("handed_on"), 8, "{told}");
    let accounted = counted.iter().sum::<u64>() + 8 + unanswered.len() as u64;
    assert_eq!(accounted, given.len() as u64, "{told}");
    // A machine that is too slow has acceptances before it, unread, when its time is up.
    if unanswered.is_empty() {
        judge_report(&stage.proxy, counted, given.len() - 8);
    }
    assert!(counted[0] > 0, "{told}");
    let ends = ends(&stage.history().await);
    for Given { id, token, .. } in &given {
        let expected: &[&str] = match id.split('-').next() {
            Some("finish") => &["completed: \"a checkpoint\""],
            Some("hand") => &[],
            _ => &["failed: WORKBEAT_WORKER_DRAINING"],
        };
        let said = &ends[id];
        let as_expected = said.len() == expected.len()
            && said
                .iter()
                .zip(expected)
                .all(|(said, it)| said.starts_with(it));
        let open = said.is_empty() && unanswered.contains(token.as_str());
        assert!(as_expected || open, "{id}: {said:?}, not {expected:?}");
    }
}

fn texts(list: &Value) -> BTreeSet<&str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|text| text.as_str().expect("a text")).collect()
}

async fn sigkill() {
    let stage = Stage::with(LocalServer::builder()).await;
    let working = ids("work", 10);
    stage.schedule(&working, seconds(12)).await;
    let mut process = Process::start(&stage, working.len());
    assert_eq!(process.says().await, "full");
    eventually("each one has said how far it came", || {
        last_details(&stage).len() == working.len() && stage.proxy.count(BEAT) >= 50
    })
    .await;
    process.child.kill().await.expect("it runs");
    eventually("its polls are over", || stage.server.parked_polls() == 0).await;
    stage.signal().await;
    let next = ids("complete", 1);
    stage.schedule(&next, seconds(60)).await;
    stage.acts.go();
    let worker = run(stage.worker());
    eventually("the next worker has done it", || {
        worker.handle.status().outcomes.completed == 1
    })
    .await;
    let timed_out = async {
        loop {
            let ends = ends(&stage.history().await);
            if ends.values().all(|ends| !ends.is_empty()) {
                return ends;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let ends = timeout(SOON, timed_out).await.expect("they time out");
    let last = last_details(&stage);
    for id in &working {
        let [said] = &ends[id][..] else {
            panic!("{id}: {:?}", ends[id]);
        };
        let details = said.strip_prefix("HEARTBEAT: ").expect("a timeout");
        assert!(
            last[id].iter().any(|last| last == details),
            "{said} {last:?}"
        );
    }
    worker.handle.stop();
    let _report = worker.end().await;
}

/// What may be the details of the last heartbeat that the service took, by the activity's id:
/// those of the last one that it accepted, or of one whose answer came too late.
fn last_details(stage: &Stage) -> BTreeMap<String, Vec<String>> {
    let given = given(&stage.proxy);
    let mut last: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for beat in stage.proxy.calls(BEAT) {
        let its = given
            .iter()
            .find(|given| beat.input["taskToken"] == given.token.as_str());
        let (Some(given), Some(details)) = (its, beat.input["details"].as_str()) else {
            continue;
        };
        if beat.is_accepted() {
            last.insert(given.id.clone(), vec![details.to_owned()]);
        } else if let Some(last) = last.get_mut(&given.id) {
            last.push(details.to_owned());
        }
    }
    last
}
