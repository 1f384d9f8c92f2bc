//! The same activity on Amazon SWF itself, if credentials are there, or on a local server: one
//! setting says where.
//!
//! ```sh
//! AWS_PROFILE=mine AWS_REGION=eu-central-1 \
//!     cargo run --release --package workbeat-examples-aws --bin on_aws -- media pictures
//! WORKBEAT_ENDPOINT=http://127.0.0.1:7100 \
//!     cargo run --release --package workbeat-examples-aws --bin on_aws -- media pictures
//! ```
//!
//! polls the task list `pictures` of the domain `media`, both of which it makes if they are not
//! there, until Ctrl-C. Any decider may schedule `thumbnails 1.0`, and so does the command, with
//! `--aws` on Amazon SWF and without on the local server:
//!
//! ```sh
//! cargo run --release --package workbeat-cli -- start thumbnails --aws \
//!     --domain media --task-list pictures --input '["a.jpg", "b.jpg", "c.jpg"]'
//! ```
//!
//! On AWS it needs the permissions that `docs/amazon-swf.md` lists: those of a worker, of types
//! that register themselves, and of `register_domain`. `AWS_ENDPOINT_URL_SWF` and its like say
//! where AWS is, as they do for the AWS CLI.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_sdk_swf::Client;
use workbeat::prelude::*;
use workbeat_examples_aws::local_client_at;
use workbeat_swf::{Retention, SwfService, Timeouts};

/// Makes a thumbnail of each picture.
#[activity(
    version = "1.0",
    heartbeat_timeout = "30s",
    start_to_close_timeout = "1h"
)]
async fn thumbnails(pictures: Vec<String>, ctx: ActivityContext) -> Result<usize, ActivityError> {
    for (done, picture) in pictures.iter().enumerate() {
        ctx.until_stopped(shrink(picture)).await?;
        ctx.report((done + 1, pictures.len()));
    }
    Ok(pictures.len())
}

/// Stands for work that takes a while.
async fn shrink(_picture: &str) {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    tracing_subscriber::fmt().compact().init();
    let mut arguments = std::env::args().skip(1);
    let domain = arguments.next().unwrap_or_else(|| "workbeat".to_owned());
    let task_list = arguments.next().unwrap_or_else(|| "pictures".to_owned());

    let service = SwfService::builder(client().await, domain)
        .register_domain(Retention::days(1))
        .timeouts(Timeouts::FromType)
        .build();
    let worker = Worker::builder(service)
        .task_list(task_list)
        .activity(Thumbnails)
        .build()?;
    let handle = worker.handle();
    let mut running = tokio::spawn(worker.run());
    let ended = tokio::select! {
        ended = &mut running => ended,
        _ = tokio::signal::ctrl_c() => {
            say("waiting for what runs and for the poll, up to a minute; Ctrl-C again ends at once")?;
            handle.drain();
            tokio::select! {
                ended = &mut running => ended,
                _ = tokio::signal::ctrl_c() => {
                    handle.stop();
                    running.await
                }
            }
        }
    };
    match ended? {
        Ok(report) => {
            say(&report.to_string())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            // What is to be mended stands in the sources.
            writeln!(std::io::stderr().lock(), "{}", explained(&error))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The one setting. All else is the same on both.
async fn client() -> Client {
    match std::env::var("WORKBEAT_ENDPOINT") {
        Ok(url) => local_client_at(&url),
        Err(_) => aws_client().await,
    }
}

/// Credentials, region and endpoint as the AWS CLI finds them.
async fn aws_client() -> Client {
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
            aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .load()
        .await;
    Client::new(&config)
}

fn explained(error: &dyn Error) -> String {
    let levels = std::iter::successors(Some(error), |&error| error.source());
    let levels: Vec<_> = levels.map(ToString::to_string).collect();
    levels.join("\n  because: ")
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}
