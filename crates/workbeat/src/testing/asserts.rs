//! What a test says of how its activity should have ended.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::outcome::Brief;
use super::{Ended, TestOutcome};
use crate::activity::FailureCode;

/// Each assert panics when the activity ended otherwise; the message shows what was expected, what
/// came, the input, the progress and how long it took. They can be chained.
impl<O> TestOutcome<O> {
    /// The activity completed, and its output is this.
    ///
    /// Outputs are compared as JSON, as a decider sees them. So `expected` can be of any type that
    /// serializes: the output's own, a reference to it, or what `json!` makes. The order of the
    /// keys of an object does not matter.
    ///
    /// ```
    /// # use workbeat::prelude::*;
    /// # use workbeat::testing::ActivityTest;
    /// # #[activity]
    /// # async fn greet(name: String) -> Result<String, ActivityError> {
    /// #     Ok(format!("Hello, {name}!"))
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let outcome = ActivityTest::new(Greet).input("Ishmael").run().await;
    /// outcome.assert_completed("Hello, Ishmael!");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// When it did not, or with another output; and when `expected` does not serialize.
    #[track_caller]
    pub fn assert_completed(&self, expected: impl Serialize) -> &Self {
        let expected = match serde_json::to_string(&expected) {
            Ok(expected) => expected,
            Err(error) => panic!("the expected output does not serialize: {error}"),
        };
        let same = match &self.ended {
            Ended::Completed { result } => same_json(result.as_deref(), &expected),
            _ => false,
        };
        self.check(same, format_args!("completed with {expected}"))
    }

    /// The activity completed, and the service was sent this very text as its result. For untyped
    /// activities, and where every character counts.
    ///
    /// # Panics
    ///
    /// When it did not, or with another result.
    #[track_caller]
    pub fn assert_result_text(&self, expected: &str) -> &Self {
        let same =
            matches!(&self.ended, Ended::Completed { result: Some(result) } if result == expected);
        self.check(same, format_args!("completed with {expected}"))
    }

    /// The activity failed for this very reason.
    ///
    /// An error that became a failure through `?` has the name of its type as the reason.
    ///
    /// # Panics
    ///
    /// When it did not, or for another reason.
    #[track_caller]
    pub fn assert_failed(&self, reason: &str) -> &Self {
        let same = self.reason() == Some(reason);
        self.check(same, format_args!("failed with the reason {reason:?}"))
    }

    /// The framework failed it, for instance because it panicked or its input does not decode.
    ///
    /// # Panics
    ///
    /// When it did not, or with another code.
    #[track_caller]
    pub fn assert_failed_with(&self, code: FailureCode) -> &Self {
        let same = self.failure_code() == Some(code);
        self.check(same, format_args!("failed with {code}"))
    }

    /// The activity was canceled: it was asked to, and acknowledged.
    ///
    /// # Panics
    ///
    /// When it was not.
    #[track_caller]
    pub fn assert_canceled(&self) -> &Self {
        let same = matches!(self.ended, Ended::Canceled { .. });
        self.check(same, format_args!("canceled"))
    }

    /// The activity handed its task on.
    ///
    /// # Panics
    ///
    /// When it did not.
    #[track_caller]
    pub fn assert_handed_on(&self) -> &Self {
        self.check(self.ended == Ended::HandedOn, format_args!("handed on"))
    }

    /// Nothing was sent: the task was closed, or the worker stopped at once.
    ///
    /// # Panics
    ///
    /// When something was, or when the activity handed its task on.
    #[track_caller]
    pub fn assert_nothing_sent(&self) -> &Self {
        let silent = matches!(self.ended, Ended::Closed | Ended::Abandoned);
        self.check(silent, format_args!("nothing sent"))
    }

    #[track_caller]
    fn check(&self, holds: bool, expected: fmt::Arguments<'_>) -> &Self {
        if !holds {
            panic!(
                "{}",
                Mismatch {
                    outcome: self,
                    expected
                }
            );
        }
        self
    }
}

/// Whether a result is the same JSON as what was expected; one that is absent is `null`.
fn same_json(result: Option<&str>, expected: &str) -> bool {
    let read = |json| serde_json::from_str::<Value>(json).ok();
    let result = result.unwrap_or("null");
    // A text that is no JSON is an untyped activity's.
    result == expected || read(result).is_some_and(|result| Some(result) == read(expected))
}

/// Another end than the expected one.
struct Mismatch<'a, O> {
    outcome: &'a TestOutcome<O>,
    expected: fmt::Arguments<'a>,
}

impl<O> fmt::Display for Mismatch<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { outcome, expected } = self;
        writeln!(f, "`{}` ended otherwise", outcome.activity_type)?;
        write!(
            f,
            "  expected: {expected}\n       was: {}",
            Brief(&outcome.ended)
        )?;
        outcome.fmt_context(f)
    }
}

#[cfg(test)]
mod tests {
    use super::same_json;

    #[test]
    fn json_is_compared_and_not_its_text() {
        assert!(same_json(Some(r#"{"a":1,"b":[2]}"#), r#"{"b":[2],"a":1}"#));
        assert!(same_json(None, "null"));
        assert!(!same_json(Some("1"), "2"));
        assert!(!same_json(Some("no JSON"), "null"));
        assert!(!same_json(Some("no JSON"), "\"no JSON\""));
    }
}
