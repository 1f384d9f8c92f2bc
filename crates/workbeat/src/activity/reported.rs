//! What an activity said of itself, understood as far as it can be.

use serde_json::Value;

/// What an activity reported, as something to show to people: a bar where it tells how far it
/// is, and the rest as text.
///
/// Any JSON and any text can be reported; these tell how far the activity is:
///
/// | report | fraction | text |
/// |---|---|---|
/// | `[3, 8]`, or the tuple `(3, 8)` | 3/8 | `3 of 8` |
/// | `{"done": 3, "total": 8, "file": "a.mp4"}` | 3/8 | `3 of 8, file a.mp4` |
/// | `{"percent": 40}`, or the text `40%` | 0.4 | |
/// | `{"fraction": 0.4, "step": "b"}` | 0.4 | `step b` |
/// | a number with a decimal point between 0 and 1, as a float has | itself | |
/// | the text `3/8` | 3/8 | `3 of 8` |
///
/// What is done can be called `done`, `completed`, `current`, `processed`, `position` or `bytes`,
/// what there is `total`, `of`, `all`, `count` or `size`, and a fraction `progress` too. A member
/// that is null is left out. Everything else is shown as it is, and a whole number says how much
/// is done of nobody knows how much.
///
/// The text is what the activity wrote, and can be of any length and hold any character: escape
/// it for where it is shown.
///
/// ```
/// use workbeat::activity::ReportedProgress;
///
/// let progress = ReportedProgress::of(r#"{"done": 3, "total": 8, "file": "a.mp4"}"#);
/// assert_eq!(progress.fraction, Some(0.375));
/// assert_eq!(progress.text, "3 of 8, file a.mp4");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReportedProgress {
    /// How far it is, from 0 to 1, where the report says so.
    pub fraction: Option<f64>,
    /// The rest.
    pub text: String,
}

/// The members that tell how much is done.
const DONE: [&str; 6] = [
    "done",
    "completed",
    "current",
    "processed",
    "position",
    "bytes",
];

/// The members that tell how much there is.
const TOTAL: [&str; 5] = ["total", "of", "all", "count", "size"];

/// The members that tell how far it is.
const FRACTION: [&str; 2] = ["fraction", "progress"];

impl ReportedProgress {
    /// Understands the details of a heartbeat, which are JSON or plain text.
    #[must_use]
    pub fn of(details: &str) -> Self {
        let Ok(value) = serde_json::from_str::<Value>(details) else {
            return Self::of_text(details);
        };
        match &value {
            Value::String(text) => Self::of_text(text),
            Value::Number(number) => match number.as_f64() {
                Some(fraction) if (0.0..=1.0).contains(&fraction) && number.is_f64() => Self {
                    fraction: Some(fraction),
                    text: String::new(),
                },
                _ => Self::plain(details),
            },
            Value::Array(pair) => match pair.as_slice() {
                [done, total] => match (done.as_f64(), total.as_f64()) {
                    (Some(done), Some(total)) => Self::parts(done, total, ""),
                    _ => Self::plain(details),
                },
                _ => Self::plain(details),
            },
            Value::Object(members) => Self::of_object(members, details),
            Value::Null => Self::plain(""),
            Value::Bool(_) => Self::plain(details),
        }
    }

    fn of_object(members: &serde_json::Map<String, Value>, details: &str) -> Self {
        let number = |names: &[&str]| {
            let named = names
                .iter()
                .find_map(|name| Some((*name, members.get(*name)?)));
            named.and_then(|(name, value)| Some((name.to_owned(), value.as_f64()?)))
        };
        let done = number(&DONE);
        let total = number(&TOTAL);
        if let (Some((done_name, done)), Some((total_name, total))) = (done, total) {
            let rest = rest(members, &[&done_name, &total_name]);
            return Self::parts(done, total, &rest);
        }
        let scaled = number(&FRACTION)
            .filter(|(_, fraction)| (0.0..=1.0).contains(fraction))
            .or_else(|| {
                let (name, percent) = number(&["percent"])?;
                (0.0..=100.0)
                    .contains(&percent)
                    .then_some((name, percent / 100.0))
            });
        match scaled {
            Some((name, fraction)) => Self {
                fraction: Some(fraction),
                text: rest(members, &[&name]),
            },
            None => Self::plain(details),
        }
    }

    fn of_text(text: &str) -> Self {
        let trimmed = text.trim();
        if let Some(percent) = trimmed.strip_suffix('%')
            && let Ok(percent) = percent.trim().parse::<f64>()
            && (0.0..=100.0).contains(&percent)
        {
            return Self {
                fraction: Some(percent / 100.0),
                text: String::new(),
            };
        }
        if let Some((done, total)) = trimmed.split_once('/')
            && let (Ok(done), Ok(total)) = (done.trim().parse(), total.trim().parse())
        {
            return Self::parts(done, total, "");
        }
        Self::plain(trimmed)
    }

    fn plain(text: &str) -> Self {
        Self {
            fraction: None,
            text: text.to_owned(),
        }
    }

    /// So much of so much.
    fn parts(done: f64, total: f64, rest: &str) -> Self {
        let counted = format!("{} of {}", number(done), number(total));
        let text = if rest.is_empty() {
            counted
        } else {
            format!("{counted}, {rest}")
        };
        let sensible = done.is_finite() && total.is_finite() && total > 0.0 && done >= 0.0;
        Self {
            fraction: sensible.then(|| (done / total).min(1.0)),
            text,
        }
    }
}

/// The other members, as `name value`.
fn rest(members: &serde_json::Map<String, Value>, without: &[&str]) -> String {
    let others = members
        .iter()
        .filter(|(name, value)| !without.contains(&name.as_str()) && !value.is_null());
    let words = others.map(|(name, value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// A number without the zeros that it does not need.
fn number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        format!("{number:.0}")
    } else {
        format!("{number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_activities_report_is_understood() {
        let cases: [(&str, Option<f64>, &str); 22] = [
            ("[3,8]", Some(0.375), "3 of 8"),
            ("[0,0]", None, "0 of 0"),
            ("[9,8]", Some(1.0), "9 of 8"),
            ("[-1,8]", None, "-1 of 8"),
            ("[1,2,3]", None, "[1,2,3]"),
            ("{\"done\":3,\"total\":8}", Some(0.375), "3 of 8"),
            (
                "{\"done\":1.5,\"total\":3,\"file\":\"a.mp4\",\"eta\":null}",
                Some(0.5),
                "1.5 of 3, file a.mp4",
            ),
            ("{\"bytes\":5,\"size\":10}", Some(0.5), "5 of 10"),
            ("{\"percent\":40}", Some(0.4), ""),
            ("{\"progress\":0.25,\"step\":\"b\"}", Some(0.25), "step b"),
            ("{\"progress\":25}", None, "{\"progress\":25}"),
            ("{\"step\":\"b\"}", None, "{\"step\":\"b\"}"),
            ("0.375", Some(0.375), ""),
            ("1.0", Some(1.0), ""),
            ("1", None, "1"),
            ("640", None, "640"),
            ("\"encoding\"", None, "encoding"),
            ("3/8", Some(0.375), "3 of 8"),
            ("\"40 %\"", Some(0.4), ""),
            ("null", None, ""),
            ("", None, ""),
            ("\u{1b}[2Jgone\n", None, "\u{1b}[2Jgone"),
        ];
        for (details, fraction, text) in cases {
            let expected = ReportedProgress {
                fraction,
                text: text.to_owned(),
            };
            assert_eq!(ReportedProgress::of(details), expected, "{details}");
        }
    }

    #[test]
    fn numbers_that_are_none_make_no_bar() {
        for details in ["inf/8", "1/nan", "1/0", "{\"done\":1,\"total\":1e999}"] {
            assert_eq!(ReportedProgress::of(details).fraction, None, "{details}");
        }
    }
}
