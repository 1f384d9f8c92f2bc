//! How long a domain keeps what is over.

/// For how many days a domain keeps the histories of closed workflow executions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retention(u8);

impl Retention {
    /// They are gone as soon as they are closed.
    pub const NONE: Self = Self(0);

    /// So many days; Amazon SWF takes up to 90.
    #[must_use]
    pub const fn days(days: u8) -> Self {
        Self(days)
    }

    /// As it stands on the wire.
    pub(crate) fn text(self) -> String {
        match self.0 {
            0 => "NONE".to_owned(),
            days => days.to_string(),
        }
    }
}
