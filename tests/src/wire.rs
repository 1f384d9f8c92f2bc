//! A server that answers as it is told and writes down what was sent: for what a client does on
//! the wire.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// A request, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation, without its prefix.
    pub operation: String,
    /// The JSON of its input.
    pub body: serde_json::Value,
    /// When it was read.
    pub at: Instant,
}

/// What is answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reply {
    /// This status, with this body.
    Answer(u16, String),
    /// The same, but so much later.
    After(Duration, u16, String),
    /// Nothing, while the connection stays open.
    Hang,
    /// Nothing, and the connection is closed.
    Close,
}

impl Reply {
    /// Success, with this JSON.
    #[must_use]
    pub fn ok(body: &str) -> Self {
        Self::Answer(200, body.to_owned())
    }

    /// An error of the service.
    #[must_use]
    pub fn fault(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({ "__type": code, "message": message });
        Self::Answer(status, body.to_string())
    }
}

type Script = Box<dyn FnMut(&Request) -> Reply + Send>;

/// The server. It ends when it is dropped.
pub struct Wire {
    url: String,
    shared: Arc<Shared>,
    _running: AbortOnDropHandle<()>,
}

struct Shared {
    script: Mutex<Script>,
    requests: Mutex<Vec<Request>>,
    forgetful: bool,
}

impl Shared {
    fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply(&self, request: Request) -> Reply {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = script(&request);
        if !self.forgetful {
            self.requests().push(request);
        }
        reply
    }
}

impl Wire {
    /// Answers as `script` says.
    ///
    /// # Panics
    ///
    /// When there is no port.
    pub async fn start(script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        Self::serve(Box::new(script), false).await
    }

    /// The same, but nothing of a request is kept: for millions of them.
    ///
    /// # Panics
    ///
    /// When there is no port.
    pub async fn forgetful(script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        Self::serve(Box::new(script), true).await
    }

    async fn serve(script: Script, forgetful: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            requests: Mutex::default(),
            forgetful,
        });
        let running = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self {
            url: format!("http://{address}"),
            shared,
            _running: AbortOnDropHandle::new(running),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests of `operation` so far.
    #[must_use]
    pub fn requests(&self, operation: &str) -> Vec<Request> {
        let requests = self.shared.requests();
        let of_kind = requests
            .iter()
            .filter(|request| request.operation == operation);
        of_kind.cloned().collect()
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.requests(operation).len()
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            // A client that goes away ends its connection.
            let _ = serve(stream, &shared).await;
        });
    }
}

async fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut stream = BufStream::new(stream);
    while let Some(request) = read(&mut stream).await? {
        let (status, body) = match shared.reply(request) {
            Reply::Answer(status, body) => (status, body),
            Reply::After(wait, status, body) => {
                tokio::time::sleep(wait).await;
                (status, body)
            }
            Reply::Hang => std::future::pending().await,
            Reply::Close => return Ok(()),
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} Scripted\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.flush().await?;
    }
    Ok(())
}

async fn read(stream: &mut BufStream<TcpStream>) -> std::io::Result<Option<Request>> {
    let (mut operation, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            continue; // the request line
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "x-amz-target" => {
                let name = value.rsplit('.').next().unwrap_or_default();
                operation = name.trim().to_owned();
            }
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Request {
        operation,
        body: serde_json::from_slice(&body).unwrap_or_default(),
        at: Instant::now(),
    }))
}
