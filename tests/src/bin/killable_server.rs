//! A server in a process of its own, which a test can kill: `killable_server ADDRESS FILE`.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use workbeat_server::LocalServer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("an address and a file".into());
    };
    let server = LocalServer::builder()
        .listen(address.parse()?)
        .poll_hold(Duration::from_millis(200))
        .data(file)
        .start()
        .await?;
    writeln!(std::io::stdout(), "{}", server.url())?;
    std::future::pending().await
}
