//! The body of a request, bounded in size and in time.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_ENCODING, EXPECT};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::refusal::Refusal;
use super::room::{Kept, Place};
use super::socket::Half;

/// The largest request that SWF takes.
pub(super) const LIMIT: usize = 1_048_576;

/// How much of a body that is too large is read and thrown away, so that a client that is
/// still sending gets its answer rather than a connection that was reset.
const DISCARDED: usize = 16 * LIMIT;

/// A body that has come as a whole. It counts as kept for its connection until it is dropped.
#[derive(Debug)]
pub(super) struct Whole {
    bytes: Bytes,
    _kept: Kept,
}

impl Deref for Whole {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the whole body; `None` if the client went away within it, or has given way to others.
/// Otherwise the connection does not give way any more until it is answered.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    half: &Half,
    within: Duration,
) -> Result<Option<Whole>, Refusal> {
    if is_compressed(headers) {
        return Err(Refusal::compressed());
    }
    if headers.contains_key(EXPECT) && announced(&body) > LIMIT {
        // Its client asks before it sends: there is nothing to be thrown away.
        return Err(Refusal::too_large(LIMIT));
    }
    let read = async {
        tokio::select! {
            biased;
            read = collect(body, half.place()) => read,
            () = cut_short(half) => Ok(None),
        }
    };
    match timeout(within, read).await {
        Ok(read) => Ok(read?.filter(|_| half.place().work())),
        Err(_) => Err(Refusal::too_slow()),
    }
}

/// No client of SWF compresses, and what is small may stand for something large.
fn is_compressed(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// How much there will be at least.
fn announced(body: &Incoming) -> usize {
    usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX)
}

/// Waits until the client has sent its last byte, and what it has sent has been looked at: it
/// may have sent several requests, and this body may be there as a whole.
async fn cut_short(half: &Half) {
    half.closed().await;
    for _ in 0..8 {
        yield_now().await;
    }
}

async fn collect(mut body: Incoming, place: &Arc<Place>) -> Result<Option<Whole>, Refusal> {
    let mut kept = place.keep(0);
    if announced(&body) > LIMIT {
        discard(body, 0).await;
        return Err(Refusal::too_large(LIMIT));
    }
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Ok(None) };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        kept.grow(data.len());
        // Most bodies come in one piece, which needs no copy. For the others no room is made
        // on the strength of what was only announced.
        if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&std::mem::take(&mut first));
            }
            whole.extend_from_slice(&data);
        }
        let length = first.len().saturating_add(whole.len());
        if length > LIMIT {
            drop((first, whole, kept));
            discard(body, length).await;
            return Err(Refusal::too_large(LIMIT));
        }
    }
    let bytes = if whole.is_empty() {
        first
    } else {
        whole.freeze()
    };
    Ok(Some(Whole { bytes, _kept: kept }))
}

async fn discard(mut body: Incoming, mut length: usize) {
    while length < DISCARDED {
        let Some(Ok(frame)) = body.frame().await else {
            return;
        };
        length = length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
    }
}
