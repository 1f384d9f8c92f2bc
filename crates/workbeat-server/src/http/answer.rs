//! What goes back to a client.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::refusal::Refusal;
use super::request_id::request_id;
use crate::control::EventLines;

pub(crate) type Answer = Response<AnswerBody>;

const AMZ_JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// The body of an answer.
pub(crate) enum AnswerBody {
    /// All of it, at once.
    Text(Option<Bytes>),
    /// Lines, as they come.
    Lines(EventLines),
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Text(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Self::Lines(lines) => lines
                .poll_line(cx)
                .map(|line| line.map(|line| Ok(Frame::data(line)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Text(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Text(text) => {
                SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64))
            }
            Self::Lines(_) => SizeHint::default(),
        }
    }
}

/// There is no answer: the connection closes.
#[derive(Debug)]
pub(super) struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is withheld")
    }
}

impl std::error::Error for NoAnswer {}

/// An answer of SWF: its JSON text, which may be empty.
pub(super) fn swf(status: StatusCode, text: String) -> Answer {
    let mut answer = plain(status, AMZ_JSON, text);
    answer.headers_mut().insert(REQUEST_ID, request_id());
    answer
}

pub(super) fn refused(refusal: &Refusal) -> Answer {
    swf(refusal.status(), refusal.text())
}

/// An answer of one of this server's own endpoints.
pub(crate) fn json(text: String) -> Answer {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    plain(StatusCode::OK, JSON, text)
}

/// Lines of JSON, as they come.
pub(crate) fn lines(lines: EventLines) -> Answer {
    const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");
    let mut answer = Response::new(AnswerBody::Lines(lines));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, LINES);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// What somebody sees who opens the server in a browser.
pub(super) fn greeting() -> Answer {
    const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
    let text = concat!(
        "workbeat ",
        env!("CARGO_PKG_VERSION"),
        ": a local server that speaks Amazon SWF's protocol; point an AWS SDK's endpoint URL here\n"
    );
    plain(StatusCode::OK, TEXT, text.to_owned())
}

fn plain(status: StatusCode, content_type: HeaderValue, text: String) -> Answer {
    let text = (!text.is_empty()).then(|| Bytes::from(text));
    let mut answer = Response::new(AnswerBody::Text(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}
