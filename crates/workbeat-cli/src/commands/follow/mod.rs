//! Following an execution, and deciding for it on the way.

mod deciding;
mod troubles;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::sleep;

pub(crate) use deciding::Deciding;

use deciding::Waiting;
use troubles::Troubles;

use super::finding;
use super::interrupts::Interrupts;
use crate::decider;
use crate::history::{Event, Outcome, Stage};
use crate::live::{self, Line, Live, What};
use crate::output::{Output, Progress, Screen};
use crate::problem::{Problem, ProblemKind};
use crate::service::{ExecutionId, Fault, Service};

/// How far to follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until it is closed.
    Closed,
    /// Until the activity is scheduled.
    Scheduled,
    /// Until the cancellation is with the activity.
    CancelReached,
}

impl Until {
    fn is_reached(self, history: &[Event]) -> bool {
        let has = |kind: &str| history.iter().any(|event| event.kind() == kind);
        Outcome::of(history).is_some()
            || match self {
                Self::Closed => false,
                Self::Scheduled => has("ActivityTaskScheduled"),
                Self::CancelReached => {
                    has("ActivityTaskCancelRequested") || has("RequestCancelActivityTaskFailed")
                }
            }
    }
}

/// What to follow, and how.
pub(crate) struct Follow<'a> {
    pub(crate) service: &'a Service,
    pub(crate) execution: &'a ExecutionId,
    pub(crate) deciding: Deciding,
    pub(crate) until: Until,
    /// Whether the first Ctrl-C asks for the cancellation; else it leaves.
    pub(crate) cancel_on_interrupt: bool,
}

type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

impl Follow<'_> {
    /// Follows; answers the history.
    pub(crate) async fn run(
        &self,
        interrupts: &mut Interrupts,
        output: &mut Output,
    ) -> Result<Vec<Event>, Problem> {
        let mut screen = Screen::new(output);
        let followed = self.follow(interrupts, output, &mut screen).await;
        screen.end();
        followed
    }

    async fn follow(
        &self,
        interrupts: &mut Interrupts,
        output: &mut Output,
        screen: &mut Screen,
    ) -> Result<Vec<Event>, Problem> {
        let pause = Duration::from_millis(if self.service.is_local() { 300 } else { 3_000 });
        let mut looking = self.look(Duration::ZERO);
        // After each decision comes a look: what is to follow no further is not decided on.
        let mut deciding = matches!(self.deciding, Deciding::Always(_)).then(|| self.decide());
        let mut waiting = Waiting::default();
        let mut troubles = Troubles::default();
        let mut interrupted = false;
        let mut live = self.live(output).await;
        loop {
            tokio::select! {
                looked = &mut looking => {
                    match looked {
                        Ok(history) => {
                            troubles.over();
                            if self.until.is_reached(&history) {
                                return Ok(history);
                            }
                            self.show(&history, output, screen)?;
                            if self.deciding.is_due(&history, &mut waiting) && deciding.is_none() {
                                deciding = Some(self.decide());
                            }
                        }
                        Err(fault) if fault.is_unknown() && !fault.is_unknown_domain() => {
                            return Err(finding::gone(self.service, self.execution, fault).await);
                        }
                        Err(fault) => self.away(fault, &mut troubles, output, screen)?,
                    }
                    looking = self.look(pause);
                }
                decided = work(&mut deciding) => {
                    match decided {
                        Ok(()) => looking = self.look(Duration::ZERO),
                        Err(fault) => self.away(fault, &mut troubles, output, screen)?,
                    }
                    deciding = None;
                }
                line = next_line(&mut live) => {
                    if self.follow_line(line, &mut live, output, screen) {
                        looking = self.look(Duration::ZERO);
                    }
                }
                () = interrupts.next() => {
                    if interrupted || !self.cancel_on_interrupt {
                        return Err(self.left());
                    }
                    interrupted = true;
                    screen.say(output, "Ctrl-C: asking for the cancellation; once more leaves");
                    match self.service.request_cancel(self.execution).await {
                        Ok(()) => {}
                        // It has just been closed: the next look tells.
                        Err(fault) if fault.is_unknown() => {}
                        Err(fault) => return Err(fault.into()),
                    }
                }
            }
        }
    }

    /// Shows how far it has come.
    fn show(
        &self,
        history: &[Event],
        output: &mut Output,
        screen: &mut Screen,
    ) -> Result<(), Problem> {
        if !decider::is_ours(history) {
            screen.stage(output, "waiting for the workflow's own decider");
            return Ok(());
        }
        let stage = Stage::of(history);
        if let Stage::CannotClose { .. } = stage {
            return Err(Problem::new(
                ProblemKind::NotPermitted,
                format!("{stage}; the activity has ended, see `workbeat show`"),
                "allow swf:RespondDecisionTaskCompleted and its decisions in the IAM policy, \
                 then `workbeat terminate` this execution",
            ));
        }
        // Before and after, it is for this command to decide, which takes no time.
        if !matches!(stage, Stage::Begun | Stage::Ended) {
            screen.stage(output, &crate::output::escape(&stage.to_string()));
        }
        Ok(())
    }

    /// The heartbeats, where the service tells of them and a person looks on.
    async fn live(&self, output: &Output) -> Option<Live> {
        if output.json() || self.until != Until::Closed {
            return None;
        }
        // It is a nicety: whatever stands in its way shows elsewhere.
        live::open(self.service).await.ok().flatten()
    }

    /// Shows a heartbeat. Answers whether something else happened, so that a look is due.
    fn follow_line(
        &self,
        line: Option<Line>,
        live: &mut Option<Live>,
        output: &mut Output,
        screen: &mut Screen,
    ) -> bool {
        let line = match line {
            Some(Line::Activity(line)) if line.names.run_id == self.execution.run_id => line,
            Some(_) => return false,
            None => {
                *live = None;
                return false;
            }
        };
        match line.what {
            What::Heartbeat { details, .. } => {
                if let Some(details) = details {
                    screen.progress(output, Progress::of(&details));
                }
                false
            }
            What::Started { .. } | What::Closed(_) => true,
        }
    }

    fn decide(&self) -> Work<'_, ()> {
        Box::pin(self.deciding.once(self.service))
    }

    fn look(&self, after: Duration) -> Work<'_, Vec<Event>> {
        Box::pin(async move {
            sleep(after).await;
            self.service.history(self.execution).await
        })
    }

    /// The service did not do what it was asked.
    fn away(
        &self,
        fault: Fault,
        troubles: &mut Troubles,
        output: &mut Output,
        screen: &Screen,
    ) -> Result<(), Problem> {
        let goes_on = format!(
            "the execution goes on: `workbeat wait {}`",
            self.execution.workflow_id
        );
        if !fault.may_pass() {
            let mut problem = Problem::from(fault);
            let hint = problem.hint.take().unwrap_or_default();
            problem.hint = Some(format!("{hint}; {goes_on}"));
            return Err(problem);
        }
        let problem = Problem::from(fault);
        if troubles.last_too_long() {
            return Err(Problem::new(problem.kind, problem.message, goes_on));
        }
        if troubles.are_worth_a_word() {
            screen.say(output, &format!("{problem}; trying again"));
        }
        Ok(())
    }

    /// A person does not want to wait any longer.
    fn left(&self) -> Problem {
        Problem::new(
            ProblemKind::Interrupted,
            format!("left; workflow `{}` goes on", self.execution.workflow_id),
            format!("`workbeat wait {}` finishes it", self.execution.workflow_id),
        )
    }
}

/// The work, if there is any; else nothing for ever.
async fn work<T>(work: &mut Option<Work<'_, T>>) -> Result<T, Fault> {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}

/// The next line, if somebody tells; else nothing for ever.
async fn next_line(live: &mut Option<Live>) -> Option<Line> {
    match live {
        Some(live) => live.next().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::example::History;

    #[test]
    fn it_is_known_when_to_stop() {
        let asked = History::running().plain("ActivityTaskCancelRequested");
        let refused = History::running().plain("RequestCancelActivityTaskFailed");
        let closed = History::started().event("WorkflowExecutionCanceled", json!({}));
        let cases = [
            (History::started(), [false, false, false]),
            (History::running(), [false, true, false]),
            (asked, [false, true, true]),
            (refused, [false, true, true]),
            (closed, [true, true, true]),
        ];
        for (history, expected) in cases {
            let all = [Until::Closed, Until::Scheduled, Until::CancelReached];
            let reached = all.map(|until| until.is_reached(history.events()));
            assert_eq!(reached, expected, "{history:?}");
        }
    }
}
