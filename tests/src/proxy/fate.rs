//! What a proxy does to what passes.

use std::time::Duration;

/// A call that is about to pass.
#[derive(Clone, Debug)]
pub struct Passing {
    /// The number of its connection, from 1.
    pub connection: usize,
    /// The operation, without its prefix.
    pub operation: String,
    /// How many calls of this operation there were, this one included.
    pub nth: usize,
}

/// One of the two messages of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Way {
    /// What the client sends.
    Request,
    /// What the server sends.
    Answer,
}

/// A place in a message, in bytes. What is before it still passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// So many after its beginning.
    After(usize),
    /// So many before its end.
    BeforeEnd(usize),
}

impl Cut {
    /// Where that is in a message of `length` bytes. A message is never cut at its end.
    pub(super) fn within(self, length: usize) -> usize {
        let at = match self {
            Self::After(bytes) => bytes,
            Self::BeforeEnd(bytes) => length.saturating_sub(bytes),
        };
        at.min(length.saturating_sub(1))
    }
}

/// What happens there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// The connection is reset.
    Reset,
    /// The connection is closed.
    Close,
    /// The rest comes byte by byte, each so much later.
    Trickle(Duration),
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// In which of its messages something happens.
    pub way: Way,
    /// Where in it.
    pub cut: Cut,
    /// What happens.
    pub trouble: Trouble,
}

impl Fate {
    /// This trouble at this place of the request.
    #[must_use]
    pub const fn of_request(cut: Cut, trouble: Trouble) -> Self {
        let way = Way::Request;
        Self { way, cut, trouble }
    }

    /// This trouble at this place of the answer.
    #[must_use]
    pub const fn of_answer(cut: Cut, trouble: Trouble) -> Self {
        let way = Way::Answer;
        Self { way, cut, trouble }
    }

    /// Nothing of the answer comes, and the connection stays open.
    #[must_use]
    pub const fn swallowed() -> Self {
        Self::of_answer(Cut::After(0), Trouble::Stall)
    }
}

/// What becomes of a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Greeting {
    /// It is served.
    Serve,
    /// It is accepted, and nothing that comes is ever read.
    Stall,
    /// It is reset at once.
    Reset,
}
