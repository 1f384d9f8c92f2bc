//! What the server does wrong on purpose, so that a client's hard cases come on demand.

mod conduct;
mod denial;
mod dice;
mod parse_error;
mod rates;

pub(crate) use conduct::Conduct;
pub use denial::Denial;
pub(crate) use dice::Fate;
pub use parse_error::ParseOptionError;
pub use rates::Faults;
