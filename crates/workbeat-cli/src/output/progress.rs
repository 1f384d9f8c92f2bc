//! What an activity said of itself with its last heartbeat, for a terminal.

use workbeat::activity::ReportedProgress;

use super::text::escape;

/// Heartbeat details, as something to show.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Progress {
    /// How far it is, from 0 to 1, where the details say so.
    pub(crate) fraction: Option<f64>,
    /// The rest, in one line without control characters.
    pub(crate) text: String,
}

impl Progress {
    /// Understands what details tell, and shows anything else as it is.
    pub(crate) fn of(details: &str) -> Self {
        let reported = ReportedProgress::of(details);
        Self {
            fraction: reported.fraction,
            text: escape(&reported.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_do_something_to_a_terminal_is_escaped() {
        let cases = [
            ("\u{1b}[2Jgone\n", None, "\\u001b[2Jgone"),
            (
                "{\"done\":1,\"total\":2,\"a\\u001bb\":\"c\\u0007\"}",
                Some(0.5),
                "1 of 2, a\\u001bb c\\u0007",
            ),
        ];
        for (details, fraction, text) in cases {
            let progress = Progress::of(details);
            assert_eq!(
                (progress.fraction, progress.text.as_str()),
                (fraction, text)
            );
        }
    }
}
