//! Where a worker's tasks come from.

use std::fmt;
use std::sync::Arc;

use crate::service::{ActivityService, ServiceCapabilities, ServiceLimits};

/// A service that a worker takes tasks from, and what was asked of it when the run began.
pub(crate) struct Source {
    /// Which of the worker's it is, from 0.
    pub(crate) number: usize,
    /// Its name, for logs; none if it is the only one.
    pub(crate) label: Option<Arc<str>>,
    pub(crate) service: Arc<dyn ActivityService>,
    pub(crate) limits: ServiceLimits,
    pub(crate) capabilities: ServiceCapabilities,
}

/// A task list that a worker polls.
#[derive(Debug)]
pub(crate) struct TaskList {
    /// Which of the worker's it is, from 0: of all its services, no two have one number.
    pub(crate) number: usize,
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<Source>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("number", &self.number)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
impl TaskList {
    /// One of a service that stands alone.
    pub(crate) fn alone(name: &str, service: Arc<dyn ActivityService>) -> Arc<Self> {
        let source = Source {
            number: 0,
            label: None,
            limits: service.limits(),
            capabilities: service.capabilities(),
            service,
        };
        Arc::new(Self {
            number: 0,
            name: name.into(),
            source: Arc::new(source),
        })
    }
}

#[cfg(test)]
mod silent {
    use super::*;
    use crate::service::{
        ActivityTask, HeartbeatAnswer, PollRequest, ServiceError, TaskToken, async_trait,
    };

    /// A service that has nothing and takes everything.
    #[derive(Debug)]
    pub(crate) struct Silent;

    impl TaskList {
        /// One of a service that has nothing.
        pub(crate) fn silent() -> Arc<Self> {
            Self::alone("list", Arc::new(Silent))
        }
    }

    #[async_trait]
    impl ActivityService for Silent {
        async fn poll(&self, _: PollRequest) -> Result<Option<ActivityTask>, ServiceError> {
            Ok(None)
        }

        async fn heartbeat(
            &self,
            _: &TaskToken,
            _: Option<&str>,
        ) -> Result<HeartbeatAnswer, ServiceError> {
            Ok(HeartbeatAnswer::new(false))
        }

        async fn complete(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
            Ok(())
        }

        async fn fail(
            &self,
            _: &TaskToken,
            _: Option<&str>,
            _: Option<&str>,
        ) -> Result<(), ServiceError> {
            Ok(())
        }

        async fn cancel(&self, _: &TaskToken, _: Option<&str>) -> Result<(), ServiceError> {
            Ok(())
        }
    }
}
