//! What goes back to a client.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{Response, StatusCode};

use super::page::File;
use super::refusal::Refusal;
use super::request_id::request_id;
use super::room::{Kept, Place, UntilTaken};
use crate::control::EventLines;

pub(crate) type Answer = Response<AnswerBody>;

const AMZ_JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// The largest text that does not count as kept for its client: there are only so many
/// connections.
const SMALL: usize = 16 * 1024;

/// The body of an answer.
pub(crate) struct AnswerBody {
    content: Content,
    /// Says when it has been handed over, by being dropped.
    until_taken: Option<UntilTaken>,
}

enum Content {
    /// All of it, at once.
    Text(Option<Bytes>),
    /// Lines, as they come.
    Lines(EventLines),
}

/// A text that counts as kept for its client until it has been written to it.
struct KeptText {
    text: Bytes,
    _kept: Kept,
}

impl AsRef<[u8]> for KeptText {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

impl AnswerBody {
    fn new(content: Content) -> Self {
        Self {
            content,
            until_taken: None,
        }
    }

    /// Counts it for the connection that it goes to, for as long as it is there.
    pub(super) async fn keep(&mut self, place: &Arc<Place>) {
        if let Content::Text(Some(text)) = &mut self.content
            && text.len() > SMALL
        {
            let kept = place.keep_answer(text.len()).await;
            *text = Bytes::from_owner(KeptText {
                text: std::mem::take(text),
                _kept: kept,
            });
        }
    }

    /// Says when it has been handed over.
    pub(super) fn until_taken(&mut self, until_taken: UntilTaken) {
        self.until_taken = Some(until_taken);
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.get_mut().content {
            Content::Text(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Content::Lines(lines) => lines
                .poll_line(cx)
                .map(|line| line.map(|line| Ok(Frame::data(line)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.content, Content::Text(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Text(text) => {
                SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64))
            }
            Content::Lines(_) => SizeHint::default(),
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
    let mut answer = plain(StatusCode::OK, JSON, text);
    own(&mut answer);
    answer
}

/// Lines of JSON, as they come.
pub(crate) fn lines(lines: EventLines) -> Answer {
    const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");
    let mut answer = Response::new(AnswerBody::new(Content::Lines(lines)));
    own(&mut answer);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, LINES);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// What a program is told that asks what this is.
pub(super) fn greeting() -> Answer {
    const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
    let text = concat!(
        "workbeat ",
        env!("CARGO_PKG_VERSION"),
        ": a local server that speaks Amazon SWF's protocol; point an AWS SDK's endpoint URL here\n"
    );
    let mut answer = plain(StatusCode::OK, TEXT, text.to_owned());
    own(&mut answer);
    answer
}

/// A file of the page: nothing in it runs but its own scripts, and it is in nobody's frame.
pub(super) fn page(file: File) -> Answer {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
         connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'";
    let mut answer = Response::new(AnswerBody::new(Content::Text(Some(file.bytes()))));
    own(&mut answer);
    let headers = answer.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, file.content_type),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (VARY, "accept"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// For browsers: nobody else's page takes it in, and it is what it says that it is.
fn own(answer: &mut Answer) {
    const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
    const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
    const POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    let headers = answer.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(POLICY, SAME_ORIGIN);
}

fn plain(status: StatusCode, content_type: HeaderValue, text: String) -> Answer {
    let text = (!text.is_empty()).then(|| Bytes::from(text));
    let mut answer = Response::new(AnswerBody::new(Content::Text(text)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}
