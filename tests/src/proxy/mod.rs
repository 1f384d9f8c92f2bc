//! A TCP proxy between a client and a server, in which the network goes wrong as it is told: by
//! connection, by operation, in either direction, after so many bytes.

mod connection;
mod fate;
mod message;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use fate::{Cut, Fate, Greeting, Passing, Trouble, Way};

use crate::millis;
use message::Message;

/// Below the ports that systems give out, for two reasons: a proxy that is away must get its port
/// back, and a client that connects to a free port of theirs can be connected to itself.
const PORTS: std::ops::Range<u16> = 12_000..30_000;

/// One call, as it passed.
#[derive(Clone, Debug)]
pub struct Passed {
    /// The number of its connection.
    pub connection: usize,
    /// The operation, without its prefix.
    pub operation: String,
    /// The JSON of its input.
    pub input: Value,
    /// Whether the server was sent all of the request.
    pub reached: bool,
    /// The status and the JSON that the server answered with.
    pub answer: Option<(u16, Value)>,
    /// Whether the client was sent all of the answer.
    pub delivered: bool,
}

impl Passed {
    /// Whether the server did what was asked for.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.answer
            .as_ref()
            .is_some_and(|(status, _)| *status == 200)
    }
}

type Script = Box<dyn FnMut(&Passing) -> Option<Fate> + Send>;
type Greet = Box<dyn FnMut(usize) -> Greeting + Send>;

/// The proxy. It ends when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Whether it should listen, and whether it does.
    listening: watch::Sender<bool>,
    listens: watch::Receiver<bool>,
    _running: AbortOnDropHandle<()>,
}

struct Shared {
    server: SocketAddr,
    script: Mutex<Script>,
    greet: Mutex<Greet>,
    passed: Mutex<Vec<Passed>>,
    /// Whether anything passes at all.
    open: watch::Sender<bool>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Proxy {
    /// A proxy before `server`, in which nothing goes wrong yet.
    pub async fn start(server: SocketAddr) -> Self {
        let listener = anywhere().await;
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            server,
            script: Mutex::new(Box::new(|_| None)),
            greet: Mutex::new(Box::new(|_| Greeting::Serve)),
            passed: Mutex::default(),
            open: watch::Sender::new(true),
        });
        let (listening, wanted) = watch::channel(true);
        let (says, listens) = watch::channel(true);
        let running = tokio::spawn(listen(Arc::clone(&shared), listener, wanted, says));
        Self {
            address,
            shared,
            listening,
            listens,
            _running: AbortOnDropHandle::new(running),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this says what becomes of each call.
    pub fn script(&self, script: impl FnMut(&Passing) -> Option<Fate> + Send + 'static) {
        *lock(&self.shared.script) = Box::new(script);
    }

    /// From now on the next `times` calls of `operation` go wrong like this, and no others.
    pub fn trouble(&self, operation: &'static str, times: usize, fate: Fate) {
        let mut left = times;
        self.script(move |passing| {
            let hit = passing.operation == operation && left > 0;
            left -= usize::from(hit);
            hit.then_some(fate)
        });
    }

    /// From now on this says what becomes of each new connection, by its number.
    pub fn greet(&self, greet: impl FnMut(usize) -> Greeting + Send + 'static) {
        *lock(&self.shared.greet) = Box::new(greet);
    }

    /// Resets every connection and refuses new ones.
    pub async fn vanish(&self) {
        self.listen(false).await;
    }

    /// Listens again, where it did.
    pub async fn come_back(&self) {
        self.listen(true).await;
    }

    async fn listen(&self, wanted: bool) {
        self.listening.send_replace(wanted);
        let mut listens = self.listens.clone();
        let reached = listens.wait_for(|listens| *listens == wanted).await;
        reached.expect("the proxy runs");
    }

    /// Lets nothing pass any more: connections come about, and what is sent is kept.
    pub fn hold(&self) {
        self.shared.open.send_replace(false);
    }

    /// Lets pass what was kept, and all that follows.
    pub fn release(&self) {
        self.shared.open.send_replace(true);
    }

    /// The calls so far.
    #[must_use]
    pub fn passed(&self) -> Vec<Passed> {
        lock(&self.shared.passed).clone()
    }

    /// The calls of `operation` so far.
    #[must_use]
    pub fn calls(&self, operation: &str) -> Vec<Passed> {
        let mut passed = self.passed();
        passed.retain(|passed| passed.operation == operation);
        passed
    }

    /// How many calls of `operation` there were.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        let passed = lock(&self.shared.passed);
        let of_it = passed.iter().filter(|it| it.operation == operation);
        of_it.count()
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Notes a request. Gives its number, and what becomes of it.
    fn begin(&self, connection: usize, request: &Message) -> (usize, Option<Fate>) {
        let operation = request.operation();
        let mut passed = lock(&self.passed);
        let passing = Passing {
            connection,
            nth: 1 + passed.iter().filter(|it| it.operation == operation).count(),
            operation: operation.clone(),
        };
        passed.push(Passed {
            connection,
            operation,
            input: request.json(),
            reached: false,
            answer: None,
            delivered: false,
        });
        let number = passed.len() - 1;
        drop(passed);
        (number, lock(&self.script)(&passing))
    }

    fn note(&self, number: usize, change: impl FnOnce(&mut Passed)) {
        change(&mut lock(&self.passed)[number]);
    }

    /// Waits until something may pass.
    async fn open(&self) {
        let mut open = self.open.subscribe();
        // The sender lives as long as `self`.
        let _ = open.wait_for(|open| *open).await;
    }
}

async fn anywhere() -> TcpListener {
    loop {
        let port = fastrand::u16(PORTS);
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await {
            return listener;
        }
    }
}

async fn listen_again(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            // Somebody else took it meanwhile.
            Err(_) => tokio::time::sleep(millis(20)).await,
        }
    }
}

async fn listen(
    shared: Arc<Shared>,
    listener: TcpListener,
    mut wanted: watch::Receiver<bool>,
    says: watch::Sender<bool>,
) {
    let address = listener.local_addr().expect("an address");
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    let mut gone = CancellationToken::new();
    let mut number = 0;
    loop {
        let listening = *wanted.borrow_and_update();
        match (&listener, listening) {
            (Some(_), false) => {
                listener = None;
                std::mem::take(&mut gone).cancel();
                while connections.join_next().await.is_some() {}
            }
            (None, true) => listener = Some(listen_again(address).await),
            _ => {}
        }
        says.send_replace(listening);
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = wanted.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            accepted = accepted => {
                let Ok((client, _)) = accepted else { continue };
                number += 1;
                let greeting = lock(&shared.greet)(number);
                let (shared, gone) = (Arc::clone(&shared), gone.clone());
                connections.spawn(connection::serve(shared, client, number, greeting, gone));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
