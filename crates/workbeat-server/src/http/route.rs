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
    let answered = routed(&shared, &half, request).await;
    half.set_answering(false);
    answered
}

async fn routed(
    shared: &Arc<Shared>,
    half: &Half,
    request: Request<Incoming>,
) -> Result<Answer, NoAnswer> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let answered = match path {
        "/" if head.method == Method::POST => match origin::check_origin(&head.headers) {
            Ok(()) => return swf::answer(shared, half, &head.headers, body).await,
            Err(refusal) => Err(refusal),
        },
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
    origin::check_control(&head.headers)?;
    let method = match name {
        "reset" | "advance" => Method::POST,
        "activities" | "events" => Method::GET,
        _ => return Err(Refusal::path()),
    };
    if head.method != method {
        return Err(Refusal::method(method.as_str(), head.uri.path()));
    }
    let body = match name {
        "advance" => body::read(body, half, shared.request_timeout).await?,
        _ => None,
    };
    match name {
        "reset" => control::reset(shared).await,
        "advance" => control::advance(shared, &body.unwrap_or_default()).await,
        "activities" => control::activities(shared).await,
        _ => Ok(control::events(shared)),
    }
}
