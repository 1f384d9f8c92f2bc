//! What the server does wrong on purpose, so that a client's hard cases come on demand.

mod denial;
mod dice;
mod parse_error;
mod rates;

pub use denial::Denial;
pub(crate) use denial::Denials;
pub(crate) use dice::{Dice, Fate};
pub use parse_error::ParseOptionError;
pub use rates::Faults;
