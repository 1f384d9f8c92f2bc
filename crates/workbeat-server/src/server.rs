//! The server as its user sees it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::error::{ServerError, ServerErrorKind};
use crate::faults::{Denial, Faults};
use crate::http::accept;
use crate::listen::ListenAddress;
use crate::options::Options;
use crate::service::{Mark, Shared, tick};
use crate::store::NotKept;

/// An SWF-compatible server in this process.
///
/// It serves until it is stopped or dropped. [`stop`](Self::stop) is graceful; dropping it
/// closes every connection where it stands.
///
/// # Time
///
/// It goes by the machine's clock, and [`advance`](Self::advance) skips some of it. A test
/// whose tokio time is paused is not for it: that time flies whenever all wait for a socket,
/// and the server's time with it.
///
/// ```
/// use std::time::Duration;
/// use workbeat_server::LocalServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = LocalServer::builder().start().await?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
///
/// // Point an AWS SDK at `server.url()`; then a day passes at once.
/// let before = server.advance(Duration::ZERO).await?;
/// let after = server.advance(Duration::from_secs(24 * 60 * 60)).await?;
/// assert!(after.duration_since(before)? >= Duration::from_secs(24 * 60 * 60));
/// server.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct LocalServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    warning: Option<String>,
    /// Fired to close what a graceful stop waits for.
    abort: CancellationToken,
    /// Fired when nothing is left.
    done: CancellationToken,
    running: AbortOnDropHandle<()>,
}

impl LocalServer {
    /// A server on loopback, on a port of the system's choice: for tests.
    ///
    /// [`Options::default`] listens where the command does.
    pub fn builder() -> Options {
        Options::default().listen(ListenAddress::ephemeral())
    }

    pub(crate) async fn start(options: Options) -> Result<Self, ServerError> {
        let listener = listen(options.listen).await?;
        let address = listener.local_addr().map_err(|error| {
            let what = "the system does not say which port it gave";
            ServerError::new(ServerErrorKind::Listen, what).with_source(error)
        })?;
        let warning = warning(options.listen);
        let (closing, abort, done) = (
            CancellationToken::new(),
            CancellationToken::new(),
            CancellationToken::new(),
        );
        let grace = options.stop_grace;
        let shared = Arc::new(share(options, closing).await?);
        let run = run(shared.clone(), listener, abort.clone(), done.clone(), grace);
        let running = AbortOnDropHandle::new(tokio::spawn(run));
        tracing::debug!(%address, "listening");
        Ok(Self {
            shared,
            address,
            warning,
            abort,
            done,
            running,
        })
    }

    /// Where it listens, as an endpoint URL for an AWS SDK.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What the person who started it should know: that others than this machine can connect.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// Skips time: every timer and timeout up to then fires in order. Answers the new time.
    ///
    /// Parked polls are held no longer than on SWF, so a skip of a minute ends them empty. Nobody
    /// gets beyond the year 9999: a skip that is longer ends there.
    ///
    /// # Errors
    ///
    /// The data file cannot be written.
    ///
    /// # Cancel safety
    ///
    /// The time is skipped also if the future is dropped.
    pub async fn advance(&self, by: Duration) -> Result<SystemTime, ServerError> {
        let (mark, now) = self.shared.skip(by);
        self.kept(mark).await?;
        Ok(now.into())
    }

    /// Forgets everything, in every region. Parked polls end empty.
    ///
    /// # Errors
    ///
    /// The data file cannot be written.
    pub async fn reset(&self) -> Result<(), ServerError> {
        let mark = self.shared.reset();
        self.kept(mark).await
    }

    async fn kept(&self, mark: Mark) -> Result<(), ServerError> {
        let kept = self.shared.kept(mark).await;
        kept.map_err(|NotKept| {
            ServerError::new(ServerErrorKind::Data, "the data file cannot be written")
        })
    }

    /// How many long polls wait at present, of both kinds and in all regions.
    ///
    /// A test that wants its worker to be polling before it goes on waits for this.
    #[must_use]
    pub fn parked_polls(&self) -> usize {
        self.shared.parked_polls()
    }

    /// From now on, calls go wrong so often.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.conduct.set_faults(faults);
    }

    /// From now on, answers an operation with `OperationNotPermittedFault`.
    pub fn deny(&self, denial: Denial) {
        self.shared.conduct.deny(denial);
    }

    /// Takes back what [`deny`](Self::deny) or the options denied, in the same form. Answers
    /// whether it was denied.
    pub fn allow(&self, denial: &Denial) -> bool {
        self.shared.conduct.allow(denial)
    }

    /// Stops gracefully: no new connections, parked polls end empty, answers under way are
    /// sent. Returns once nothing is left.
    ///
    /// It waits for clients that do not read their answers for as long as
    /// [`Options::stop_grace`] says. A second call, while the first one waits, closes what is
    /// left at once.
    ///
    /// # Cancel safety
    ///
    /// The server stops also if the future is dropped.
    pub async fn stop(&self) {
        let closing = self.shared.closing();
        if closing.is_cancelled() {
            self.abort.cancel();
        }
        closing.cancel();
        self.done.cancelled().await;
    }
}

impl Drop for LocalServer {
    /// Ends everything where it stands. With a data file it waits, for a moment, until what
    /// was changed is written and the file is free.
    fn drop(&mut self) {
        self.running.abort();
        self.shared.close_file();
    }
}

impl fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Runs the server to its end.
async fn run(
    shared: Arc<Shared>,
    listener: TcpListener,
    abort: CancellationToken,
    done: CancellationToken,
    grace: Duration,
) {
    // Also when this task is aborted: nobody may wait for it then.
    let _done = done.drop_guard();
    let closing = shared.closing();
    let _ticker = AbortOnDropHandle::new(tokio::spawn(tick(shared.clone())));
    let too_long = async {
        closing.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        () = accept(shared.clone(), listener) => {}
        () = too_long => tracing::debug!("connections were closed before they had their answers"),
        () = abort.cancelled() => {}
    }
    // It waits for the disk, which a task of the runtime must not.
    let closed = tokio::task::spawn_blocking(move || shared.close_file()).await;
    debug_assert!(closed.is_ok(), "{closed:?}");
}

/// Makes what the connections share, in a thread that may wait for the disk if it must.
async fn share(options: Options, closing: CancellationToken) -> Result<Shared, ServerError> {
    if options.data.is_none() {
        return Shared::new(&options, closing);
    }
    let made = tokio::task::spawn_blocking(move || Shared::new(&options, closing));
    made.await.unwrap_or_else(|error| {
        let message = "the data file cannot be read: it is damaged";
        Err(ServerError::new(ServerErrorKind::DataFormat, message).with_source(error))
    })
}

async fn listen(address: ListenAddress) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address.socket()).await.map_err(|error| {
        if error.kind() == io::ErrorKind::AddrInUse {
            let message = format!(
                "{address} is in use, perhaps by another such server: stop it, or listen at \
                 another port, such as 127.0.0.1:0 for any that is free"
            );
            ServerError::new(ServerErrorKind::AddressInUse, message).with_source(error)
        } else {
            let message = format!("cannot listen at {address}");
            ServerError::new(ServerErrorKind::Listen, message).with_source(error)
        }
    })
}

fn warning(address: ListenAddress) -> Option<String> {
    (!address.is_loopback()).then(|| {
        format!(
            "{address} can be reached from other machines, and whoever reaches it may do \
             everything: there are no passwords and no encryption"
        )
    })
}
