//! What can be wrong with a value of the configuration.

use std::error::Error;
use std::fmt;

use crate::chain;

/// A variable or a field of a [`WorkerConfig`](super::WorkerConfig) that is not known or has no
/// good value, and how to mend it.
///
/// It names the variable, or the field by its path, and shows the value.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    place: String,
    what: What,
}

/// What is wrong there.
#[derive(Clone, PartialEq, Eq)]
enum What {
    Value(Wrong),
    Unknown {
        nearest: Option<String>,
        known: Vec<String>,
    },
    Key,
    Twice,
}

/// A value that will not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The value as a person would write it.
    pub(super) value: String,
    /// What it must be: the rest of a sentence that begins with "it".
    pub(super) must: String,
}

impl ConfigError {
    pub(super) fn value(place: impl Into<String>, wrong: Wrong) -> Self {
        let place = place.into();
        let what = What::Value(wrong);
        Self { place, what }
    }

    /// There is no such setting; there are those that `known` names, and one of them is near.
    pub(super) fn unknown(
        place: impl Into<String>,
        nearest: Option<String>,
        known: Vec<String>,
    ) -> Self {
        let place = place.into();
        let what = What::Unknown { nearest, known };
        Self { place, what }
    }

    /// The key of a section that names no activity type.
    pub(super) fn key(place: impl Into<String>) -> Self {
        let place = place.into();
        let what = What::Key;
        Self { place, what }
    }

    pub(super) fn twice(place: impl Into<String>) -> Self {
        let place = place.into();
        let what = What::Twice;
        Self { place, what }
    }

    /// Where the mistake is: the name of the variable, or the path of the field, such as
    /// `activities."encode:1.0".heartbeat_timeout`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        match &self.what {
            What::Value(Wrong { value, must }) => write!(f, "`{place}` is {value}; it {must}"),
            What::Unknown { nearest, known } => {
                let known = known.join(", ");
                match nearest {
                    Some(nearest) => write!(
                        f,
                        "there is no setting `{place}`; did you mean `{nearest}`? There are: {known}"
                    ),
                    None => write!(f, "there is no setting `{place}`; there are: {known}"),
                }
            }
            What::Key => write!(
                f,
                "`{place}` names no activity type; write its name and version with a colon between them, such as `activities.\"encode:1.0\"`"
            ),
            What::Twice => write!(f, "`{place}` is set twice; leave one out"),
        }
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        chain::debug(self, f)
    }
}

impl Error for ConfigError {}
