//! What can go wrong, in words, and the exit codes.

use std::fmt;

/// What stood in the way of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// The command line or the input is wrong.
    Usage,
    /// There is no such execution, type or domain.
    NotFound,
    /// The service cannot be reached, or is unavailable.
    Unreachable,
    /// Not permitted, or no credentials.
    NotPermitted,
    /// The service refused for another reason, or could not.
    Refused,
    /// The user left with Ctrl-C.
    Interrupted,
}

/// The exit codes, all of them, as the help explains them.
#[cfg(test)]
pub(crate) const EXIT_CODES: [u8; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130];

impl ProblemKind {
    /// The process's exit code.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Unreachable => 6,
            Self::NotPermitted => 7,
            Self::Refused => 9,
            Self::Interrupted => 130,
        }
    }

    /// Its name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::NotFound => "notFound",
            Self::Unreachable => "unreachable",
            Self::NotPermitted => "notPermitted",
            Self::Refused => "refused",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What happened, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Which kind: it decides the exit code.
    pub(crate) kind: ProblemKind,
    /// What happened.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hint: Option<String>,
}

impl Problem {
    /// A problem with what to do next.
    pub(crate) fn new(
        kind: ProblemKind,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: Some(hint.into()),
        }
    }

    /// The command line or the input is wrong.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ProblemKind::Usage, message, hint)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}
