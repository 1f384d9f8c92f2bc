//! A server that is killed over and over, at any moment, while many clients use all of it:
//! nothing that it acknowledged is missing afterwards.
//!
//! `WORKBEAT_KILLS=50 cargo test -p workbeat-tests --test server_killed -- --nocapture` kills it
//! more often, and says how much was acknowledged.

#![allow(clippy::print_stdout, reason = "the figures of a long run")]

mod client;
mod facts;
mod load;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::task::JoinSet;
use workbeat_tests::eventually;

use client::Client;
use load::{Caller, Known, load, prepare};

const CLIENTS: usize = 6;

/// A server in a process of its own. Dropping it kills it, as `kill -9` does.
struct Killable {
    process: Child,
    address: SocketAddr,
}

impl Killable {
    fn start(file: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_killable_server"))
            .arg("127.0.0.1:0")
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut url = String::new();
        let output = process.stdout.take().expect("it is piped");
        let read = BufReader::new(output).read_line(&mut url);
        assert!(read.expect("it says where") > 0, "it must start");
        let address = url.trim().trim_start_matches("http://").parse();
        let address = address.expect("an address");
        Self { process, address }
    }

    async fn caller(&self, known: &Known) -> Caller {
        let client = Client::connect(self.address).await.expect("it listens");
        let known = known.clone();
        Caller { client, known }
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_acknowledged_is_missing_however_often_the_server_is_killed() {
    let kills = std::env::var("WORKBEAT_KILLS").ok();
    let kills = kills.and_then(|it| it.parse().ok()).unwrap_or(5);
    let mut random = fastrand::Rng::new();
    let seed = random.u64(..);
    random.seed(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state");
    let known = Known::default();
    known.facts().tag = Some(vec![String::new()]);
    let mut server = Killable::start(&file);
    let mut first = server.caller(&known).await;
    prepare(&mut first.client).await.expect("it is there");
    for kill in 0..kills {
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            clients.spawn(load(server.address, known.clone(), random.fork()));
        }
        let until = known.facts().acknowledged + random.usize(50..400);
        // A client ends early only because something is wrong.
        let mut early = None;
        eventually("enough was acknowledged", || {
            early = early.take().or_else(|| clients.try_join_next());
            known.facts().acknowledged >= until || early.is_some()
        })
        .await;
        assert!(
            early.is_none(),
            "after {kill} kills, seed {seed}: {early:?}"
        );
        drop(server);
        while let Some(ended) = clients.join_next().await {
            assert!(ended.is_ok(), "after {kill} kills, seed {seed}: {ended:?}");
        }
        server = Killable::start(&file);
        check(&server, &known).await;
    }
    every_clock_goes_on(&server, &known).await;
    let facts = known.facts();
    let (acknowledged, runs) = (facts.acknowledged, facts.runs.len());
    println!("kills={kills} acknowledged={acknowledged} executions={runs} missing=0");
    assert!(runs > 20, "there was little to lose");
}

/// Checks all that was acknowledged against what is there after a kill.
async fn check(server: &Killable, known: &Known) {
    let mut caller = server.caller(known).await;
    let runs: Vec<String> = known.facts().runs.keys().cloned().collect();
    for run in runs {
        let (history, open) = caller.history(&run).await.expect("it answers");
        known.facts().check(&run, &history, open);
    }
    caller.check_the_rest().await.expect("it answers");
}

/// After the longest timeout nothing is open any more, whatever was restored how often.
async fn every_clock_goes_on(server: &Killable, known: &Known) {
    let mut caller = server.caller(known).await;
    let longer = Duration::from_secs(864_000 + 3_600);
    caller.client.advance(longer).await.expect("it answers");
    let runs: Vec<String> = known.facts().runs.keys().cloned().collect();
    for run in runs {
        let (history, open) = caller.history(&run).await.expect("it answers");
        assert!(!open, "{run} is open for ever");
        known.facts().check(&run, &history, open);
    }
}
