//! How far the data file must have come before something may be said.

/// A place in the order of changes. What saw the changes up to it is sent once they are
/// in the data file; without a data file it means nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(pub(crate) u64);
