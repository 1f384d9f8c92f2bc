//! The example in an axum application: its routes and its worker live and end together.

#![cfg(unix)]

#[path = "../../tests/program/mod.rs"]
mod program;
mod server;

use std::time::Duration;

use program::{Program, SOON};
use rustix::process::Signal;
use server::{registered, server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{sleep, timeout};
use workbeat_examples_aws::{carry_out, local_client_at};
use workbeat_server::LocalServer;

/// The example, with this server, and where it listens.
async fn example(server: &LocalServer) -> (Program, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_in_axum"));
    let command = command
        .arg("127.0.0.1:0")
        .env("WORKBEAT_ENDPOINT", server.url());
    let mut program = Program::start(command);
    let page = program.says("http://").await;
    let address = page
        .strip_prefix("http://")
        .and_then(|page| page.strip_suffix("/worker"));
    let address = address.expect("the address of the page").to_owned();
    (program, address)
}

/// A client that sends half a request, and stays.
async fn half_a_request(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let half = "GET /worker HTTP/1.1\r\nHost: ";
    let sent = stream.write_all(half.as_bytes()).await;
    sent.expect("it reads");
    // It was accepted before this one was, which is answered.
    get(address, "/worker").await;
    stream
}

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
    let (program, address) = example(&server).await;
    let address = &*address;

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

#[tokio::test]
async fn a_client_that_stays_does_not_keep_it() {
    let server = server().await;
    let (program, address) = example(&server).await;
    let _stays = half_a_request(&address).await;
    program.signal(Signal::TERM);
    let screen = program.ended().await;
    assert!(screen.contains("clients are cut off"), "{screen}");
    assert!(screen.contains("0 completed"), "{screen}");
    server.stop().await;
}

#[tokio::test]
async fn a_second_signal_ends_it_while_it_waits_for_a_client() {
    let server = server().await;
    let (program, address) = example(&server).await;
    let _stays = half_a_request(&address).await;
    program.signal(Signal::TERM);
    // When the worker has ended nothing more is let in.
    let shut = async {
        while TcpStream::connect(&*address).await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, shut).await.expect("it must shut");
    program.signal(Signal::TERM);
    let screen = program.ended().await;
    assert!(!screen.contains("clients are cut off"), "{screen}");
    assert!(screen.contains("0 completed"), "{screen}");
    server.stop().await;
}

#[tokio::test]
async fn what_is_wrong_with_its_file_is_told_with_the_files_name_and_no_other_line_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = "identity = \"a secret\"\nslots = \"many\"\n";
    std::fs::write(folder.path().join("worker.toml"), settings).expect("it is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_in_axum"));
    let command = command.arg("127.0.0.1:0").current_dir(&folder);
    let output = timeout(SOON, command.output()).await.expect("it must end");
    let output = output.expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(said.starts_with("worker.toml: "), "{said}");
    assert!(said.contains("`slots` is \"many\""), "{said}");
    assert!(!said.contains("a secret"), "{said}");
}
