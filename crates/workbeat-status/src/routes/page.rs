//! The page: a document, a style and a script, all of them part of the program.

use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};

use crate::feed::Feed;

const PAGE: &str = include_str!("../page/page.html");
const STYLE: &str = include_str!("../page/page.css");
const SCRIPT: &str = include_str!("../page/page.js");
const PARTS: &str = include_str!("../page/parts.js");
const ICON: &str = include_str!("../page/icon.svg");

/// What stands in the document for the way to the other files.
const BASE: &str = "{base}";

/// What stands in it for the first snapshot, so that something is seen at once.
const FIRST: &str = "{first}";

pub(super) async fn page(
    State(feed): State<Arc<Feed>>,
    OriginalUri(uri): OriginalUri,
) -> Html<String> {
    let page = PAGE.replace(BASE, &base(uri.path()));
    // After the other: its words are somebody else's.
    Html(page.replacen(FIRST, &escaped(&feed.recent()), 1))
}

pub(super) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

pub(super) async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

pub(super) async fn parts() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], PARTS)
}

pub(super) async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml")], ICON)
}

/// The way from the page's address to its other files, which lie below it: relative, so that it
/// holds whatever a proxy puts in front. `/a/worker` has them at `./worker/`, `/a/worker/` at `./`.
fn base(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    let end = if last.is_empty() { "" } else { "/" };
    format!("./{}{end}", escaped(last))
}

/// A text as it can stand in an attribute, with nothing in it that stands for something else.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '{' => escaped.push_str("&#123;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_files_lie_below_the_page() {
        assert_eq!(base("/"), "./");
        assert_eq!(base("/worker"), "./worker/");
        assert_eq!(base("/a/worker/"), "./");
        assert_eq!(base("/a:b"), "./a:b/");
    }

    #[test]
    fn an_address_is_no_markup() {
        assert_eq!(base("/a\"><b>&"), "./a&quot;&gt;&lt;b&gt;&amp;/");
        assert_eq!(base("/{first}"), "./&#123;first}/");
    }

    #[test]
    fn the_document_has_nothing_inline_and_nothing_from_elsewhere() {
        for bad in [
            "<style", "style=", "http:", "https:", " onclick", "src=\"//",
        ] {
            assert!(!PAGE.contains(bad), "{bad}");
        }
        assert_eq!(PAGE.matches("<script").count(), 2);
        assert_eq!(PAGE.matches("<script src=\"{base}").count(), 2);
        for bad in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "document.write",
        ] {
            assert!(!SCRIPT.contains(bad) && !PARTS.contains(bad), "{bad}");
        }
        for bad in ["url(", "@import"] {
            assert!(!STYLE.contains(bad), "{bad}");
        }
    }
}
