//! What an activity last said of itself.

use serde::{Deserialize, Serialize};

use crate::service::{cut, utf16_len};

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reported {
    /// It goes out with the next heartbeat.
    Kept,
    /// It was plain text over the limit and was cut.
    Cut {
        /// Its length in UTF-16 units.
        length: usize,
    },
    /// It was JSON over the limit: the last report that fitted, or an envelope that says so,
    /// goes out instead.
    TooLarge {
        /// Its length in UTF-16 units.
        length: usize,
    },
}

/// The newest report, ready to be sent.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    // Without room to grow in: it is kept for as long as no other comes.
    latest: Option<Box<str>>,
    /// Whether `latest` is a report and not an envelope that stands for one.
    fitted: bool,
}

impl Progress {
    /// The details of the next heartbeat.
    pub(crate) fn details(&self) -> Option<&str> {
        self.latest.as_deref()
    }

    /// The newest report, and nothing that stands for one.
    pub(crate) fn report(&self) -> Option<&str> {
        self.details().filter(|_| self.fitted)
    }

    /// Whether a heartbeat's details stand for a report that was too large.
    pub(crate) fn stands_for_one_too_large(details: &str) -> bool {
        serde_json::from_str(details).is_ok_and(|envelope: Envelope<'_>| envelope.is_of_this())
    }

    /// Takes over serialized JSON, which is never cut into something that does not parse.
    pub(crate) fn json(&mut self, json: String, limit: usize) -> Reported {
        // A text has at least as many bytes as UTF-16 units: the common case counts nothing.
        let length = if json.len() <= limit {
            json.len()
        } else {
            utf16_len(&json)
        };
        if length <= limit {
            self.latest = Some(json.into());
            self.fitted = true;
            return Reported::Kept;
        }
        if !self.fitted {
            let envelope = Envelope {
                workbeat: Envelope::TOO_LARGE,
                length,
                limit,
            };
            self.latest = serde_json::to_string(&envelope)
                .ok()
                .filter(|envelope| envelope.len() <= limit)
                .map(Into::into);
        }
        Reported::TooLarge { length }
    }

    /// Takes over plain text, cut at a character boundary if it is too long.
    pub(crate) fn text(&mut self, text: String, limit: usize) -> Reported {
        let length = utf16_len(&text);
        self.latest = Some(cut(text, limit).into());
        self.fitted = true;
        if length <= limit {
            Reported::Kept
        } else {
            Reported::Cut { length }
        }
    }

    /// Forgets these details, if there is nothing newer.
    pub(crate) fn clear(&mut self, details: &str) {
        if self.details() == Some(details) {
            *self = Self::default();
        }
    }
}

/// Stands for a report that was too large.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    workbeat: &'a str,
    length: usize,
    limit: usize,
}

impl Envelope<'_> {
    const TOO_LARGE: &'static str = "progress too large";

    fn is_of_this(&self) -> bool {
        self.workbeat == Self::TOO_LARGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_report_wins() {
        let mut progress = Progress::default();
        progress.json("1".to_owned(), 10);
        progress.json("2".to_owned(), 10);
        assert_eq!(progress.details(), Some("2"));
    }

    #[test]
    fn what_is_rejected_is_forgotten_and_a_newer_report_is_not() {
        let mut progress = Progress::default();
        progress.json("1".to_owned(), 10);
        progress.json("2".to_owned(), 10);
        progress.clear("1");
        assert_eq!(progress.details(), Some("2"));
        progress.clear("2");
        assert_eq!(progress.details(), None);
    }

    #[test]
    fn json_over_the_limit_leaves_the_last_report_that_fitted() {
        let mut progress = Progress::default();
        progress.json("[1]".to_owned(), 10);
        let reported = progress.json("[1,2,3,4,5,6]".to_owned(), 10);
        assert_eq!(reported, Reported::TooLarge { length: 13 });
        assert_eq!(progress.details(), Some("[1]"));
    }

    #[test]
    fn json_over_the_limit_from_the_start_is_an_envelope_that_parses() {
        let mut progress = Progress::default();
        progress.json(format!("\"{}\"", "x".repeat(3_000)), 2_048);
        let details = progress.details().unwrap();
        let envelope: serde_json::Value = serde_json::from_str(details).unwrap();
        assert_eq!(envelope["length"], 3_002);
        assert_eq!(envelope["limit"], 2_048);
        assert_eq!(progress.report(), None);
        assert!(Progress::stands_for_one_too_large(details));
        assert!(!Progress::stands_for_one_too_large("{\"workbeat\":1}"));
    }

    #[test]
    fn text_over_the_limit_is_cut_at_a_character() {
        let mut progress = Progress::default();
        let reported = progress.text("🦀".repeat(20), 20);
        assert_eq!(reported, Reported::Cut { length: 40 });
        assert_eq!(progress.details(), Some("🦀🦀🦀🦀🦀🦀...[cut]"));
    }
}
