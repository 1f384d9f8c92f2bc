//! The two activities that are shown.

use std::path::PathBuf;

use workbeat_local::{ActivityHandle, ActivityOutcome, LocalError, LocalService, StartActivity};

use crate::interrupts::Interrupts;
use crate::mistake::{Mistake, with_sources};
use crate::pack::{Job, Pack, Packed};
use crate::partial::Partial;
use crate::plan::Plan;
use crate::screen::{Screen, bytes, count, seconds};
use crate::watch::{CancelWhen, Ended, StoppedAtOnce, follow};

/// What to pack, how, and where to.
pub(crate) struct Demonstration {
    pub(crate) service: LocalService,
    pub(crate) folder: PathBuf,
    pub(crate) workplace: PathBuf,
    pub(crate) plan: Plan,
    /// What was started so far, for the report.
    pub(crate) started: Vec<ActivityHandle>,
}

/// Why the demonstration did not come to its end.
pub(crate) enum Trouble {
    StoppedAtOnce,
    Mistake(Mistake),
}

impl From<StoppedAtOnce> for Trouble {
    fn from(_: StoppedAtOnce) -> Self {
        Self::StoppedAtOnce
    }
}

impl From<Mistake> for Trouble {
    fn from(mistake: Mistake) -> Self {
        Self::Mistake(mistake)
    }
}

impl From<LocalError> for Trouble {
    fn from(error: LocalError) -> Self {
        Self::Mistake(Mistake::failed(
            with_sources(&error),
            "this should not happen: please report it",
        ))
    }
}

impl Demonstration {
    /// First one that completes, then one that is cancelled.
    pub(crate) async fn show(
        &mut self,
        interrupts: &mut Interrupts,
        screen: &mut Screen,
    ) -> Result<Packed, Trouble> {
        let packed = self.complete(interrupts, screen).await?;
        self.cancel_half_way(interrupts, screen).await?;
        Ok(packed)
    }

    /// A pack that completes.
    async fn complete(
        &mut self,
        interrupts: &mut Interrupts,
        screen: &mut Screen,
    ) -> Result<Packed, Trouble> {
        screen.say(
            "
1. An activity that completes
  The worker runs it, and every 100 ms sends the service a heartbeat with its progress.
  What you see is what the service received. Ctrl-C cancels it; twice stops at once.",
        );
        let activity = self.start("folder.tgz")?;
        let ended = follow(&activity, CancelWhen::Never, interrupts, screen).await?;
        if let ActivityOutcome::Canceled { .. } = ended.outcome {
            let mistake = Mistake::interrupted(
                "the first activity was cancelled by Ctrl-C, so there is no second one",
                "nothing was left behind; without Ctrl-C it takes a few seconds",
            );
            return Err(mistake.into());
        }
        let packed: Packed = completed(&ended)?;
        screen.say(format_args!(
            "  Completed after {} and {}: {}, {} packed into {}.",
            seconds(ended.took),
            count(ended.heartbeats, "heartbeat"),
            count(packed.files, "file"),
            bytes(packed.bytes_in),
            bytes(packed.bytes_out),
        ));
        Ok(packed)
    }

    /// The same, cancelled half way.
    async fn cancel_half_way(
        &mut self,
        interrupts: &mut Interrupts,
        screen: &mut Screen,
    ) -> Result<(), Trouble> {
        let archive = "cancelled.tgz";
        let partial = Partial::path_of(&self.workplace.join(archive));
        screen.say(format_args!(
            "
2. The same activity, cancelled half way
  It is working on {}
  Nobody can reach into it: the request waits at the service for the next heartbeat.
  Ctrl-C asks for it earlier.",
            partial.display()
        ));
        let activity = self.start(archive)?;
        let ended = follow(&activity, CancelWhen::HalfWay, interrupts, screen).await?;
        match &ended.outcome {
            ActivityOutcome::Canceled { .. } => {}
            ActivityOutcome::Completed { .. } => {
                let mistake = Mistake::failed(
                    "the second activity was done before it learned that it should stop",
                    "that is allowed; try again when the machine has less to do, or with a bigger folder",
                );
                return Err(mistake.into());
            }
            _ => return Err(failed(&ended).into()),
        }
        if partial.exists() {
            let mistake = Mistake::failed(
                format!(
                    "the partial archive is still there: `{}`",
                    partial.display()
                ),
                "this should not happen: please report it",
            );
            return Err(mistake.into());
        }
        screen.say(format_args!("  {} is gone.", partial.display()));
        Ok(())
    }

    /// Starts an activity on the service, which hands it to whichever worker asks.
    fn start(&mut self, archive: &str) -> Result<ActivityHandle, LocalError> {
        let job = Job {
            folder: self.folder.clone(),
            archive: self.workplace.join(archive),
            level: self.plan.level,
            passes: self.plan.passes,
            budget: self.plan.budget,
        };
        let start = StartActivity::of(&Pack, &job)?.task_list("pack");
        let activity = self.service.start(start)?;
        self.started.push(activity.clone());
        Ok(activity)
    }
}

fn completed(ended: &Ended) -> Result<Packed, Trouble> {
    match &ended.outcome {
        outcome @ ActivityOutcome::Completed { .. } => Ok(outcome.result()?),
        _ => Err(failed(ended).into()),
    }
}

/// What a failure says of itself. Its details are the error's own words.
fn failed(ended: &Ended) -> Mistake {
    let outcome = &ended.outcome;
    let what = match (outcome.reason(), outcome.details()) {
        (Some(_), Some(details)) => format!("the activity failed: {details}"),
        _ => format!("the activity {outcome}"),
    };
    Mistake::failed(
        what,
        "mend that, or give another folder: `-- DIR`; nothing was kept",
    )
}
