//! The sides by name, and what they share.

use std::fmt::Write;

use clap::Subcommand;
use tokio::runtime::{Builder, Runtime};
use workbeat::service::TaskToken;

use crate::figures::Figures;
use crate::held::{CancelSide, HeldSide, cancel_side, held_side};
use crate::measure::HeapCount;
#[cfg(feature = "sdk")]
use crate::serve::local_server;
use crate::short::{ShortSide, short_side};
#[cfg(feature = "sdk")]
use crate::wire::{WireSide, stub, wire_side};

pub(crate) use crate::measure::count;

/// One side of a measurement.
#[derive(Debug, Subcommand)]
pub(crate) enum Sides {
    /// Short activities.
    Short(ShortSide),
    /// Activities in flight.
    Held(HeldSide),
    /// Activities that are cancelled.
    Cancel(CancelSide),
    /// Short activities over HTTP.
    #[cfg(feature = "sdk")]
    Wire(WireSide),
    /// A server of canned answers for `wire`.
    #[cfg(feature = "sdk")]
    Stub,
    /// The local server.
    #[cfg(feature = "sdk")]
    LocalServer,
}

impl Sides {
    /// Runs it, and prints its figures.
    pub(crate) fn run(&self, heap: Option<HeapCount>) -> crate::Result<()> {
        let figures: Figures = match self {
            Self::Short(options) => short_side(options, heap)?,
            Self::Held(options) => held_side(options, heap)?,
            Self::Cancel(options) => cancel_side(options)?,
            #[cfg(feature = "sdk")]
            Self::Wire(options) => wire_side(options)?,
            #[cfg(feature = "sdk")]
            Self::Stub => return stub(),
            #[cfg(feature = "sdk")]
            Self::LocalServer => return local_server(),
        };
        println!("{figures}");
        Ok(())
    }
}

/// A runtime with so many threads; with one, the thread that waits.
pub(crate) fn runtime(threads: usize) -> crate::Result<Runtime> {
    let mut builder = match threads {
        0 | 1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    Ok(builder
        .worker_threads(threads.max(1))
        .enable_all()
        .build()?)
}

/// What comes after a token's number.
const REST_OF_TOKEN: &str = "AAAAKgAAAAIAAAAAAAAAAk5vIHRva2VuIG9mIGFueSBzZXJ2aWNlLCBidXQgYXMgbG9uZyBhcyBvbmU6IEFtYXpvbiBTV0YncyBhcmUgYWJvdXQgdGhhdCBsb25nAAAA=";

/// A token of 150 characters.
pub(crate) fn token(number: u64) -> TaskToken {
    let mut token = String::with_capacity(150);
    // To a `String` nothing fails.
    let _ = write!(token, "{number:020}-");
    token.push_str(REST_OF_TOKEN);
    TaskToken::new(token)
}

/// The number in a token.
pub(crate) fn number(token: &TaskToken) -> Option<usize> {
    token.expose().split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_150_characters_and_its_number() {
        let token = token(4_711);
        assert_eq!(token.expose().len(), 150);
        assert_eq!(number(&token), Some(4_711));
    }
}
