//! The answer as it came over the wire.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_swf::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_swf::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_swf::error::BoxError;
use serde_json::Value;

use crate::history::Event;

/// Keeps the body of an answer.
///
/// A history is shown in SWF's own shape and read by the decider, and the SDK's types are not
/// serializable: so the JSON is taken as it came.
#[derive(Clone, Default)]
pub(super) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// The events of the answer.
    pub(super) fn events(&self) -> Vec<Event> {
        let body = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        match answer {
            Value::Object(mut members) => match members.remove("events") {
                Some(Value::Array(events)) => events.into_iter().map(Event::new).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

impl Intercept for Captured {
    fn name(&self) -> &'static str {
        "Captured"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(body) = context.response().body().bytes() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body.to_vec();
        }
        Ok(())
    }
}

// A history holds inputs and results: none of it may get into a log.
impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured").finish_non_exhaustive()
    }
}
