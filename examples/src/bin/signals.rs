//! A worker that is steered by signals: SIGUSR1 pauses it, SIGUSR2 resumes it, SIGTERM and Ctrl-C
//! drain it, with a deadline, and the drain's report is printed. A second one ends it at once.
//!
//! ```sh
//! cargo run --release --package workbeat-examples --bin signals
//! ```
//!
//! It prints the commands for a second terminal. Left alone it ends after some 20 s, when its tasks
//! are done. The worker itself listens to no signal: that is the application's to do. Where there
//! are no such signals, as on Windows, there is Ctrl-C alone.

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

use std::error::Error;
use std::io;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use workbeat::prelude::*;
use workbeat_local::{LocalService, StartActivity};

/// How many tasks there are, besides the night shift.
const TASKS: usize = 200;

const NIGHT_SHIFT: &str = "the night shift";

/// How long a drain may take. A fifth of it is kept for sending.
const DEADLINE: Duration = Duration::from_secs(1);

/// Paints a window.
#[activity(heartbeat_timeout = "30s")]
async fn paint(_window: usize) -> Result<(), ActivityError> {
    tokio::time::sleep(Duration::from_millis(200)).await;
    Ok(())
}

/// Guards the house, until long after any drain's deadline.
#[activity(heartbeat_timeout = "30s")]
async fn night_shift() -> Result<(), ActivityError> {
    tokio::time::sleep(Duration::from_secs(8 * 60 * 60)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut signals = Signals::listen()?;
    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("house")
        .slots(3) // the night shift, and two windows at once
        .activity(Paint)
        .activity(NightShift)
        .drain_deadline(DEADLINE)
        .build()?;
    let handle = worker.handle();

    let mut ended = FuturesUnordered::new();
    let start = |name: String, start: StartActivity| {
        let activity = service.start(start.task_list("house"))?;
        ended.push(async move { (name, activity.outcome().await) });
        Ok::<(), Box<dyn Error>>(())
    };
    start(
        NIGHT_SHIFT.to_owned(),
        StartActivity::of(&NightShift, &workbeat::NoInput)?,
    )?;
    for window in 1..=TASKS {
        start(
            format!("window {window}"),
            StartActivity::of(&Paint, &window)?,
        )?;
    }
    let mut running = tokio::spawn(worker.run());

    println!("A worker with {TASKS} windows to paint, two at once, beside the night shift. Try:");
    for (signal, what) in [("USR1", "pause"), ("USR2", "resume"), ("TERM", "drain")] {
        println!("  kill -{signal} {}   # {what}", std::process::id());
    }
    let mut painted = 0;
    let mut paused = false;
    let report = loop {
        let waiting = service.pending("house")?;
        if paused && painted + waiting == TASKS {
            println!("  nothing new was taken: {waiting} windows wait");
            paused = false; // it is said once
        }
        tokio::select! {
            biased; // what has ended is said before the report
            Some((name, outcome)) = ended.next() => {
                println!("  {name} {outcome}");
                painted += usize::from(name != NIGHT_SHIFT);
                if painted == TASKS && name != NIGHT_SHIFT {
                    println!("All windows are painted: draining");
                    handle.drain();
                }
            }
            signal = signals.next() => match signal {
                Told::Pause => {
                    handle.pause();
                    println!("Paused: no new tasks; what runs goes on");
                    paused = true;
                }
                Told::Resume => {
                    handle.resume();
                    println!("Resumed: {waiting} windows wait");
                    paused = false;
                }
                Told::Drain => {
                    handle.drain();
                    println!("Draining, for {DEADLINE:?} at most: no new tasks, and an end");
                }
            },
            report = &mut running => break report??,
        }
    };

    println!("The drain's report: {report}");
    for task in &report.unanswered {
        println!("  no answer for {}: {:?}", task.activity_id, task.why);
    }
    println!(
        "{} windows wait for another worker",
        service.pending("house")?
    );
    Ok(())
}

/// What a signal means here.
#[cfg_attr(windows, allow(dead_code, reason = "there is Ctrl-C alone"))]
enum Told {
    Pause,
    Resume,
    Drain,
}

/// Streams, made once and kept: a `tokio::signal::ctrl_c()` that is made anew in each round of a
/// loop misses what comes between two rounds.
#[cfg(unix)]
struct Signals {
    pause: tokio::signal::unix::Signal,
    resume: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// From here on they no longer end the process.
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            pause: signal(SignalKind::user_defined1())?,
            resume: signal(SignalKind::user_defined2())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?, // Ctrl-C
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.pause.recv() => Told::Pause,
            _ = self.resume.recv() => Told::Resume,
            _ = self.terminate.recv() => Told::Drain,
            _ = self.interrupt.recv() => Told::Drain,
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Told {
        self.0.recv().await;
        Told::Drain
    }
}
