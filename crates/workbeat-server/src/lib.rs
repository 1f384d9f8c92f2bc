//! An SWF-compatible server for one machine.

mod control;
mod error;
mod faults;
mod http;
mod listen;
mod options;
mod server;
mod service;

pub use error::{ServerError, ServerErrorKind};
pub use faults::{Denial, Faults, ParseOptionError};
pub use listen::ListenAddress;
pub use options::Options;
pub use server::LocalServer;
