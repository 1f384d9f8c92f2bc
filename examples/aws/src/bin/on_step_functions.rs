//! The quickstart's activity on AWS Step Functions, or on an emulator of it. Not a line of the
//! activity is another.
//!
//! ```sh
//! AWS_PROFILE=mine AWS_REGION=eu-central-1 \
//!     cargo run --release --package workbeat-examples-aws --bin on_step_functions
//! AWS_ENDPOINT_URL_SFN=http://127.0.0.1:4599 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=any \
//!     AWS_SECRET_ACCESS_KEY=any \
//!     cargo run --release --package workbeat-examples-aws --bin on_step_functions
//! ```
//!
//! makes the activity `pack`, if it is not there, and takes its tasks until Ctrl-C or SIGTERM. The
//! guide, `docs/step-functions.md`, has a state machine for it.

#[path = "../../../src/bin/quickstart/archive.rs"]
#[allow(dead_code, reason = "the quickstart uses more of it")]
mod archive;
#[path = "../../../src/bin/quickstart/files.rs"]
#[allow(dead_code, reason = "the quickstart uses more of it")]
mod files;
#[path = "../../../src/bin/quickstart/manifest.rs"]
mod manifest;
#[path = "../../../src/bin/quickstart/pack.rs"]
#[allow(dead_code, reason = "the quickstart uses more of it")]
mod pack;
#[path = "../../../src/bin/quickstart/partial.rs"]
#[allow(dead_code, reason = "the quickstart uses more of it")]
mod partial;

use std::error::Error;
use std::io::Write;

use aws_config::BehaviorVersion;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use workbeat::prelude::*;
use workbeat_sfn::SfnService;

use pack::Pack;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().compact().init();
    let service = SfnService::builder(client().await)
        .create_activities()
        .build();
    let worker = Worker::builder(service)
        .task_list("pack")
        .activity(Pack)
        .build()?;
    let handle = worker.handle();
    let mut running = tokio::spawn(worker.run());
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = asked_to_stop() => {
            handle.drain();
            running.await
        }
    };
    writeln!(std::io::stdout().lock(), "{}", ended??)?;
    Ok(())
}

/// Credentials, region and endpoint as the AWS CLI finds them.
async fn client() -> aws_sdk_sfn::Client {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .load()
        .await;
    aws_sdk_sfn::Client::new(&config)
}

/// Ctrl-C, or the signal with which supervisors end a program.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
