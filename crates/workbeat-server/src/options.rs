//! How a server is set up.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::ServerError;
use crate::faults::{Denial, Faults};
use crate::host::HostName;
use crate::listen::ListenAddress;
use crate::server::LocalServer;

/// All that can be chosen about a [`LocalServer`].
///
/// What a command line gives as text is read by the types' `FromStr`: [`ListenAddress`],
/// [`HostName`], [`Denial`], [`Faults`].
///
/// ```
/// use std::time::Duration;
/// use workbeat_server::Options;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Options::default()
///     .listen("127.0.0.1:0".parse()?)
///     .poll_hold(Duration::from_secs(5))
///     .deny("PollForActivityTask:video".parse()?)
///     .faults("throttle=0.1,latency=50ms".parse()?)
///     .start()
///     .await?;
/// println!("listening on {}", server.url());
/// server.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "`start` makes the server"]
pub struct Options {
    pub(crate) listen: ListenAddress,
    pub(crate) data: Option<PathBuf>,
    pub(crate) poll_hold: Duration,
    pub(crate) denials: Vec<Denial>,
    pub(crate) faults: Faults,
    pub(crate) seed: Option<u64>,
    pub(crate) allowed_hosts: Vec<HostName>,
    pub(crate) max_connections: usize,
    pub(crate) request_timeout: Duration,
    pub(crate) stop_grace: Duration,
}

impl Options {
    /// Where to listen. By default `127.0.0.1:7100`, which only this machine can reach.
    ///
    /// The server asks nobody for a password: listen elsewhere only if everybody who can
    /// reach the address may do everything. [`LocalServer::warning`] says so too.
    pub fn listen(mut self, address: ListenAddress) -> Self {
        self.listen = address;
        self
    }

    /// The file that keeps the state, made if it is not there. By default there is none, and
    /// the state goes with the server.
    ///
    /// What an answer acknowledged is in the file before the answer is sent, so it survives
    /// the end of the process in whatever way.
    pub fn data(mut self, file: impl Into<PathBuf>) -> Self {
        self.data = Some(file.into());
        self
    }

    /// How long a poll waits for a task before it ends empty. By default 60 s, as on SWF.
    pub fn poll_hold(mut self, hold: Duration) -> Self {
        self.poll_hold = hold;
        self
    }

    /// Denies an operation, besides those that are denied already.
    pub fn deny(mut self, denial: Denial) -> Self {
        self.denials.push(denial);
        self
    }

    /// How often calls go wrong. By default none does.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Where run ids, task tokens and faults come from: the same seed and the same calls give
    /// the same ones again. By default another one for each server.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// A name that clients may call the server by, besides those that were allowed already.
    /// By default it answers to `localhost`, to names under it, and to every IP address.
    ///
    /// Any other name could have been bound to this machine by somebody whose web page the user
    /// looks at, which would make the server part of that page's own site (DNS rebinding).
    /// Where the server is called by its name all the same, as in a network of containers, say
    /// which name that is.
    pub fn allow_host(mut self, name: HostName) -> Self {
        self.allowed_hosts.push(name);
        self
    }

    /// How many connections there can be at a time. By default 4,096.
    ///
    /// When another one comes, or the system has no descriptor left for it, the connection
    /// that the server has waited for the longest is closed: one that is idle, or has not sent
    /// its request as a whole, or does not take its answer. If there is none, the oldest poll
    /// ends empty. What clients have half sent and not taken is bounded in the same way, by
    /// 64 MiB, besides 48 KiB for each connection.
    pub fn max_connections(mut self, most: usize) -> Self {
        self.max_connections = most;
        self
    }

    /// How long the server waits for a client, by default 30 s each time: for the next head of
    /// a request, so that an idle connection is closed after that; for the whole body; and for
    /// the client to take some of its answer.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// How long a stop waits for answers under way. By default 5 s.
    pub fn stop_grace(mut self, grace: Duration) -> Self {
        self.stop_grace = grace;
        self
    }

    /// Starts the server. It serves once this returns.
    ///
    /// It runs in tasks of the runtime that it is called in.
    ///
    /// # Errors
    ///
    /// The address is in use or not this machine's; the data file is in use, is no database,
    /// or cannot be written. The [kind](ServerError::kind) tells them apart.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, nothing is left running.
    pub async fn start(self) -> Result<LocalServer, ServerError> {
        LocalServer::start(self).await
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: ListenAddress::default(),
            data: None,
            poll_hold: Duration::from_secs(60),
            denials: Vec::new(),
            faults: Faults::default(),
            seed: None,
            allowed_hosts: Vec::new(),
            max_connections: 4_096,
            request_timeout: Duration::from_secs(30),
            stop_grace: Duration::from_secs(5),
        }
    }
}
