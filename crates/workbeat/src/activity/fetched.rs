//! An input that the service keeps elsewhere.

use std::time::Duration;

use super::asking::{Unanswered, answer};
use super::{ActivityContext, ActivityError, FailureCode, Stopped};
use crate::chain::chain;

/// How long one try may take: an input can be large.
const CALL_TIMEOUT: Duration = Duration::from_secs(300);

/// What an input stands for. Heartbeats go on meanwhile, and a cancellation ends it.
pub(crate) async fn fetched(ctx: &ActivityContext, input: String) -> Result<String, ActivityError> {
    let record = ctx.record();
    let service = &*record.source().service;
    let call = || service.fetch_input(&record.task, &input);
    match answer(record, "input", CALL_TIMEOUT, call).await {
        Ok(Some(fetched)) => Ok(fetched),
        Ok(None) => Ok(input),
        Err(Unanswered::Stopped(reason)) => Err(Stopped::new(reason).into()),
        Err(Unanswered::Refused(error)) => {
            let sentence = "the input is kept elsewhere and cannot be had";
            let reason = FailureCode::InputUnavailable.reason(sentence);
            Err(ActivityError::failed(reason).with_details(chain(&error)))
        }
    }
}
