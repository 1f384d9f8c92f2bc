//! The server without a socket: only for the fuzz targets, which build it with `cfg(fuzzing)`.

use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::error::ServerError;
use crate::http::serve;
use crate::options::Options;
use crate::service::Shared;

/// A server that nobody can connect to: its connections are given to it.
#[derive(Debug)]
pub struct Unlistened(Arc<Shared>);

impl Unlistened {
    /// A server with these options, of which the address is not used.
    ///
    /// # Errors
    ///
    /// The data file cannot be read.
    pub fn new(options: &Options) -> Result<Self, ServerError> {
        let shared = Shared::new(options, CancellationToken::new())?;
        Ok(Self(Arc::new(shared)))
    }

    /// Applies an operation, so that something is there.
    pub fn call(&self, operation: &str, input: &Value) {
        let _ = self.0.call("us-east-1", operation, input);
    }

    /// Serves one connection to its end.
    pub async fn serve<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) {
        let place = self.0.room.enter().await;
        serve(self.0.clone(), stream, place).await;
    }

    /// Stops it: its connections end after the answer that is under way.
    pub fn stop(&self) {
        self.0.closing().cancel();
    }
}
