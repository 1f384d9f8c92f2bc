//! What went wrong, how to mend it, and the number that the program then ends with.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// A reason to end early: what is wrong, and what the person can do about it.
#[derive(Debug)]
pub(crate) struct Mistake {
    what: String,
    mend: String,
    code: u8,
}

impl Mistake {
    /// What was typed is wrong.
    pub(crate) fn usage(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::new(2, what, mend)
    }

    /// The work cannot be done.
    pub(crate) fn failed(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::new(1, what, mend)
    }

    /// Somebody pressed Ctrl-C. 130 is what a shell shows for that.
    pub(crate) fn interrupted(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::new(130, what, mend)
    }

    fn new(code: u8, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: mend.into(),
            code,
        }
    }

    /// What the program ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "quickstart: {}\n  {}", self.what, self.mend)
    }
}

/// What an error says, and what lies below it.
pub(crate) fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text += &format!(": {source}");
        next = source.source();
    }
    text
}
