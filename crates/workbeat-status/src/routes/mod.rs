//! What answers to which path.

mod actions;
mod events;
mod headers;
mod health;
mod metrics;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::feed::Feed;

pub(crate) fn router<S: Clone + Send + Sync + 'static>(feed: Arc<Feed>) -> Router<S> {
    let mut routes = Router::new()
        .route("/", get(page::page))
        .route("/page.css", get(page::style))
        .route("/page.js", get(page::script))
        .route("/parts.js", get(page::parts))
        .route("/icon.svg", get(page::icon))
        .route("/status.json", get(status))
        .route("/events", get(events::events))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics));
    if feed.actions {
        routes = routes.route("/workers/{worker}/{action}", post(actions::act));
    }
    // Not around what else the application answers.
    routes
        .route_layer(map_response(headers::guard))
        .with_state(feed)
}

async fn status(State(feed): State<Arc<Feed>>) -> Response {
    json(&feed.recent())
}

fn json(snapshot: &str) -> Response {
    ([(CONTENT_TYPE, "application/json")], snapshot.to_owned()).into_response()
}
