//! A long poll that waits in the engine.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use workbeat::service::ActivityTask;

use super::shared::Shared;
use crate::engine::{Fault, PollForActivityTask, PollId, Polled};

/// Polls, and waits for as long as the service holds the poll.
pub(super) async fn poll(
    shared: &Arc<Shared>,
    request: PollForActivityTask,
    withdraw: CancellationToken,
) -> Result<Option<ActivityTask>, Fault> {
    let parked = shared.with(|state, now| {
        state.polled(&request.task_list);
        match state.engine.apply(request, now)? {
            Polled::Task(task) => Ok(Err(*task)),
            Polled::Parked(poll) => Ok(Ok((poll, state.await_poll(poll)))),
        }
    })?;
    let (poll, answer) = match parked {
        Ok(parked) => parked,
        Err(task) => return Ok(Some(task)),
    };
    tracing::trace!(?poll, "poll parked");
    let mut parked = Parked {
        shared,
        poll,
        answer: Some(answer),
    };
    Ok(parked.wait(withdraw).await.map(|task| *task))
}

/// Takes the poll out of the engine when nobody waits for it any more.
struct Parked<'a> {
    shared: &'a Arc<Shared>,
    poll: PollId,
    /// `None` once it is answered or withdrawn.
    answer: Option<oneshot::Receiver<Option<Box<ActivityTask>>>>,
}

impl Parked<'_> {
    async fn wait(&mut self, withdraw: CancellationToken) -> Option<Box<ActivityTask>> {
        let answer = self.answer.as_mut()?;
        tokio::select! {
            biased;
            answer = self.shared.drive(answer) => {
                self.answer = None;
                answer.ok().flatten()
            }
            () = withdraw.cancelled() => self.withdraw(),
        }
    }

    /// Ends the poll now. A task that the engine has matched to it already is brought.
    fn withdraw(&mut self) -> Option<Box<ActivityTask>> {
        let mut answer = self.answer.take()?;
        let poll = self.poll;
        let parked = self.shared.with(|state, _| {
            let parked = state.engine.withdraw(poll);
            state.forget_poll(poll);
            parked
        });
        if parked {
            tracing::trace!(?poll, "poll withdrawn");
            return None;
        }
        answer.try_recv().ok().flatten()
    }
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        let Some(mut answer) = self.answer.take() else {
            return;
        };
        let (poll, phantom) = (self.poll, self.shared.phantom_polls);
        let parked = self.shared.with(|state, _| {
            let parked = state.engine.abandon(poll, phantom);
            state.forget_poll(poll);
            parked
        });
        if !parked && answer.try_recv().is_ok_and(|task| task.is_some()) {
            tracing::debug!(
                ?poll,
                "an abandoned poll had a task, which nobody works on now"
            );
        }
    }
}
