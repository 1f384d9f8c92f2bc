//! Registers the domain, if that is wanted.

use tracing::{debug, info};
use workbeat::service::ServiceError;

use crate::operation::Operation;
use crate::service::Inner;

impl Inner {
    /// Sees once that the domain is there. Who comes meanwhile waits for the same call.
    pub(crate) async fn register_domain(&self) -> Result<(), ServiceError> {
        let Some(retention) = self.retention else {
            return Ok(());
        };
        let register = async || {
            let call = self
                .client
                .register_domain()
                .name(&self.domain)
                .workflow_execution_retention_period_in_days(retention.text());
            let domain = self.domain.as_str();
            match call.send().await {
                Ok(_) => info!(domain, "the domain is registered"),
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(|error| error.is_domain_already_exists_fault()) =>
                {
                    debug!(domain, "the domain was there already");
                }
                Err(error) => return Err(self.error(Operation::RegisterDomain, None, &error)),
            }
            Ok(())
        };
        self.domain_registered.get_or_try_init(register).await?;
        Ok(())
    }
}
