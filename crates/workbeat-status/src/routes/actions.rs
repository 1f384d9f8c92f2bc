//! What the page can do to a worker, where the application allows it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::json;
use crate::feed::Feed;

/// A header that no form and no link can send, and no page of another origin without asking first.
const MARK: &str = "x-workbeat-action";

pub(super) async fn act(
    State(feed): State<Arc<Feed>>,
    Path((worker, action)): Path<(usize, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(why) = same_origin(&headers) {
        return (StatusCode::FORBIDDEN, format!("{why}\n")).into_response();
    }
    let Some(worker) = feed.workers.get(worker) else {
        return (StatusCode::NOT_FOUND, "there is no such worker\n").into_response();
    };
    match action.as_str() {
        "pause" => worker.handle.pause(),
        "resume" => worker.handle.resume(),
        "drain" if !worker.handle.begin_drain() => {
            return (StatusCode::CONFLICT, "it drains already, or has ended\n").into_response();
        }
        "drain" => {}
        _ => return (StatusCode::NOT_FOUND, "there is no such action\n").into_response(),
    }
    json(&feed.fresh())
}

/// Whether it is this page that asks, or a program and no page.
fn same_origin(headers: &HeaderMap) -> Result<(), &'static str> {
    if !headers.contains_key(MARK) {
        return Err("an action needs the header X-Workbeat-Action");
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let foreign = Err("a page of another origin may not act");
    match text("sec-fetch-site") {
        // The browser's own word; behind a proxy the names may differ.
        Some("same-origin") => return Ok(()),
        Some(_) => return foreign,
        None => {}
    }
    let Some(origin) = text(ORIGIN.as_str()) else {
        return Ok(());
    };
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    match (authority, text(HOST.as_str())) {
        (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host) => Ok(()),
        _ => foreign,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn allowed(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        same_origin(&headers.collect()).is_ok()
    }

    const SENT: (&str, &str) = (MARK, "1");
    const AT: (&str, &str) = ("host", "localhost:80");

    #[test]
    fn a_program_may_act_if_it_says_that_it_means_to() {
        assert!(allowed(&[SENT, AT]));
        assert!(!allowed(&[AT]));
    }

    #[test]
    fn a_page_may_act_from_its_own_origin_alone() {
        assert!(allowed(&[SENT, AT, ("sec-fetch-site", "same-origin")]));
        assert!(!allowed(&[AT, ("sec-fetch-site", "same-origin")]));
        for site in ["same-site", "cross-site", "none", ""] {
            assert!(!allowed(&[SENT, AT, ("sec-fetch-site", site)]), "{site}");
        }
        assert!(allowed(&[SENT, AT, ("origin", "http://LOCALHOST:80")]));
        for origin in [
            "http://localhost",
            "http://evil",
            "null",
            "",
            "localhost:80",
        ] {
            assert!(!allowed(&[SENT, AT, ("origin", origin)]), "{origin}");
        }
        assert!(!allowed(&[SENT, ("origin", "http://localhost")]));
    }
}
