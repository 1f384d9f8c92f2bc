//! The stream that keeps a page up to date.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::feed::Feed;

/// When a browser comes back whose stream broke.
const RETRY: Duration = Duration::from_secs(2);

pub(super) async fn events(State(feed): State<Arc<Feed>>) -> Response {
    let Ok(place) = Arc::clone(&feed.streams).try_acquire_owned() else {
        let busy = "as many pages as are served at a time are open already\n";
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "10")], busy).into_response();
    };
    Sse::new(follow(feed, place))
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// A reader of the stream. Nothing is queued for one that is slow: it gets the newest snapshot
/// when it has taken the last.
struct Reader {
    feed: Arc<Feed>,
    ticks: Interval,
    _place: OwnedSemaphorePermit,
}

fn follow(
    feed: Arc<Feed>,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let mut ticks = interval(feed.refresh);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let reader = Reader {
        feed,
        ticks,
        _place: place,
    };
    unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        let ended = tokio::select! {
            biased;
            () = reader.feed.ended() => true,
            _ = reader.ticks.tick() => false,
        };
        if ended {
            // The last: there is nothing more to come, and nobody needs to come back for it.
            let event = Event::default().event("ended").data(reader.feed.fresh());
            return Some((Ok(event), None));
        }
        let event = Event::default().retry(RETRY).data(reader.feed.recent());
        Some((Ok(event), Some(reader)))
    })
}
