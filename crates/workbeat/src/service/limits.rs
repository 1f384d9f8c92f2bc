//! The lengths that a service accepts.

use super::over;

/// By how much a text is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong {
    pub(crate) length: usize,
    pub(crate) limit: usize,
    /// What is counted.
    pub(crate) unit: &'static str,
}

/// How long each text may be, in UTF-16 units where nothing else is said.
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
    /// Result of a completed task, in bytes of UTF-8: both limits hold. Amazon SWF counts no bytes, so
    /// here there is none, [`usize::MAX`].
    pub result_bytes: usize,
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
        result_bytes: usize::MAX,
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

    /// With another limit for the bytes of the result.
    #[must_use]
    pub fn result_bytes(mut self, limit: usize) -> Self {
        self.result_bytes = limit;
        self
    }

    /// What a result is too long by, if it is: its length, the limit, and the unit of both.
    pub(crate) fn result_over(&self, result: &str) -> Option<TooLong> {
        if let Some(length) = over(result, self.result) {
            let (limit, unit) = (self.result, "characters");
            return Some(TooLong {
                length,
                limit,
                unit,
            });
        }
        let (length, limit, unit) = (result.len(), self.result_bytes, "bytes");
        (length > limit).then_some(TooLong {
            length,
            limit,
            unit,
        })
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
