//! moto's server.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::time::Instant;

use crate::sdk::Server;

/// How long it may take to start.
const LIMIT: Duration = Duration::from_secs(60);

/// Starts it on a free port, and waits until it listens.
pub(super) fn start(program: &Path) -> crate::Result<Server> {
    let free = TcpListener::bind("127.0.0.1:0")?;
    let address: SocketAddr = free.local_addr()?;
    drop(free);
    let mut command = Command::new(program);
    command.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
    let server = Server::program(&mut command, format!("http://{address}"))?;
    let end = Instant::now() + LIMIT;
    while TcpStream::connect_timeout(&address, Duration::from_millis(100)).is_err() {
        if Instant::now() > end {
            return Err(format!("{} does not listen", program.display()).into());
        }
        // A refused connection says so at once.
        std::thread::park_timeout(Duration::from_millis(20));
    }
    Ok(server)
}
