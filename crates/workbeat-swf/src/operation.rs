//! The operations of Amazon SWF that the adapter calls.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    Poll,
    Heartbeat,
    Complete,
    Fail,
    Cancel,
    RegisterType,
    DescribeType,
    RegisterDomain,
    History,
    /// The same, for the attempt before.
    PreviousAttempt,
}

impl Operation {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 10] = [
        Self::Poll,
        Self::Heartbeat,
        Self::Complete,
        Self::Fail,
        Self::Cancel,
        Self::RegisterType,
        Self::DescribeType,
        Self::RegisterDomain,
        Self::History,
        Self::PreviousAttempt,
    ];

    /// Its name, which is that of its IAM action too.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Poll => "PollForActivityTask",
            Self::Heartbeat => "RecordActivityTaskHeartbeat",
            Self::Complete => "RespondActivityTaskCompleted",
            Self::Fail => "RespondActivityTaskFailed",
            Self::Cancel => "RespondActivityTaskCanceled",
            Self::RegisterType => "RegisterActivityType",
            Self::DescribeType => "DescribeActivityType",
            Self::RegisterDomain => "RegisterDomain",
            Self::History | Self::PreviousAttempt => "GetWorkflowExecutionHistory",
        }
    }

    /// Whether it speaks for one task, by its token.
    pub(crate) fn speaks_for_task(self) -> bool {
        matches!(
            self,
            Self::Heartbeat | Self::Complete | Self::Fail | Self::Cancel
        )
    }

    /// Whether it changes something at the service, so that a lost answer leaves a doubt. A poll
    /// does: it hands out a task.
    pub(crate) fn changes(self) -> bool {
        !matches!(
            self,
            Self::DescribeType | Self::History | Self::PreviousAttempt
        )
    }
}
