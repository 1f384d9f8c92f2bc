//! The lengths that a service accepts.

/// How long each text may be, in UTF-16 units.
///
/// Amazon SWF counts characters and does not say of which kind; UTF-16 units never come out
/// fewer than code points, so what fits here fits either way. Source of the default figures:
/// the Amazon SWF API reference, version 2012-01-25.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceLimits {
    /// Details of a heartbeat.
    pub heartbeat_details: usize,
    /// Result of a completed task.
    pub result: usize,
    /// Reason of a failed task.
    pub reason: usize,
    /// Details of a failed or a canceled task.
    pub details: usize,
    /// Identity of a poller.
    pub identity: usize,
}

impl ServiceLimits {
    /// Amazon SWF's limits.
    pub const SWF: Self = Self {
        heartbeat_details: 2_048,
        result: 32_768,
        reason: 256,
        details: 32_768,
        identity: 256,
    };

    /// With another limit for the details of a heartbeat.
    #[must_use]
    pub fn heartbeat_details(mut self, limit: usize) -> Self {
        self.heartbeat_details = limit;
        self
    }

    /// With another limit for the result.
    #[must_use]
    pub fn result(mut self, limit: usize) -> Self {
        self.result = limit;
        self
    }

    /// With another limit for the reason of a failure.
    #[must_use]
    pub fn reason(mut self, limit: usize) -> Self {
        self.reason = limit;
        self
    }

    /// With another limit for the details of a failure or a cancellation.
    #[must_use]
    pub fn details(mut self, limit: usize) -> Self {
        self.details = limit;
        self
    }

    /// With another limit for a poller's identity.
    #[must_use]
    pub fn identity(mut self, limit: usize) -> Self {
        self.identity = limit;
        self
    }
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self::SWF
    }
}
