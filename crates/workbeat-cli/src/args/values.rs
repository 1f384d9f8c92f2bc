//! The values that arguments have.

use std::fmt;
use std::io::Read;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::problem::Problem;

/// The longest timeout: one year.
const LONGEST: Duration = Duration::from_secs(31_536_000);

/// One of SWF's timeouts, as it says it: whole seconds, or NONE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timeout {
    /// So many seconds.
    Seconds(u64),
    /// No limit of its own.
    None,
}

/// A timeout that there is; what is no time at all is `wrong`.
pub(super) fn whole_seconds(text: &str, wrong: &str) -> Result<u64, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Err(format!("give it a unit, such as {text}s or {text}m"));
    }
    let duration = humantime::parse_duration(text).map_err(|_| wrong.to_owned())?;
    if duration.subsec_nanos() != 0 || duration.is_zero() {
        return Err("SWF counts timeouts in whole seconds, from 1s".to_owned());
    }
    if duration > LONGEST {
        return Err("no timeout of SWF is longer than 365 days".to_owned());
    }
    Ok(duration.as_secs())
}

impl FromStr for Timeout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        whole_seconds(text, "not a time such as 30s, 5m or 1h30m, nor NONE").map(Self::Seconds)
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => seconds.fmt(f),
            Self::None => f.write_str("NONE"),
        }
    }
}

/// A time span, and how it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    text: String,
    /// How long it is.
    pub(crate) duration: Duration,
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let duration = humantime::parse_duration(text)
            .map_err(|_| "expected a time with its unit, such as 30s, 24h or 7d".to_owned())?;
        Ok(Self {
            text: text.to_owned(),
            duration,
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An activity type as it is said: `NAME` or `NAME/VERSION`. SWF's names hold no slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActivityName {
    /// The name.
    pub(crate) name: String,
    /// The version, if it was said.
    pub(crate) version: Option<String>,
}

impl FromStr for ActivityName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, version) = match text.split_once('/') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        if name.is_empty() || version.is_some_and(|version| version.is_empty()) {
            return Err("expected NAME or NAME/VERSION, such as resize/1.0".to_owned());
        }
        if version.is_some_and(|version| version.contains('/')) {
            return Err("there is one slash in NAME/VERSION, such as resize/1.0".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            version: version.map(str::to_owned),
        })
    }
}

impl fmt::Display for ActivityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}/{version}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Where the input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InputSource {
    /// It is in the argument.
    Text(String),
    /// It is in a file.
    File(PathBuf),
    /// It is on stdin.
    Stdin,
}

impl FromStr for InputSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.strip_prefix('@') {
            Some(path) => Self::File(PathBuf::from(path)),
            None if text == "-" => Self::Stdin,
            None => Self::Text(text.to_owned()),
        })
    }
}

/// Far more than any input that SWF takes, which has 32,768 characters at most. What never ends,
/// such as a device, is not read for ever.
const LONGEST_INPUT: u64 = 1024 * 1024;

fn read_bounded(input: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    input.take(LONGEST_INPUT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_INPUT {
        return Err(std::io::Error::other(
            "it has more than 1 MiB, and SWF takes 32,768 characters",
        ));
    }
    Ok(text)
}

impl InputSource {
    /// Reads it. Unless it is `raw` it must be JSON, and loses the blanks around it.
    pub(crate) fn read(&self, raw: bool) -> Result<String, Problem> {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::File(path) => {
                let read = std::fs::File::open(path).and_then(read_bounded);
                read.map_err(|error| {
                    Problem::usage(
                        format!("cannot read the input from {}: {error}", path.display()),
                        "after the @ comes the path of a UTF-8 file",
                    )
                })?
            }
            Self::Stdin => read_bounded(std::io::stdin()).map_err(|error| {
                Problem::usage(
                    format!("cannot read the input from stdin: {error}"),
                    "it must be UTF-8",
                )
            })?,
        };
        if raw {
            return Ok(text);
        }
        match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
            Ok(_) => Ok(text.trim().to_owned()),
            Err(error) => Err(Problem::usage(
                format!("the input is not JSON: {error}"),
                "a text needs its quotes, as in --input '\"text\"'; --raw-input sends it as it is",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_whole_seconds_or_none() {
        let cases = [
            ("30s", Ok("30")),
            ("1h30m", Ok("5400")),
            ("NONE", Ok("NONE")),
            ("none", Ok("NONE")),
            ("365d", Ok("31536000")),
            ("30", Err("give it a unit, such as 30s or 30m")),
            (
                "1500ms",
                Err("SWF counts timeouts in whole seconds, from 1s"),
            ),
            ("0s", Err("SWF counts timeouts in whole seconds, from 1s")),
            ("366d", Err("no timeout of SWF is longer than 365 days")),
            ("soon", Err("not a time such as 30s, 5m or 1h30m, nor NONE")),
            ("", Err("not a time such as 30s, 5m or 1h30m, nor NONE")),
        ];
        for (text, expected) in cases {
            let parsed = text.parse::<Timeout>().map(|timeout| timeout.to_string());
            let parsed = parsed.as_deref().map_err(String::as_str);
            assert_eq!(parsed, expected, "{text}");
        }
    }

    #[test]
    fn a_span_is_shown_as_it_was_said() {
        let day: Span = "24h".parse().unwrap();
        assert_eq!(day.to_string(), "24h");
        assert_eq!(day.duration, Duration::from_secs(86_400));
        for wrong in ["yesterday", "24", ""] {
            let error = wrong.parse::<Span>().unwrap_err();
            assert!(error.contains("such as 30s"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_type_is_a_name_and_perhaps_a_version() {
        let plain: ActivityName = "resize".parse().unwrap();
        assert_eq!((plain.name.as_str(), plain.version), ("resize", None));
        let full: ActivityName = "resize/2.0".parse().unwrap();
        assert_eq!(full.to_string(), "resize/2.0");
        assert_eq!(full.version.as_deref(), Some("2.0"));
        for wrong in ["", "/", "resize/", "/2", "a/b/c"] {
            assert!(wrong.parse::<ActivityName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_input_is_json_unless_it_is_raw() {
        let source = InputSource::Text(" {\"a\": 1.50}\n".to_owned());
        assert_eq!(source.read(false).unwrap(), "{\"a\": 1.50}");
        assert_eq!(source.read(true).unwrap(), " {\"a\": 1.50}\n");
        let words = InputSource::Text("hello".to_owned());
        let problem = words.read(false).unwrap_err();
        assert!(problem.to_string().contains("not JSON"), "{problem}");
        assert_eq!(words.read(true).unwrap(), "hello");
        assert_eq!("-".parse(), Ok(InputSource::Stdin));
        assert_eq!("@a".parse(), Ok(InputSource::File("a".into())));
    }
}
