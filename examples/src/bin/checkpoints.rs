//! A large copy that goes on where a killed worker left it: the last heartbeat carries the
//! checkpoint, the timeout hands it to the decider, and the decider puts it into the next input.
//!
//! ```sh
//! cargo run --release --package workbeat-examples --bin checkpoints
//! ```

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;
use workbeat::prelude::*;
use workbeat::worker::{DrainReport, RunError};
use workbeat_local::{ActivityOutcome, LocalService, StartActivity};

const CHUNK: usize = 64 * 1024;
const FILE_SIZE: usize = 100 * CHUNK;

/// The input.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    from: PathBuf,
    to: PathBuf,
    /// Where to begin: what an earlier attempt has surely written.
    checkpoint: Checkpoint,
}

/// What goes out with the heartbeats, and comes back with the next input.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Checkpoint {
    offset: u64,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
struct Copied {
    /// How much this attempt copied.
    bytes: u64,
    /// The SHA-256 of the whole copy, as it was read back.
    digest: String,
}

/// Copies a file chunk by chunk.
///
/// Only what is on the disk may be called a checkpoint: so first `sync_data`, then `report`. The
/// file may have more than the checkpoint says, because the last report was not sent any more;
/// that is written again, to the same place and with the same content. So it does no harm either
/// if an attempt that was only presumed dead is still at it.
#[activity(
    heartbeat_timeout = "1s", // so long is a dead worker unnoticed
    heartbeat_interval = "20ms",
    blocking
)]
fn copy(job: Job, ctx: &ActivityContext) -> Result<Copied, ActivityError> {
    let Job {
        from,
        to: path,
        checkpoint: Checkpoint { mut offset },
    } = job;
    let mut from = File::open(from)?;
    let mut options = File::options();
    let options = options.create(true).truncate(false).write(true);
    let mut to = options.open(&path)?;
    if to.metadata()?.len() < offset {
        offset = 0; // another machine than the last time: here is nothing to go on with
    }
    let begun = offset;
    from.seek(SeekFrom::Start(offset))?;
    to.seek(SeekFrom::Start(offset))?;
    let mut chunk = vec![0; CHUNK];
    loop {
        ctx.check_stopped()?;
        let read = from.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        to.write_all(&chunk[..read])?;
        to.sync_data()?;
        offset += read as u64;
        ctx.report(Checkpoint { offset });
        // Stands for a file so large that it takes a while.
        let _ = ctx.block_until_stopped(Duration::from_millis(5));
    }
    Ok(Copied {
        bytes: offset - begun,
        digest: digest(&path)?,
    })
}

/// The SHA-256 of a file.
fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut sha256) = (File::open(path)?, Sha256::new());
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => sha256.update(&chunk[..read]),
        }
    }
    let mut hex = String::new();
    for byte in sha256.finalize() {
        let _ = write!(hex, "{byte:02x}"); // a String takes everything
    }
    Ok(hex)
}

type Running = JoinHandle<Result<DrainReport, RunError>>;

fn worker(service: &LocalService) -> Result<(WorkerHandle, Running), Box<dyn Error>> {
    let worker = Worker::builder(service.clone())
        .task_list("files")
        .activity(Copy)
        .build()?;
    Ok((worker.handle(), tokio::spawn(worker.run())))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (from, to) = (folder.path().join("film"), folder.path().join("copy"));
    let content: Vec<u8> = (0..FILE_SIZE).map(|at| (at % 251) as u8).collect();
    fs::write(&from, content)?;
    println!("A file of {FILE_SIZE} bytes, to be copied in chunks of {CHUNK}");

    let service = LocalService::new();
    let (mut handle, mut running) = worker(&service)?;
    let mut checkpoint = Checkpoint::default();
    let mut attempt = 0;
    // What a decider does: start it, and after a timeout start it again with what is done.
    let copied = loop {
        attempt += 1;
        println!("\nAttempt {attempt} begins at {}", checkpoint.offset);
        let job = Job {
            from: from.clone(),
            to: to.clone(),
            checkpoint,
        };
        let start = StartActivity::of(&Copy, &job)?.task_list("files");
        let activity = service.start(start)?;
        let mut heartbeats = activity.heartbeats();
        while let Some(heartbeat) = heartbeats.next().await {
            let Some(Checkpoint { offset }) = heartbeat.details_as()? else {
                continue;
            };
            if attempt == 1 && offset * 2 > FILE_SIZE as u64 {
                println!("  a heartbeat says {offset}: now the worker is killed");
                // As good as a kill: nothing is sent any more, and nobody is told.
                running.abort();
                let _ = (&mut running).await;
                break;
            }
        }
        match activity.outcome().await {
            outcome @ ActivityOutcome::Completed { .. } => break outcome.result::<Copied>()?,
            // The event's details are those of the last heartbeat. Without one, nothing is known.
            outcome @ ActivityOutcome::TimedOut { .. } => {
                let last = outcome.details();
                println!(
                    "  it {outcome}; its last heartbeat: {}",
                    last.unwrap_or("none")
                );
                if let Some(last) = last {
                    checkpoint = serde_json::from_str(last)?;
                }
            }
            outcome => return Err(format!("the copy {outcome}").into()),
        }
        if running.is_finished() {
            println!("  another worker takes over");
            (handle, running) = worker(&service)?;
        }
    };
    println!("  it completed, and copied {} bytes itself", copied.bytes);
    println!("\nSHA-256 of the copy:     {}", copied.digest);
    println!("SHA-256 of the original: {}", digest(&from)?);

    handle.drain();
    println!("The second worker: {}", running.await??);
    Ok(())
}
