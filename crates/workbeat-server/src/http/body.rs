//! The body of a request, bounded in size and in time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::refusal::Refusal;
use super::socket::Half;

/// The largest request that SWF takes.
pub(super) const LIMIT: usize = 1_048_576;

/// How much of a body that is too large is read and thrown away, so that a client that is
/// still sending gets its answer rather than a connection that was reset.
const DISCARDED: usize = 16 * LIMIT;

/// Reads the whole body; `None` if the client went away within it.
pub(super) async fn read(
    body: Incoming,
    half: &Half,
    within: Duration,
) -> Result<Option<Bytes>, Refusal> {
    let read = async {
        tokio::select! {
            biased;
            read = collect(body) => read,
            () = cut_short(half) => Ok(None),
        }
    };
    match timeout(within, read).await {
        Ok(read) => read,
        Err(_) => Err(Refusal::too_slow()),
    }
}

/// Waits until the client has sent its last byte, and what it has sent has been looked at: it
/// may have sent several requests, and this body may be there as a whole.
async fn cut_short(half: &Half) {
    half.closed().await;
    for _ in 0..8 {
        yield_now().await;
    }
}

async fn collect(mut body: Incoming) -> Result<Option<Bytes>, Refusal> {
    let announced = body.size_hint().lower();
    if announced > LIMIT as u64 {
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
        // Most bodies come in one piece, which needs no copy.
        if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            if whole.is_empty() {
                whole.reserve(usize::try_from(announced).unwrap_or_default());
                whole.extend_from_slice(&std::mem::take(&mut first));
            }
            whole.extend_from_slice(&data);
        }
        let length = first.len().saturating_add(whole.len());
        if length > LIMIT {
            discard(body, length).await;
            return Err(Refusal::too_large(LIMIT));
        }
    }
    Ok(Some(if whole.is_empty() {
        first
    } else {
        whole.freeze()
    }))
}

async fn discard(mut body: Incoming, mut length: usize) {
    while length < DISCARDED {
        let Some(Ok(frame)) = body.frame().await else {
            return;
        };
        length = length.saturating_add(frame.data_ref().map_or(0, Bytes::len));
    }
}
