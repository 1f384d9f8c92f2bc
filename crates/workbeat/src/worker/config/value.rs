//! One value of a configuration, as a file or the environment has it, and what is made of it.

use std::time::Duration;

use super::super::UnknownType;
use super::error::Wrong;
use crate::heartbeat::HeartbeatBudget;
use crate::service::{Timeout, cut, name_fault, utf16_len};

/// The longest timeout that Amazon SWF takes.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// As much of a value as an error shows.
const SHOWN: usize = 80;

const A_DURATION: &str =
    "must be a duration such as \"30s\", \"1m 30s\" or \"100ms\", or a number of seconds";
const A_TIMEOUT: &str = "must be a duration such as \"30s\", \"1m 30s\" or \"100ms\", a number of seconds, or \"none\" for no limit";

/// A value that is no section.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Whole(i128),
    Real(f64),
    Flag(bool),
    List(Vec<Value>),
    /// A section, or a key without a value, where a value should be.
    Other(&'static str),
}

impl Value {
    /// The value as a person would write it, cut where it is long.
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => format!("{:?}", cut(text.clone(), SHOWN)),
            Self::Whole(number) => number.to_string(),
            // In as few digits as it takes: some have three hundred zeros.
            Self::Real(number) => format!("{number:?}"),
            Self::Flag(flag) => flag.to_string(),
            Self::List(values) => {
                let values: Vec<_> = values.iter().map(Self::shown).collect();
                cut(format!("[{}]", values.join(", ")), SHOWN)
            }
            Self::Other(what) => (*what).to_owned(),
        }
    }

    fn wrong(&self, must: impl Into<String>) -> Wrong {
        Wrong {
            value: self.shown(),
            must: must.into(),
        }
    }

    /// The value, a whole number, also if it is written as text.
    fn whole(&self) -> Option<i128> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number of things, of which there is one at least.
    pub(super) fn count(&self) -> Result<usize, Wrong> {
        let count = self.whole().and_then(|number| number.try_into().ok());
        count
            .filter(|count| *count > 0)
            .ok_or_else(|| self.wrong("must be a whole number, 1 or more"))
    }

    /// A count of what there are no more of than 32 bits can say.
    pub(super) fn number(&self) -> Result<u32, Wrong> {
        let number = self.count()?.try_into();
        number.map_err(|_| self.wrong("must be a whole number of at most 4294967295"))
    }

    pub(super) fn priority(&self) -> Result<i32, Wrong> {
        let priority = self.whole().and_then(|number| number.try_into().ok());
        priority.ok_or_else(|| self.wrong("must be a whole number of 32 bits"))
    }

    /// So many a second.
    pub(super) fn rate(&self) -> Result<f64, Wrong> {
        let rate = match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "no rate is so high that it matters"
            )]
            Self::Whole(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        let rate = rate.filter(|rate| HeartbeatBudget::new(*rate).fault().is_none());
        rate.ok_or_else(|| {
            self.wrong("must be a number of heartbeats a second, greater than zero; leave it out to learn one")
        })
    }

    pub(super) fn flag(&self) -> Result<bool, Wrong> {
        let flag = match self {
            Self::Flag(flag) => Some(*flag),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        flag.ok_or_else(|| self.wrong("must be true or false"))
    }

    pub(super) fn text(&self) -> Result<String, Wrong> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            _ => Err(self.wrong("must be text, in quotes")),
        }
    }

    /// A text of up to 1,024 characters.
    pub(super) fn description(&self) -> Result<String, Wrong> {
        let text = self.text()?;
        match utf16_len(&text) {
            0..=1024 => Ok(text),
            length => Err(self.wrong(format!(
                "must not be longer than 1,024 characters, and has {length}"
            ))),
        }
    }

    /// The name of a task list.
    pub(super) fn name(&self) -> Result<String, Wrong> {
        let name = self.text()?;
        match name_fault(&name, 256) {
            Some(fault) => Err(self.wrong(fault)),
            None => Ok(name),
        }
    }

    /// The names of task lists: a list, or a text with commas.
    pub(super) fn names(&self) -> Result<Vec<String>, Wrong> {
        let names = match self {
            Self::List(values) => values.clone(),
            Self::Text(text) => {
                let names = text.split(',').map(|name| name.trim().to_owned());
                names.map(Self::Text).collect()
            }
            _ => Vec::new(),
        };
        if names.is_empty() {
            return Err(
                self.wrong("must name one task list or more, such as [\"video\", \"audio\"]")
            );
        }
        let names = names.iter().map(Self::name);
        names
            .collect::<Result<_, _>>()
            .map_err(|Wrong { value, must }| self.wrong(format!("names {value}, which {must}")))
    }

    pub(super) fn unknown_type(&self) -> Result<UnknownType, Wrong> {
        match self {
            Self::Text(text) if text == "fail" => Ok(UnknownType::Fail),
            Self::Text(text) if text == "leave_to_others" => Ok(UnknownType::LeaveToOthers),
            _ => Err(self.wrong("must be \"fail\" or \"leave_to_others\"")),
        }
    }

    /// A duration that may be zero.
    pub(super) fn duration(&self) -> Result<Duration, Wrong> {
        let duration = match self {
            Self::Whole(seconds) => seconds.to_owned().try_into().ok().map(Duration::from_secs),
            Self::Real(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
            Self::Text(text) => duration(text.trim()),
            _ => None,
        };
        duration.ok_or_else(|| self.wrong(A_DURATION))
    }

    /// A duration that is longer than zero.
    pub(super) fn span(&self) -> Result<Duration, Wrong> {
        let duration = self.duration()?;
        if duration.is_zero() {
            return Err(self.wrong("must be longer than zero"));
        }
        Ok(duration)
    }

    pub(super) fn timeout(&self) -> Result<Timeout, Wrong> {
        match self {
            Self::Text(text) if text.trim().eq_ignore_ascii_case("none") => Ok(Timeout::None),
            _ => match self.duration() {
                Err(_) => Err(self.wrong(A_TIMEOUT)),
                Ok(Duration::ZERO) => Err(self.wrong("must be longer than zero")),
                Ok(long) if long > LONGEST_TIMEOUT => {
                    Err(self.wrong("must be at most \"365days\"; write \"none\" for no limit"))
                }
                Ok(duration) => Ok(Timeout::After(duration)),
            },
        }
    }
}

/// A duration as people write it, or a number of seconds.
fn duration(text: &str) -> Option<Duration> {
    let is_number = text
        .chars()
        .all(|letter| letter.is_ascii_digit() || letter == '.');
    if is_number {
        let seconds = text.parse().ok()?;
        return Duration::try_from_secs_f64(seconds).ok();
    }
    humantime::parse_duration(text).ok()
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Text(humantime::format_duration(duration).to_string())
    }
}

impl From<Timeout> for Value {
    fn from(timeout: Timeout) -> Self {
        match timeout {
            Timeout::After(duration) => duration.into(),
            Timeout::None => "none".to_owned().into(),
        }
    }
}

impl From<UnknownType> for Value {
    fn from(unknown_type: UnknownType) -> Self {
        let text = match unknown_type {
            UnknownType::Fail => "fail",
            UnknownType::LeaveToOthers => "leave_to_others",
        };
        text.to_owned().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Whole(i128::try_from(count).unwrap_or(i128::MAX))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Self::List(texts.into_iter().map(Self::Text).collect())
    }
}
