//! What is logged of a call: its name and how it ended. Nothing of what it carried.

use aws_sdk_swf::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_swf::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_swf::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use tracing::debug;

/// Logs each attempt of each call.
#[derive(Debug)]
pub(super) struct LogCalls;

/// The name of the operation, kept from the request, which is gone once it is sent.
#[derive(Debug)]
struct Operation(String);

impl Storable for Operation {
    type Storer = StoreReplace<Self>;
}

impl Intercept for LogCalls {
    fn name(&self) -> &'static str {
        "LogCalls"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target");
        let operation = target.and_then(|target| target.rsplit('.').next());
        let operation = Operation(operation.unwrap_or_default().to_owned());
        config.interceptor_state().store_put(operation);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = config.load::<Operation>();
        let operation = operation.map_or("", |operation| operation.0.as_str());
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
