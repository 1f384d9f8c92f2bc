//! An error and what lies below it, as text.

use std::error::Error;
use std::fmt;

/// An error and its sources, the outermost first.
pub(crate) fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// What an error and its sources say, each level once.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for level in sources(error).map(ToString::to_string) {
        // Some errors repeat their source in their own sentence.
        if text.ends_with(&level) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&level);
    }
    text
}

/// `Debug` as what the error and its sources say, in one line: a `main` that returns the error
/// prints that.
pub(crate) fn debug(error: &(dyn Error + 'static), f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&chain(error).replace(['\r', '\n'], " "))
}
