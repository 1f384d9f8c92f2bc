//! The quickstart's own activity, not a line of it changed, on AWS Step Functions.

#[path = "../../../examples/src/bin/quickstart/archive.rs"]
mod archive;
#[path = "../../../examples/src/bin/quickstart/files.rs"]
mod files;
#[path = "../../../examples/src/bin/quickstart/manifest.rs"]
mod manifest;
#[path = "../../../examples/src/bin/quickstart/pack.rs"]
#[allow(dead_code, reason = "the quickstart shows what this test does not")]
mod pack;
#[path = "../../../examples/src/bin/quickstart/partial.rs"]
mod partial;

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use workbeat::prelude::*;
use workbeat_sfn::SfnService;
use workbeat_tests::{Spawned, States, TaskEnded, eventually, eventually_some, run};

use pack::{Job, Pack, Packed};

fn worker(states: &States) -> Spawned {
    let service = SfnService::builder(states.client()).create_activities();
    let worker = Worker::builder(service.build()).task_list("pack");
    run(worker.activity(Pack))
}

/// A folder with a file, and the input of the activity that packs it.
fn job(folder: &Path, passes: u32) -> Job {
    fs::create_dir(folder.join("in")).expect("a folder");
    fs::write(folder.join("in/text"), "some text".repeat(100_000)).expect("a file");
    Job {
        folder: folder.join("in"),
        archive: folder.join("out.tar.gz"),
        level: 6,
        passes,
        budget: None,
    }
}

fn schedule(states: &States, job: &Job) -> String {
    states.schedule("pack", &serde_json::to_string(job).expect("JSON"))
}

#[tokio::test]
async fn it_packs_a_folder() {
    let (states, folder) = (States::start().await, TempDir::new().expect("a folder"));
    let worker = worker(&states);
    let token = schedule(&states, &job(folder.path(), 2));
    let ended = eventually_some("it has packed", || states.ended(&token)).await;
    let TaskEnded::Succeeded(output) = ended else {
        panic!("it succeeds: {ended:?}");
    };
    let packed: Packed = serde_json::from_str(&output).expect("the output");
    assert_eq!((packed.files, packed.bytes_in), (1, 900_000));
    assert!(packed.archive.exists() && packed.manifest.exists());
    assert!(worker.drain().await.is_clean());
}

#[tokio::test]
async fn it_cleans_up_when_its_execution_is_stopped() {
    let (states, folder) = (States::start().await, TempDir::new().expect("a folder"));
    let worker = worker(&states);
    let token = schedule(&states, &job(folder.path(), 1_000_000));
    let in_folder = || fs::read_dir(folder.path()).expect("a folder").count();
    eventually("there is a partial archive", || in_folder() == 2).await;
    states.close(&token, "TaskTimedOut");
    worker.holds(0).await;
    assert_eq!(in_folder(), 1, "the partial archive is removed");
    assert_eq!(states.ended(&token), None, "nobody is told");
    let report = worker.drain().await;
    assert_eq!((report.outcomes.closed, report.outcomes.failed), (1, 0));
}
