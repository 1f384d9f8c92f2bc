//! A server in a process of its own, under clients that mean harm, all of them at once: it
//! lives, its memory is bounded, and a client that means well is answered all the while.
#![cfg(unix)]
#![expect(
    clippy::print_stdout,
    reason = "what was measured, for the page on reliability"
)]
#![allow(clippy::unwrap_used, reason = "a helper of a test may unwrap too")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::types::{ChildPolicy, RegistrationStatus, TaskList, WorkflowType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};
use workbeat_tests::sdk_config;

/// What a call may take on a machine that does much else; alone it takes a millisecond.
const BOUND: Duration = Duration::from_secs(120);

/// The most memory that the server may have taken: what its limits add up to, and as much
/// again for what it is made of.
const MEMORY: usize = 512;

struct Server {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    /// A server that may have this many files and connections open, or as many as this process.
    fn start(open_files: Option<usize>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let limit = open_files.map_or(String::new(), |most| format!("ulimit -n {most} && "));
        let mut process = Command::new("sh")
            .arg("-c")
            .arg(format!("{limit}exec \"$0\" \"$1\""))
            .arg(env!("CARGO_BIN_EXE_serve"))
            .arg(folder.path().join("state.redb"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        said.read_line(&mut url).unwrap();
        let address = url.trim().strip_prefix("http://").unwrap().parse().unwrap();
        Self {
            process,
            address,
            _folder: folder,
        }
    }

    fn client(&self) -> Client {
        let url = format!("http://{}", self.address);
        let retries = RetryConfig::standard().with_max_attempts(5);
        Client::from_conf(sdk_config(&url, "us-east-1").retry_config(retries).build())
    }

    /// The most memory that it ever had, in megabytes, where the system tells.
    fn most_memory(&self) -> Option<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
        let kilobytes: usize = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes / 1024)
    }

    fn memory_is_bounded(&self, what: &str) {
        match self.most_memory() {
            Some(most) => {
                println!("{what}: the server had {most} MB at most");
                assert!(most < MEMORY, "{what}: {most} MB");
            }
            None => println!("{what}: this system does not tell what memory the server had"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error says that it has ended, which a test that goes on has noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client that means well, and calls again and again until it is asked how that went.
struct Honest {
    stop: Arc<AtomicBool>,
    calls: JoinHandle<Vec<Duration>>,
}

impl Honest {
    async fn begin(client: Client) -> Self {
        let domain = client.register_domain().name("tests");
        let domain = domain.workflow_execution_retention_period_in_days("1");
        domain.send().await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let calls = tokio::spawn(async move {
            let mut took = Vec::new();
            while !stopped.load(Ordering::Acquire) || took.len() < 20 {
                let began = Instant::now();
                let list = TaskList::builder().name("files").build().unwrap();
                let count = client.count_pending_activity_tasks().domain("tests");
                let answered = timeout(BOUND, count.task_list(list).send()).await;
                answered
                    .expect("an honest client must be answered in time")
                    .expect("an honest client must be answered");
                took.push(began.elapsed());
                // As a client that has other things to do.
                sleep(Duration::from_millis(2)).await;
            }
            took
        });
        Self { stop, calls }
    }

    async fn was_answered(self, what: &str) {
        self.stop.store(true, Ordering::Release);
        let mut took = self.calls.await.unwrap();
        took.sort_unstable();
        let (calls, half, most) = (took.len(), took[took.len() / 2], took[took.len() - 1]);
        println!("{what}: {calls} honest calls, half of them within {half:?}, all within {most:?}");
    }
}

/// How many connections the tests here want together.
const ALL_TESTS: usize = 14_500;

/// How many connections this process may have for a test that wants `wanted`.
fn as_many_as(wanted: usize) -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let most = line.and_then(|line| line.split_whitespace().nth(3));
    // Where the system does not tell, as many as any system allows.
    let most = most.map_or(256, |most| most.parse().unwrap_or(usize::MAX));
    // The other tests of this process have theirs at the same time, and it has some open besides.
    let share = most.saturating_sub(100).saturating_mul(wanted) / ALL_TESTS;
    if share < wanted {
        println!("{share} connections instead of {wanted}: `ulimit -n` allows {most} files");
    }
    wanted.min(share)
}

async fn connect(address: SocketAddr) -> Option<TcpStream> {
    // Whoever is too many may find the door shut.
    let connecting = timeout(BOUND, TcpStream::connect(address)).await;
    connecting.ok()?.ok()
}

/// Sends `bytes` one by one, until the connection is closed.
async fn trickle(address: SocketAddr, begun: String, bytes: usize) {
    let Some(mut stream) = connect(address).await else {
        return;
    };
    if stream.write_all(begun.as_bytes()).await.is_err() {
        return;
    }
    for _ in 0..bytes {
        if stream.write_all(b"a").await.is_err() {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Asks for an answer that is large, and takes a byte of it now and then.
async fn sip(address: SocketAddr, request: String) {
    let Some(mut stream) = connect(address).await else {
        return;
    };
    if stream.write_all(request.as_bytes()).await.is_err() {
        return;
    }
    let mut byte = [0];
    while stream.read(&mut byte).await.is_ok_and(|read| read > 0) {
        sleep(Duration::from_millis(50)).await;
    }
}

/// Sends request upon request, and takes what comes.
async fn flood(address: SocketAddr, request: String) {
    let Some(stream) = connect(address).await else {
        return;
    };
    let (mut answers, mut requests) = stream.into_split();
    let flood = request.repeat(100);
    let mut taken = vec![0; 16 * 1024];
    tokio::select! {
        () = async { while requests.write_all(flood.as_bytes()).await.is_ok() {} } => {}
        () = async { while answers.read(&mut taken).await.is_ok_and(|read| read > 0) {} } => {}
    }
}

/// Sends 100 MB after a head, and answers how much of it went out.
async fn send_100_mb(address: SocketAddr, head: &str, chunked: bool) -> usize {
    let Some(mut stream) = connect(address).await else {
        return 0;
    };
    let mut piece = vec![b'a'; 1_000_000];
    if chunked {
        piece = [b"F4240\r\n".as_slice(), &piece, b"\r\n"].concat();
    }
    if stream.write_all(head.as_bytes()).await.is_err() {
        return 0;
    }
    let mut sent = 0;
    for _ in 0..100 {
        if stream.write_all(&piece).await.is_err() {
            break;
        }
        sent += piece.len();
    }
    sent
}

fn head(operation: &str, rest: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: SimpleWorkflowService.{operation}\r\n{rest}\r\n"
    )
}

fn request(operation: &str, body: &str) -> String {
    let length = format!("Content-Length: {}\r\n", body.len());
    head(operation, &length) + body
}

/// A workflow execution with a history of several megabytes; answers the request for it.
async fn long_history(client: &Client) -> String {
    let kind = client.register_workflow_type().domain("tests").name("long");
    kind.version("1").send().await.unwrap();
    let kind = WorkflowType::builder().name("long").version("1");
    let list = TaskList::builder().name("long").build().unwrap();
    let start = client.start_workflow_execution().domain("tests");
    let start = start
        .workflow_id("long")
        .workflow_type(kind.build().unwrap());
    let start = start.task_list(list).child_policy(ChildPolicy::Terminate);
    let start = start.execution_start_to_close_timeout("3600");
    let started = start
        .task_start_to_close_timeout("60")
        .send()
        .await
        .unwrap();
    let run = started.run_id.unwrap();
    for _ in 0..150 {
        let signal = client.signal_workflow_execution().domain("tests");
        let signal = signal.workflow_id("long").signal_name("long");
        signal.input("a".repeat(32_768)).send().await.unwrap();
    }
    let body = format!(
        r#"{{"domain": "tests", "execution": {{"workflowId": "long", "runId": "{run}"}}}}"#
    );
    request("GetWorkflowExecutionHistory", &body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_connections_keep_nobody_out() {
    let server = Server::start(None);
    let honest = Honest::begin(server.client()).await;
    let mut idle = Vec::new();
    let wanted = as_many_as(10_000);
    while idle.len() < wanted {
        idle.extend(connect(server.address).await);
    }
    honest
        .was_answered(&format!("{} idle connections", idle.len()))
        .await;
    server.memory_is_bounded("idle connections");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_kinds_of_slow_clients_at_once_keep_nobody_waiting() {
    let server = Server::start(None);
    let client = server.client();
    let honest = Honest::begin(client.clone()).await;
    let history = long_history(&client).await;
    let each = as_many_as(4_000) / 4;
    let address = server.address;
    let mut hostile = JoinSet::new();
    for _ in 0..each {
        let slow_head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".to_owned();
        hostile.spawn(trickle(address, slow_head, 200));
        let slow_body = head("ListDomains", "Content-Length: 10000\r\n");
        hostile.spawn(trickle(address, slow_body, 200));
        // All of these bodies would be a gigabyte.
        let large_body = head("ListDomains", "Content-Length: 1048576\r\n");
        hostile.spawn(trickle(address, large_body + &"a".repeat(1_000_000), 200));
    }
    for _ in 0..each / 20 {
        // And all of these answers a quarter of one.
        hostile.spawn(sip(address, history.clone()));
    }
    for _ in 0..8 {
        let small = request("ListDomains", r#"{"registrationStatus": "REGISTERED"}"#);
        hostile.spawn(flood(address, small));
    }
    let count = hostile.len();
    // For as long as the slowest of them would take, or until they all have been refused.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(10) && hostile.len() > 8 {
        let _ = timeout(Duration::from_secs(1), hostile.join_next()).await;
    }
    println!(
        "{} of {count} hostile clients were sent away",
        count - hostile.len()
    );
    honest.was_answered(&format!("{count} slow clients")).await;
    server.memory_is_bounded("slow clients");
    hostile.shutdown().await;
    let domains = client.list_domains();
    let registered = domains.registration_status(RegistrationStatus::Registered);
    assert_eq!(registered.send().await.unwrap().domain_infos.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_of_a_hundred_megabytes_are_not_taken() {
    let server = Server::start(None);
    let honest = Honest::begin(server.client()).await;
    let most = Arc::new(AtomicUsize::new(0));
    let mut bodies = JoinSet::new();
    for at in 0..16 {
        let (address, most) = (server.address, most.clone());
        bodies.spawn(async move {
            let chunked = at % 2 == 0;
            let rest = if chunked {
                "Transfer-Encoding: chunked\r\n"
            } else {
                "Content-Length: 100000000\r\n"
            };
            let sent = send_100_mb(address, &head("ListDomains", rest), chunked).await;
            most.fetch_max(sent, Ordering::Relaxed);
        });
    }
    while let Some(ended) = bodies.join_next().await {
        ended.unwrap();
    }
    let most = most.load(Ordering::Relaxed);
    println!(
        "of a body of 100 MB went out at most {} MB",
        most / 1_000_000
    );
    assert!(most < 100_000_000, "a body was taken as a whole");
    honest.was_answered("16 bodies of 100 MB").await;
    server.memory_is_bounded("16 bodies of 100 MB");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_may_open_no_more_files_goes_on() {
    let server = Server::start(Some(64));
    let honest = Honest::begin(server.client()).await;
    let mut idle = Vec::new();
    for _ in 0..as_many_as(500) {
        idle.extend(connect(server.address).await);
    }
    honest
        .was_answered(&format!("{} idle connections and 64 files", idle.len()))
        .await;
}
