//! The page that a browser gets, and its files: all of them part of the program.

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::ACCEPT;

const HTML: &str = "text/html; charset=utf-8";

/// Its document.
pub(super) const DOCUMENT: File = File {
    content_type: HTML,
    text: include_str!("../page/page.html"),
};

/// A file of the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct File {
    pub(super) content_type: &'static str,
    text: &'static str,
}

impl File {
    pub(super) fn bytes(self) -> Bytes {
        Bytes::from_static(self.text.as_bytes())
    }
}

/// What is called so below `/_workbeat/`.
pub(super) fn file(name: &str) -> Option<File> {
    let (content_type, text) = match name {
        "page.css" => ("text/css; charset=utf-8", include_str!("../page/page.css")),
        "parts.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../page/parts.js"),
        ),
        "page.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../page/page.js"),
        ),
        "icon.svg" => ("image/svg+xml", include_str!("../page/icon.svg")),
        _ => return None,
    };
    Some(File { content_type, text })
}

/// Whether it is a browser that asks; to everything else the server says in a line what it is.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter();
    let mut accepted = accepted.filter_map(|value| value.to_str().ok());
    accepted.any(|accepted| accepted.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_nothing_inline_and_nothing_from_elsewhere() {
        for bad in [
            "<style", "style=", "http:", "https:", " onclick", "src=\"//",
        ] {
            assert!(!DOCUMENT.text.contains(bad), "{bad}");
        }
        assert_eq!(DOCUMENT.text.matches("<script").count(), 2);
        for name in ["page.js", "parts.js"] {
            let script = file(name).unwrap().text;
            for bad in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "eval(",
                "document.write",
            ] {
                assert!(!script.contains(bad), "{name}: {bad}");
            }
        }
        for bad in ["url(", "@import"] {
            assert!(!file("page.css").unwrap().text.contains(bad), "{bad}");
        }
        assert!(file("../page.js").is_none());
    }
}
