//! The quickstart: an activity that packs a folder, run by a worker against the embedded
//! service. First it completes, then it is cancelled half way.
//!
//! Three parties are in this one process. With Amazon SWF they would be on three machines:
//!
//! * the **service** (`LocalService`) knows what is to be done, and what has happened;
//! * the **worker** (`Worker`) takes tasks from it and runs the activity, `pack`;
//! * the **application**, this program, starts activities, watches and cancels them. It speaks
//!   with the service alone.
//!
//! Read `pack.rs` first, then `with_worker` below, then `watch.rs`.

mod archive;
mod arguments;
mod demonstration;
mod files;
mod interrupts;
mod manifest;
mod mistake;
mod pack;
mod partial;
mod plan;
mod report;
mod screen;
mod survey;
mod watch;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use tokio::task::JoinError;
use workbeat::prelude::*;
use workbeat::worker::{DrainReport, RunError};
use workbeat_local::LocalService;

use arguments::{Arguments, HELP};
use demonstration::{Demonstration, Trouble};
use interrupts::Interrupts;
use mistake::{Mistake, with_sources};
use pack::{Pack, Packed};
use plan::Plan;
use screen::Screen;
use survey::survey;

fn main() -> ExitCode {
    let mut screen = Screen::stdout();
    let ended = match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(Arguments::Help) => {
            screen.say(HELP);
            Ok(())
        }
        Ok(Arguments::Pack(folder)) => in_runtime(&folder, &mut screen),
        Err(mistake) => Err(mistake),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(mistake) => {
            // If this cannot be written either, there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "{mistake}");
            mistake.exit_code()
        }
    }
}

/// The runtime is the application's; the worker is a guest in it.
fn in_runtime(folder: &Path, screen: &mut Screen) -> Result<(), Mistake> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Mistake::failed(
                format!("cannot start threads: {error}"),
                "end some programs and try again",
            )
        })?;
    let ended = runtime.block_on(prepare(folder, screen));
    // After a second Ctrl-C, a slow disk may still hold the activity: that is not waited for.
    runtime.shutdown_background();
    ended
}

/// Makes a temporary folder, decides how the folder is packed, and keeps what came of it.
async fn prepare(folder: &Path, screen: &mut Screen) -> Result<(), Mistake> {
    let mut interrupts = Interrupts::from_keyboard();
    let workplace = tempfile::Builder::new()
        .prefix("workbeat-quickstart-")
        .tempdir()
        .map_err(|error| {
            Mistake::failed(
                format!("cannot make a temporary folder: {error}"),
                "set TMPDIR to a folder that you may write to",
            )
        })?;
    // It may have been reached through a link.
    let path = workplace.path().canonicalize();
    let path = path.unwrap_or_else(|_| workplace.path().to_path_buf());

    screen.say(format_args!("Looking at {}", folder.display()));
    let looking = tokio::task::spawn_blocking({
        let (folder, workplace) = (folder.to_path_buf(), path.clone());
        move || survey(&folder, &workplace)
    });
    let (plan, description) = tokio::select! {
        looked = looking => looked.map_err(|panic| {
            Mistake::failed(panic.to_string(), "this should not happen: please report it")
        })??,
        () = interrupts.next() => {
            return Err(Mistake::interrupted(
                "interrupted before anything was packed",
                "nothing was left behind",
            ));
        }
    };
    screen.say(description);

    let packed = with_worker(folder, &path, plan, &mut interrupts, screen).await?;

    // From here on it is no longer removed.
    let kept = workplace.keep();
    report::kept(screen, &kept, folder, &packed);
    report::read_next(screen);
    Ok(())
}

/// A service and a worker, for as long as the two activities take.
async fn with_worker(
    folder: &Path,
    workplace: &Path,
    plan: Plan,
    interrupts: &mut Interrupts,
    screen: &mut Screen,
) -> Result<Packed, Mistake> {
    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("pack")
        .activity(Pack)
        .build()
        .map_err(|error| {
            Mistake::failed(
                with_sources(&error),
                "this should not happen: please report it",
            )
        })?;
    let handle = worker.handle();
    let mut running = tokio::spawn(worker.run());

    let mut demonstration = Demonstration {
        service,
        folder: folder.to_path_buf(),
        workplace: workplace.to_path_buf(),
        plan,
        started: Vec::new(),
    };
    let shown = tokio::select! {
        shown = demonstration.show(interrupts, screen) => shown,
        // Only if it could not begin: it runs until it is told to drain or to stop.
        ended = &mut running => return Err(worker_ended(ended)),
    };
    if let Err(Trouble::StoppedAtOnce) = shown {
        // Nobody waits for the activity any more; its token fires, so that it can clean up.
        handle.stop();
    } else {
        // It takes nothing new, and ends when all that it has is answered.
        handle.drain();
    }
    let worker_report = running.await;

    let packed = match shown {
        Ok(packed) => Ok(packed),
        Err(Trouble::Mistake(mistake)) => Err(mistake),
        Err(Trouble::StoppedAtOnce) => {
            return Err(Mistake::interrupted(
                "stopped at once, without waiting for the activity",
                "the temporary folder was removed",
            ));
        }
    };
    match worker_report {
        Ok(Ok(worker_report)) => report::worker(screen, &worker_report),
        ended => return Err(worker_ended(ended)),
    }
    report::histories(screen, &demonstration.started);
    packed
}

/// A worker that could not do its work.
fn worker_ended(ended: Result<Result<DrainReport, RunError>, JoinError>) -> Mistake {
    let why = match ended {
        Ok(Ok(report)) => format!("the worker ended early: {report}"),
        Ok(Err(error)) => with_sources(&error),
        Err(error) => error.to_string(),
    };
    Mistake::failed(why, "this should not happen: please report it")
}
