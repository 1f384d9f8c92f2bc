//! Which part of the server a request is for.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Method, Request};

use super::answer::{Answer, NoAnswer, greeting, refused};
use super::refusal::Refusal;
use super::socket::Half;
use super::{body, origin, swf};
use crate::control;
use crate::service::Shared;

/// Answers one request, which [`Half`] has been told of.
pub(super) async fn answer(
    shared: Arc<Shared>,
    half: Half,
    request: Request<Incoming>,
) -> Result<Answer, NoAnswer> {
    // Its client has not waited with this request, however long it was idle before.
    half.place().wait();
    let until_taken = half.place().until_taken();
    let mut answered = routed(&shared, &half, request).await;
    if let Ok(answer) = &mut answered {
        answer.body_mut().until_taken(until_taken);
    }
    half.set_answering(false);
    answered
}

async fn routed(
    shared: &Arc<Shared>,
    half: &Half,
    request: Request<Incoming>,
) -> Result<Answer, NoAnswer> {
    let (head, body) = request.into_parts();
    if let Err(refusal) = origin::check(&head, &shared.allowed_hosts) {
        tracing::debug!(
            "a page of another origin, or a name that is not this server's, is refused"
        );
        return Ok(refused(&refusal));
    }
    let path = head.uri.path();
    let answered = match path {
        "/" if head.method == Method::POST => {
            return swf::answer(shared, half, &head.headers, body).await;
        }
        "/" if head.method == Method::GET => Ok(greeting()),
        "/" => Err(Refusal::method("POST", path)),
        _ => match path.strip_prefix("/_workbeat/") {
            Some(name) => own(shared, half, &head, name, body).await,
            None => Err(Refusal::path()),
        },
    };
    Ok(answered.unwrap_or_else(|refusal| refused(&refusal)))
}

/// Answers at one of this server's own endpoints. Faults do not come here.
async fn own(
    shared: &Arc<Shared>,
    half: &Half,
    head: &hyper::http::request::Parts,
    name: &str,
    body: Incoming,
) -> Result<Answer, Refusal> {
    let method = match name {
        "reset" | "advance" => Method::POST,
        "activities" | "events" => Method::GET,
        _ => return Err(Refusal::path()),
    };
    if head.method != method {
        return Err(Refusal::method(method.as_str(), head.uri.path()));
    }
    if name == "advance" {
        let body = body::read(&head.headers, body, half, shared.request_timeout).await?;
        return control::advance(shared, body.as_deref().unwrap_or_default()).await;
    }
    if !half.place().work() {
        return Err(Refusal::unavailable());
    }
    match name {
        "reset" => control::reset(shared).await,
        "activities" => {
            let _turn = shared.room.turn().await;
            let mut answer = control::activities(shared).await?;
            answer.body_mut().keep(half.place()).await;
            Ok(answer)
        }
        _ => control::events(shared),
    }
}
