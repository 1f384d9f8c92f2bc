//! The example in an axum application: its routes and its worker live and end together.

#![cfg(unix)]

#[path = "../../tests/program/mod.rs"]
mod program;
mod server;

use program::Program;
use rustix::process::Signal;
use server::{registered, server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use workbeat_examples_aws::{carry_out, local_client_at};

/// What the application answers.
async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("it answers");
    answer
}

#[tokio::test]
async fn routes_and_worker_run_side_by_side_and_ctrl_c_ends_both() {
    let server = server().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_in_axum"));
    let command = command
        .arg("127.0.0.1:0")
        .env("WORKBEAT_ENDPOINT", server.url());
    let mut program = Program::start(command);
    let page = program.says("http://").await;
    let address = page
        .strip_prefix("http://")
        .and_then(|page| page.strip_suffix("/worker"));
    let address = address.expect("the address of the page");

    let client = local_client_at(&server.url());
    registered(&client, "workbeat", "thumbnails").await;
    let closed = carry_out(&client, "workbeat", "images", "thumbnails", r#"["a.jpg"]"#).await;
    let closed = closed.expect("it must be carried out");
    let completed = closed.activity_task_completed_event_attributes();
    let result = completed.and_then(|completed| completed.result());
    assert_eq!(result, Some("1"), "{closed:?}");

    let page = get(address, "/worker").await;
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    let ready = get(address, "/worker/health/ready").await;
    assert!(ready.starts_with("HTTP/1.1 200 OK"), "{ready}");
    let status = get(address, "/worker/status.json").await;
    assert!(status.contains("thumbnails"), "{status}");

    program.signal(Signal::INT);
    let screen = program.ended().await;
    assert!(screen.contains("1 completed, 0 failed"), "{screen}");
    server.stop().await;
}

#[tokio::test]
async fn sigterm_drains_a_worker_that_a_file_sets() {
    let server = server().await;
    let folder = tempfile::tempdir().expect("a folder");
    let settings = "task_lists = [\"pictures\"]\n";
    std::fs::write(folder.path().join("worker.toml"), settings).expect("it is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_in_axum"));
    let command = command
        .arg("127.0.0.1:0")
        .current_dir(&folder)
        .env("WORKBEAT_ENDPOINT", server.url());
    let mut program = Program::start(command);
    program.says("http://").await;

    let client = local_client_at(&server.url());
    registered(&client, "workbeat", "thumbnails").await;
    let input = r#"["a.jpg"]"#;
    let closed = carry_out(&client, "workbeat", "pictures", "thumbnails", input).await;
    let closed = closed.expect("it must be carried out");
    let completed = closed.activity_task_completed_event_attributes();
    assert!(completed.is_some(), "{closed:?}");

    program.signal(Signal::TERM);
    let screen = program.ended().await;
    assert!(screen.contains("1 completed, 0 failed"), "{screen}");
    server.stop().await;
}
