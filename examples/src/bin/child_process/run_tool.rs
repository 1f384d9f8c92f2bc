//! The activity: runs a program.

use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{self, AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::time::timeout;
use workbeat::prelude::*;

use crate::group::Group;

/// How long a tool may clean up when it is asked to end.
const GRACE: Duration = Duration::from_millis(500);

/// How many lines of stderr a failure shows. SWF's details have room for 32,768 characters.
const LAST_WORDS: usize = 5;

/// What to run. A real activity would name a program and take its arguments alone: whoever may
/// schedule this one can run anything.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tool {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
}

/// Runs a program. Each line that it prints is progress, and the last one is the result.
#[activity(heartbeat_timeout = "30s", heartbeat_interval = "20ms")]
pub(crate) async fn run_tool(tool: Tool, ctx: ActivityContext) -> Result<String, ActivityError> {
    let mut child = Command::new(&tool.program)
        .args(&tool.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0) // a group of its own, together with all that it starts
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| ActivityError::failed("NOT_STARTED").with_source(error))?;
    let mut group = Group::of(&child);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    // Both are read, and to their ends: a program that fills a pipe which nobody reads waits for
    // ever. The end is there when nobody holds the pipe any more, so what was started in the
    // background is waited for too.
    let mut ended = pin!(async {
        tokio::try_join!(
            last_lines(out, 1, |line| ctx.report(line)),
            last_lines(err, LAST_WORDS, |_| ()),
            child.wait(),
        )
    });
    if let Ok(ended) = ctx.until_stopped(&mut ended).await {
        let (mut result, last_words, status) = ended?;
        group.is_gone();
        if status.success() {
            return Ok(result.pop_front().unwrap_or_default());
        }
        let last_words = Vec::from(last_words).join("\n");
        return Err(ActivityError::failed(reason(status)).with_details(last_words));
    }

    // Cancelled. The acknowledgement waits until nothing of the tool runs any more; meanwhile the
    // heartbeats go on.
    group.terminate();
    let how = match timeout(GRACE, &mut ended).await {
        Ok(_) => "it cleaned up when it was asked to end",
        Err(_) => {
            group.kill();
            ended.await?;
            "it did not end when it was asked to, and was killed"
        }
    };
    group.is_gone();
    Err(ActivityError::canceled(how))
}

/// A reason that a decider can branch on.
fn reason(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("EXIT_CODE_{code}"),
        (None, Some(signal)) => format!("KILLED_BY_SIGNAL_{signal}"),
        (None, None) => status.to_string(),
    }
}

/// Reads lines to the end, and keeps the last of them.
async fn last_lines(
    output: Option<impl AsyncRead + Unpin>,
    keep: usize,
    mut seen: impl FnMut(&str),
) -> io::Result<VecDeque<String>> {
    let mut kept = VecDeque::with_capacity(keep);
    let Some(output) = output else {
        return Ok(kept);
    };
    let mut lines = BufReader::new(output).split(b'\n');
    while let Some(line) = lines.next_segment().await? {
        let line = String::from_utf8_lossy(&line).into_owned();
        seen(&line);
        if kept.len() == keep {
            kept.pop_front();
        }
        kept.push_back(line);
    }
    Ok(kept)
}
