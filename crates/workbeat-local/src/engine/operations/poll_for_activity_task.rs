//! `PollForActivityTask`

use serde::{Deserialize, Serialize};
use workbeat::service::ActivityTask;

use super::Operation;
use crate::engine::call::{Answered, OnWire};
use crate::engine::core::Engine;
use crate::engine::fault::Fault;
use crate::engine::ids::PollId;
use crate::engine::wire::activity_task_text;
use crate::engine::{limits, wire};

/// Asks for a task, and waits for one for as long as the service holds a poll.
///
/// Tasks come by priority, the higher first, and those of the same priority in the order in
/// which they were scheduled. Polls that wait are served in the order in which they came.
/// At most 1,000 wait at one task list; one more is a `LimitExceededFault`.
///
/// ```
/// # use workbeat_local::engine::*;
/// # use workbeat::service::{ActivityType, Timeout};
/// # let now = Timestamp::from_millis(0);
/// # let mut engine = Engine::new(Settings::default().lenient_types(true));
/// # let domain = || "tests".to_owned();
/// # engine.apply(RegisterDomain { name: domain(), ..Default::default() }, now)?;
/// let poll = PollForActivityTask {
///     domain: domain(),
///     task_list: "files".into(),
///     identity: Some("worker-7@host".into()),
/// };
/// let Polled::Parked(poll) = engine.apply(poll, now)? else { panic!("a task") };
/// assert!(engine.withdraw(poll), "it waited, and waits no more");
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PollForActivityTask {
    /// The domain.
    pub domain: String,
    /// The task list to poll. It need not exist.
    #[serde(with = "wire::task_list")]
    pub task_list: String,
    /// Who polls; it is written into the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

/// What a poll brings at once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Polled {
    /// A task, which has started.
    Task(Box<ActivityTask>),
    /// There is none yet. A [`Notice::PollAnswered`](crate::engine::Notice::PollAnswered)
    /// will bring a task, or nothing once the poll was held long enough.
    Parked(PollId),
}

impl OnWire for Polled {
    fn on_wire(self) -> Answered {
        match self {
            Self::Task(task) => Answered::Done(activity_task_text(Some(&task))),
            Self::Parked(poll) => Answered::Parked(poll),
        }
    }
}

impl Operation for PollForActivityTask {
    const NAME: &'static str = "PollForActivityTask";

    type Answer = Polled;

    fn apply_to(self, engine: &mut Engine) -> Result<Polled, Fault> {
        let list = (engine.domains.key(&self.domain)?, self.task_list.into());
        let identity = self.identity.map(Into::into);
        while let Some(activity) = engine.task_lists.pop(&list) {
            if let Some(task) = engine.start_activity(&activity, identity.clone()) {
                return Ok(Polled::Task(Box::new(task)));
            }
        }
        if engine.task_lists.parked(&list) >= limits::POLLERS {
            return Err(Fault::too_many_pollers());
        }
        let poll = engine.hold_poll();
        engine.task_lists.park(poll, list, identity);
        Ok(Polled::Parked(poll))
    }
}
