//! The service that the commands speak to: Amazon SWF, or a local server that speaks its
//! protocol.

mod capture;
mod connect;
mod decisions;
mod domain;
mod execution;
mod executions;
mod fault;
mod log;
mod types;

use aws_sdk_swf::Client;

#[cfg(test)]
pub(crate) use connect::for_tests;
pub(crate) use connect::{address, connect, connect_to_start};
pub(crate) use execution::{ExecutionId, ExecutionRecord, activity_tag};
pub(crate) use executions::{Listing, NewExecution, Status};
pub(crate) use fault::{Fault, no_server};
pub(crate) use types::TypeDefaults;

/// Which service it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A local server.
    Local {
        /// Its URL.
        url: String,
        /// The region: each one is an SWF of its own.
        region: String,
    },
    /// Amazon SWF.
    Aws {
        /// The region.
        region: String,
        /// What the environment or the profile names in the place of AWS's own endpoint.
        endpoint: Option<String>,
    },
}

/// A domain of a service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    client: Client,
    domain: String,
    target: Target,
}

impl Service {
    /// The domain's name.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// Which service it is.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Whether it is a local server, of which one may ask more and more often.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.target, Target::Local { .. })
    }
}
