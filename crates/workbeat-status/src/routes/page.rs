//! The page: a document, a style and a script, all of them part of the program.

use axum::extract::OriginalUri;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};

const PAGE: &str = include_str!("../page/page.html");
const STYLE: &str = include_str!("../page/page.css");
const SCRIPT: &str = include_str!("../page/page.js");
const PARTS: &str = include_str!("../page/parts.js");
const ICON: &str = include_str!("../page/icon.svg");

/// What stands in the document for the way to the other files.
const BASE: &str = "{base}";

pub(super) async fn page(OriginalUri(uri): OriginalUri) -> Html<String> {
    Html(PAGE.replace(BASE, &base(uri.path())))
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
    let mut base = String::from("./");
    for character in last.chars() {
        match character {
            '&' => base.push_str("&amp;"),
            '"' => base.push_str("&quot;"),
            '<' => base.push_str("&lt;"),
            '>' => base.push_str("&gt;"),
            other => base.push(other),
        }
    }
    if !last.is_empty() {
        base.push('/');
    }
    base
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
