//! The example with signals: the test sends them to the program, and reads its screen.

#![cfg(unix)]

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// How long a line may take before the program counts as hanging.
const SOON: Duration = Duration::from_secs(120);

/// The program, and what it has printed so far.
struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    screen: String,
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_signals"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it must start");
        let output = child.stdout.take().expect("its output");
        Self {
            child,
            lines: BufReader::new(output).lines(),
            screen: String::new(),
        }
    }

    async fn line(&mut self) -> Option<String> {
        let line = timeout(SOON, self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("it hangs after:\n{}", self.screen));
        let line = line.expect("text")?;
        self.screen.push_str(&line);
        self.screen.push('\n');
        Some(line)
    }

    /// Reads on to a line that has this text.
    async fn says(&mut self, text: &str) -> String {
        loop {
            match self.line().await {
                Some(line) if line.contains(text) => return line,
                Some(_) => {}
                None => panic!("it did not say `{text}`:\n{}", self.screen),
            }
        }
    }

    fn send(&self, signal: Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(Pid::from_raw).expect("it runs");
        kill_process(id, signal).expect("it takes signals");
    }

    /// Reads on to the end, which must be a good one; all that it has printed.
    async fn ended(mut self) -> String {
        while self.line().await.is_some() {}
        let status = timeout(SOON, self.child.wait()).await.expect("it must end");
        assert!(status.expect("a status").success(), "{}", self.screen);
        self.screen
    }
}

#[tokio::test]
async fn it_pauses_resumes_and_drains_as_the_signals_say() {
    let mut program = Program::start();
    program.says(" completed").await;
    program.send(Signal::USR1);
    program.says("Paused").await;
    let idle = program.says("nothing new was taken: ").await;
    let (_, waiting) = idle.split_once(": ").expect("how many wait");

    program.send(Signal::USR2);
    let resumed = program.says("Resumed").await;
    assert!(resumed.ends_with(waiting), "{}", program.screen);
    program.says(" completed").await;

    program.send(Signal::TERM);
    program.says("Draining").await;
    // The deadline ends what would not.
    program
        .says("the night shift failed: WORKBEAT_WORKER_DRAINING")
        .await;
    let report = program.says("The drain's report: ").await;
    assert!(
        report.contains(" completed, 1 failed, 0 canceled"),
        "{report}"
    );
    assert!(report.contains("0 unanswered"), "{report}");
    let screen = program.ended().await;
    assert!(
        screen.contains("windows wait for another worker"),
        "{screen}"
    );
}

#[tokio::test]
async fn a_second_signal_to_drain_ends_it_at_once_and_names_what_got_no_answer() {
    let mut program = Program::start();
    program.says(" completed").await;
    program.send(Signal::INT);
    program.says("Draining").await;
    program.send(Signal::TERM);
    program.says("Draining").await;
    let screen = program.ended().await;
    assert!(screen.contains("  no answer for activity-1: "), "{screen}");
}
