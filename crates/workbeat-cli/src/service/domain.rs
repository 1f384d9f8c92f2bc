//! The domain: that it is there, and what it keeps.

use super::{Fault, Service};
use crate::problem::{Problem, ProblemKind};

impl Service {
    /// Sees to it that the domain is there. Answers whether it had to be registered, if it may.
    pub(super) async fn ensure_domain(&self, register: bool) -> Result<bool, Problem> {
        let described = self.client.describe_domain().name(&self.domain).send();
        match described.await {
            Ok(described) => {
                let status = described.domain_info.map(|domain| domain.status);
                if status == Some(aws_sdk_swf::types::RegistrationStatus::Deprecated) {
                    return Err(Problem::new(
                        ProblemKind::Refused,
                        format!("the domain `{}` is deprecated", self.domain),
                        "name another one with --domain",
                    ));
                }
                Ok(false)
            }
            Err(error) => {
                let fault = self.fault("DescribeDomain", &error);
                if fault.is_unknown() && register {
                    return Ok(self.register_domain().await?);
                }
                // Whoever may not look may still use it.
                if fault.is_not_permitted() && !fault.code().is_empty() {
                    return Ok(false);
                }
                Err(fault.into())
            }
        }
    }

    async fn register_domain(&self) -> Result<bool, Fault> {
        let registered = self
            .client
            .register_domain()
            .name(&self.domain)
            .description("registered by the workbeat command")
            .workflow_execution_retention_period_in_days("30")
            .send();
        match registered.await {
            Ok(_) => Ok(true),
            Err(error) => {
                let fault = self.fault("RegisterDomain", &error);
                match fault.code() {
                    // Another command was faster.
                    "DomainAlreadyExistsFault" => Ok(false),
                    _ => Err(fault),
                }
            }
        }
    }

    /// Whether the domain keeps histories of what is closed. With the retention `NONE` or 0 they
    /// are gone at once.
    pub(crate) async fn keeps_histories(&self) -> Result<bool, Fault> {
        let described = self.client.describe_domain().name(&self.domain).send();
        let described = described
            .await
            .map_err(|error| self.fault("DescribeDomain", &error))?;
        Ok(described.configuration.is_none_or(|configuration| {
            is_a_while(&configuration.workflow_execution_retention_period_in_days)
        }))
    }
}

fn is_a_while(retention: &str) -> bool {
    retention != "NONE" && retention.parse() != Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_a_while_and_none_is_not() {
        for (retention, expected) in [("NONE", false), ("0", false), ("1", true), ("90", true)] {
            assert_eq!(is_a_while(retention), expected, "{retention}");
        }
    }
}
