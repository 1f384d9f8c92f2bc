//! One region: its engine, and the polls that wait in it.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::oneshot;
use workbeat_local::engine::{Engine, Notice, PollId};

use super::mark::Mark;
use super::poll::Brought;

/// Where a poll's answer goes.
pub(super) type Waiting = oneshot::Sender<(Mark, Brought)>;

/// Which poll it is. A poll's number is unique within its region until the next reset.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) region: Arc<str>,
    pub(super) resets: u64,
    pub(super) poll: PollId,
}

#[derive(Debug)]
pub(super) struct Region {
    name: Arc<str>,
    /// How many resets there were before it.
    pub(super) resets: u64,
    pub(super) engine: Engine,
    pub(super) polls: HashMap<PollId, Waiting>,
}

impl Region {
    pub(super) fn new(name: &str, resets: u64, engine: Engine) -> Self {
        Self {
            name: name.into(),
            resets,
            engine,
            polls: HashMap::new(),
        }
    }

    /// Lets a parked poll wait for its answer.
    pub(super) fn await_poll(
        &mut self,
        poll: PollId,
    ) -> (Ticket, oneshot::Receiver<(Mark, Brought)>) {
        let (sender, receiver) = oneshot::channel();
        self.polls.insert(poll, sender);
        let (region, resets) = (self.name.clone(), self.resets);
        let ticket = Ticket {
            region,
            resets,
            poll,
        };
        (ticket, receiver)
    }

    /// Gives a notice to the poll that waits for it; hands back what was for nobody.
    pub(super) fn deliver(&mut self, notice: Notice, mark: Mark) -> Option<Notice> {
        let (poll, brought) = match notice {
            Notice::PollAnswered { poll, task } => (poll, task.map(Brought::Activity)),
            Notice::DecisionPollAnswered { poll, task } => (poll, task.map(Brought::Decision)),
            other => return Some(other),
        };
        if let Some(waiting) = self.polls.remove(&poll) {
            // A poll whose client goes away takes itself out first, so somebody is there.
            let _ = waiting.send((mark, brought.unwrap_or(Brought::Nothing)));
        }
        None
    }
}
