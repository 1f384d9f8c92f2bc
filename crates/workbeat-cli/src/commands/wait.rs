//! `workbeat wait`.

use super::follow::{Follow, Until};
use super::interrupts::Interrupts;
use super::{ending, finding};
use crate::args::Wait;
use crate::history::Outcome;
use crate::output::Output;
use crate::problem::{Problem, ProblemKind};
use crate::service::{ExecutionId, Service, connect};

/// Waits for the end of an execution, deciding for it where that is this program's part.
pub(crate) async fn run(wait: &Wait, output: &mut Output) -> Result<u8, Problem> {
    let service = connect(&wait.connection, output).await?;
    let record = finding::find(&service, &wait.execution).await?;
    let task_list = finding::decision_task_list(&service, &record).await?;
    let execution = record.id();
    let mut interrupts = Interrupts::from_keyboard();
    let follow = Follow {
        service: &service,
        execution: &execution,
        deciding: finding::always(task_list),
        until: Until::Closed,
        cancel_on_interrupt: false,
    };
    let outcome = to_its_end(&service, &execution, &follow, &mut interrupts, output).await?;
    Ok(outcome.exit_code())
}

/// Follows an execution to its end and prints that; answers how it ended.
pub(crate) async fn to_its_end(
    service: &Service,
    execution: &ExecutionId,
    follow: &Follow<'_>,
    interrupts: &mut Interrupts,
    output: &mut Output,
) -> Result<Outcome, Problem> {
    let history = follow.run(interrupts, output).await?;
    let Some(outcome) = Outcome::of(&history) else {
        return Err(Problem::new(
            ProblemKind::Refused,
            "the history has no end",
            "look at it with `workbeat show`",
        ));
    };
    ending::print(service, execution, &history, &outcome, output);
    Ok(outcome)
}
