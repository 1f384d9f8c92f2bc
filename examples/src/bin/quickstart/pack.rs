//! The activity: packs a folder into an archive. Read this one as a model for your own.

use std::fs::File;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use workbeat::prelude::*;

use crate::archive::Archive;
use crate::files::Selection;
use crate::manifest;
use crate::partial::Partial;

/// The input: what to pack, and where to. It travels to the activity as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The folder to pack.
    pub(crate) folder: PathBuf,
    /// The archive to write. The manifest goes beside it.
    pub(crate) archive: PathBuf,
    /// How hard to compress, from 1 to 9.
    pub(crate) level: u32,
    /// How many times over, so that there is something to watch; the last pass is kept.
    pub(crate) passes: u32,
    /// How many bytes of the folder, if not all.
    pub(crate) budget: Option<u64>,
}

/// The output. It travels back as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Packed {
    pub(crate) archive: PathBuf,
    pub(crate) files: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// The archive's SHA-256.
    pub(crate) digest: String,
    /// The list of each file's SHA-256.
    pub(crate) manifest: PathBuf,
}

/// What the activity says of itself while it works. It goes out with the heartbeats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) pass: u32,
    pub(crate) passes: u32,
    /// Over all passes, as is the total.
    pub(crate) bytes: u64,
    pub(crate) bytes_total: u64,
}

impl Progress {
    /// How much of the work is done, in thousandths.
    pub(crate) fn per_mille(&self) -> u64 {
        self.bytes * 1000 / self.bytes_total.max(1)
    }
}

/// Packs a folder. It is `blocking`, because it computes and reads files: the worker runs it
/// where that holds nobody up.
///
/// Nothing in here sends a heartbeat: beside it the worker does, every 100 ms, with the newest
/// progress. If none came through for 2 s, the service would give this attempt up.
#[activity(
    version = "1.0",
    heartbeat_interval = "100ms",
    heartbeat_timeout = "2s",
    blocking
)]
pub(crate) fn pack(job: Job, ctx: &ActivityContext) -> Result<Packed, ActivityError> {
    let mut partial = Partial::create(&job.archive)?;
    match write_archive(job, &mut partial, ctx) {
        Ok(packed) => {
            partial.keep(&packed.archive)?;
            Ok(packed)
        }
        // Asked to stop: clean up, and then say so. That acknowledges the cancellation.
        Err(stop) if stop.is_canceled() => {
            partial.remove()?;
            Err(ActivityError::canceled("removed the partial archive"))
        }
        // Anything else is a failure. Dropping `partial` cleans up here too.
        Err(failure) => Err(failure),
    }
}

fn write_archive(
    job: Job,
    partial: &mut Partial,
    ctx: &ActivityContext,
) -> Result<Packed, ActivityError> {
    let apart = job.archive.parent().unwrap_or(&job.archive);
    let selection = Selection::of(&job.folder, apart, job.budget)?;
    let mut progress = Progress {
        passes: job.passes,
        bytes_total: selection.bytes * u64::from(job.passes),
        ..Progress::default()
    };
    loop {
        progress.pass += 1;
        let mut archive = Archive::new(partial.restart()?, job.level);
        let mut digests = Vec::with_capacity(selection.files.len());
        for file in &selection.files {
            archive.begin_file(&file.name, file.size)?;
            let mut chunks = file.open()?;
            while let Some(chunk) = chunks.next_chunk()? {
                // Cancelling this activity is this `?`.
                ctx.check_stopped()?;
                archive.add(chunk)?;
                progress.bytes += chunk.len() as u64;
                // Cheap: nothing is sent here.
                ctx.report(&progress);
            }
            digests.push(archive.end_file()?);
        }
        let (bytes_out, digest) = archive.finish()?;
        if progress.pass == job.passes {
            let manifest = job.archive.with_extension("sha256");
            manifest::write(File::create(&manifest)?, &selection.files, &digests)?;
            return Ok(Packed {
                archive: job.archive,
                files: digests.len() as u64,
                bytes_in: selection.bytes,
                bytes_out,
                digest: digest.to_hex(),
                manifest,
            });
        }
    }
}
