//! What is logged of a call: its name and how it ended. Nothing of what it carried.

use aws_sdk_swf::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_swf::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_swf::error::BoxError;
use tracing::debug;

/// Logs each attempt of each call.
#[derive(Debug)]
pub(super) struct LogCalls;

impl Intercept for LogCalls {
    fn name(&self) -> &'static str {
        "LogCalls"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context
            .request()
            .and_then(|request| request.headers().get("x-amz-target"))
            .unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        match context.response() {
            Some(response) => {
                let request_id = response.headers().get("x-amzn-requestid");
                let status = response.status().as_u16();
                debug!(operation, status, request_id, "answered");
            }
            None => debug!(operation, "no answer"),
        }
        Ok(())
    }
}
