//! Runs an example as a person does, and reads its screen.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// How long a program may take for a line, or for its end, before it counts as hanging.
pub(crate) const SOON: Duration = Duration::from_secs(120);

/// A program, and what it has printed so far.
pub(crate) struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    screen: String,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().expect("it must start");
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
    pub(crate) async fn says(&mut self, text: &str) -> String {
        loop {
            match self.line().await {
                Some(line) if line.contains(text) => return line,
                Some(_) => {}
                None => panic!("it did not say `{text}`:\n{}", self.screen),
            }
        }
    }

    /// What it has printed so far.
    pub(crate) fn screen(&self) -> &str {
        &self.screen
    }

    /// Sends it a signal, as Ctrl-C and what runs containers do.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        use rustix::process::{Pid, kill_process};
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(Pid::from_raw).expect("it runs");
        kill_process(id, signal).expect("it takes signals");
    }

    /// Reads on to the end, which must be a good one; all that it has printed.
    pub(crate) async fn ended(mut self) -> String {
        while self.line().await.is_some() {}
        let status = timeout(SOON, self.child.wait()).await.expect("it must end");
        assert!(status.expect("a status").success(), "{}", self.screen);
        self.screen
    }
}

/// What the program prints. It must end well, and not complain.
pub(crate) async fn screen_of(program: &str) -> String {
    let program = Command::new(program)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = timeout(SOON, program).await.expect("it must end");
    let ended = ended.expect("it must start");
    let screen = String::from_utf8(ended.stdout).expect("text");
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{screen}\n{complaints}");
    assert_eq!(complaints, "", "it must not complain:\n{screen}");
    screen
}
