//! A server in a process of its own, for tests that kill it: `serve FILE`.

#![allow(clippy::print_stdout, reason = "the test reads the URL from here")]

use std::error::Error;
use std::future::pending;

use workbeat_server::LocalServer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("which data file?")?;
    let server = LocalServer::builder().data(file).start().await?;
    println!("{}", server.url());
    pending().await
}
