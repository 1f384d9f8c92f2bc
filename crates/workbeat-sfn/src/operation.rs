//! The operations of AWS Step Functions that the adapter calls.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    Poll,
    Heartbeat,
    /// The same through a client of its own, which may be of another region or account.
    HeartbeatElsewhere,
    Succeed,
    Fail,
    Create,
    List,
}

impl Operation {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 7] = [
        Self::Poll,
        Self::Heartbeat,
        Self::HeartbeatElsewhere,
        Self::Succeed,
        Self::Fail,
        Self::Create,
        Self::List,
    ];

    /// Its name, which is that of its IAM action too.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Poll => "GetActivityTask",
            Self::Heartbeat | Self::HeartbeatElsewhere => "SendTaskHeartbeat",
            Self::Succeed => "SendTaskSuccess",
            Self::Fail => "SendTaskFailure",
            Self::Create => "CreateActivity",
            Self::List => "ListActivities",
        }
    }

    /// Whether it speaks for one task, by its token.
    pub(crate) fn speaks_for_task(self) -> bool {
        matches!(
            self,
            Self::Heartbeat | Self::HeartbeatElsewhere | Self::Succeed | Self::Fail
        )
    }

    /// Whether it changes something at the service, so that a lost answer leaves a doubt. A poll
    /// does: it hands out a task.
    pub(crate) fn changes(self) -> bool {
        self != Self::List
    }
}
