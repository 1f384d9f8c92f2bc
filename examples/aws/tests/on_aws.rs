//! The example for Amazon SWF, with its one setting on a local server.

#![cfg(unix)]

#[path = "../../tests/program/mod.rs"]
mod program;

use program::Program;
use rustix::process::Signal;
use tokio::process::Command;
use workbeat_examples_aws::{carry_out, local_client_at};

mod server;

use server::{registered, server};

#[tokio::test]
async fn with_one_setting_it_runs_on_a_local_server() {
    let server = server().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_on_aws"));
    let command = command
        .args(["media", "pictures"])
        .env("WORKBEAT_ENDPOINT", server.url())
        // It is the setting that makes it go there, and nothing of whoever runs the test.
        .env_remove("AWS_ENDPOINT_URL_SWF")
        .env_remove("AWS_ENDPOINT_URL");
    let program = Program::start(command);
    let client = local_client_at(&server.url());
    registered(&client, "media", "thumbnails").await;

    let closed = carry_out(&client, "media", "pictures", "thumbnails", r#"["a.jpg"]"#).await;
    let closed = closed.expect("it must be carried out");
    let completed = closed.activity_task_completed_event_attributes();
    let result = completed.and_then(|completed| completed.result());
    assert_eq!(result, Some("1"), "{closed:?}");

    program.signal(Signal::INT);
    let screen = program.ended().await;
    assert!(screen.contains("1 completed, 0 failed"), "{screen}");
    server.stop().await;
}
