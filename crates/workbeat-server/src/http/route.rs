//! Which part of the server a request is for.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Method, Request};

use super::answer::{self, Answer, NoAnswer, greeting, refused};
use super::refusal::Refusal;
use super::socket::Half;
use super::{body, origin, page, swf};
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
        "/" if head.method == Method::GET && page::is_wanted(&head.headers) => {
            Ok(answer::page(page::DOCUMENT))
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
    let file = page::file(name);
    let run = name.strip_prefix("history/");
    let method = match name {
        "reset" | "advance" | "cancel" => Method::POST,
        "activities" | "events" | "executions" => Method::GET,
        _ if file.is_some() || run.is_some() => Method::GET,
        _ => return Err(Refusal::path()),
    };
    if head.method != method {
        return Err(Refusal::method(method.as_str(), head.uri.path()));
    }
    if let "advance" | "cancel" = name {
        let body = body::read(&head.headers, body, half, shared.request_timeout).await?;
        let body = body.as_deref().unwrap_or_default();
        return match name {
            "advance" => control::advance(shared, body).await,
            _ => control::cancel(shared, body).await,
        };
    }
    if !half.place().work() {
        return Err(Refusal::unavailable());
    }
    if let Some(file) = file {
        return Ok(answer::page(file));
    }
    if name == "reset" {
        return control::reset(shared).await;
    }
    if name == "events" {
        return control::events(shared);
    }
    // These may be large.
    let _turn = shared.room.turn().await;
    let mut answer = match (name, run) {
        (_, Some(run)) => control::history(shared, run).await?,
        ("executions", _) => control::executions(shared).await?,
        _ => control::activities(shared).await?,
    };
    answer.body_mut().keep(half.place()).await;
    Ok(answer)
}
