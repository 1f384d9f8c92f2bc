//! One of SWF's operations, from its request to its answer.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::time::sleep;
use workbeat_local::engine::Fault;

use super::answer::{Answer, NoAnswer, refused, swf};
use super::body::Whole;
use super::refusal::Refusal;
use super::socket::Half;
use super::{body, region, target};
use crate::faults::Fate;
use crate::service::{Called, Shared};

/// Answers one operation, unless a fault has it otherwise.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    half: &Half,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Answer, NoAnswer> {
    let body = match body::read(headers, body, half, shared.request_timeout).await {
        Ok(Some(body)) => body,
        Ok(None) => return Err(NoAnswer),
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let (fate, latency) = shared.conduct.roll();
    let answer = match fate {
        Fate::Throttled => refused(&Refusal::throttled()),
        Fate::Unavailable => refused(&Refusal::unavailable()),
        Fate::InternalFailure => refused(&Refusal::internal_failure("Internal failure")),
        Fate::Answered | Fate::AnswerLost => match apply(shared, half, headers, body).await {
            Ok(Some(answer)) => answer,
            Ok(None) => return Err(NoAnswer),
            Err(refusal) => refused(&refusal),
        },
    };
    if !latency.is_zero() {
        sleep(latency).await;
    }
    tracing::debug!(
        operation = target::operation(headers).unwrap_or_default(),
        region = region::region(headers).unwrap_or_default(),
        status = answer.status().as_u16(),
        lost = fate == Fate::AnswerLost,
        "answered"
    );
    if fate == Fate::AnswerLost {
        return Err(NoAnswer);
    }
    Ok(answer)
}

/// Applies an operation; `None` if it polls and the client went away meanwhile.
async fn apply(
    shared: &Arc<Shared>,
    half: &Half,
    headers: &HeaderMap,
    body: Whole,
) -> Result<Option<Answer>, Refusal> {
    let operation = target::operation(headers)?;
    target::content_type(headers)?;
    let region = region::region(headers)?;
    let input = read(&body)?;
    if let Some(message) = shared.conduct.refusal(operation, &input) {
        return Err(Fault::operation_not_permitted(message).into());
    }
    let place = half.place();
    let mut turn = match may_be_large(operation) {
        true => shared.room.turn().await,
        false => None,
    };
    let (mark, called) = shared.call(region, operation, &input);
    // A poll may wait for long, and many may wait.
    drop((input, body));
    let (mark, mut answer) = match called {
        Ok(Called::Done(text)) => (mark, swf(StatusCode::OK, text)),
        Ok(Called::Parked(poll)) => {
            // Another call may have it meanwhile.
            drop(turn.take());
            place.park();
            let (mark, brought) = tokio::select! {
                biased;
                answered = poll.wait(place.told_to_finish()) => answered,
                () = half.closed() => return Ok(None),
            };
            if may_be_large(operation) {
                turn = shared.room.turn().await;
            }
            (mark, swf(StatusCode::OK, brought.text(operation)))
        }
        Err(fault) => (mark, refused(&fault.into())),
    };
    answer.body_mut().keep(place).await;
    drop(turn);
    shared.kept(mark).await?;
    Ok(Some(answer))
}

/// Whether the answer may be a page of much: of a history, or of a list.
fn may_be_large(operation: &str) -> bool {
    ["Get", "List", "PollForDecisionTask"]
        .iter()
        .any(|begin| operation.starts_with(begin))
}

/// The input of an operation. An operation without members may have no body.
fn read(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    // The place alone is said: the text around it may be a payload.
    let input: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::serialization(format!(
            "the body is no JSON: line {}, column {}",
            error.line(),
            error.column()
        ))
    })?;
    if input.is_object() {
        Ok(input)
    } else {
        Err(Refusal::serialization("the body is no JSON object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_a_json_object_or_nothing() {
        assert!(read(b"").is_ok());
        assert!(read(br#"{"domain": "a"}"#).is_ok());
        assert!(read(b"[]").is_err());
        let refusal = read(br#"{"input": "secret"#).unwrap_err();
        assert!(refusal.message().contains("line 1"), "{refusal:?}");
        assert!(!refusal.message().contains("secret"), "{refusal:?}");
    }
}
