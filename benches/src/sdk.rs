//! The AWS SDK against servers of this machine, each in a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::{BehaviorVersion, Config, Credentials, Region};

use crate::measure::{Side, cpu_of_process};

/// A client as anybody would make one; only the endpoint is special.
pub(crate) fn client(url: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

/// A server. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// A side that serves: it says its URL on its first line.
    pub(crate) fn side(name: &str) -> crate::Result<Self> {
        let mut command = Side::new(name).command(std::env::current_exe()?);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child
            .stdout
            .take()
            .ok_or("the server's output is missing")?;
        let mut server = Self {
            child,
            url: String::new(),
        };
        BufReader::new(stdout).read_line(&mut server.url)?;
        server.url.truncate(server.url.trim_end().len());
        if server.url.is_empty() {
            return Err(format!("the server `{name}` did not start").into());
        }
        Ok(server)
    }

    /// Another program, which will listen at `url`.
    pub(crate) fn program(command: &mut Command, url: String) -> crate::Result<Self> {
        let quiet = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = quiet.spawn()?;
        Ok(Self { child, url })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How much processor time it has used.
    pub(crate) fn cpu(&self) -> crate::Result<Duration> {
        cpu_of_process(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
