//! A codec that compresses: a result that the service would not take fits, and neither the activity
//! nor its input's type knows.
//!
//! ```sh
//! cargo run --release --package workbeat-examples --bin compression
//! ```

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

use std::error::Error;
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use workbeat::codec::{Codec, CodecError, Failure};
use workbeat::prelude::*;
use workbeat_local::{LocalService, StartActivity};

/// JSON, deflated, in base64 because payloads are text.
struct Deflated;

/// What a payload may become: a few hundred bytes can inflate to gigabytes.
const LARGEST: u64 = 16 * 1024 * 1024;

impl Codec for Deflated {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        inflate(&payload)
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        deflate(&json)
    }

    // The reason stays: deciders branch on it. Details come here whole, and again shorter if what
    // this makes of them is too long.
    fn encode_failure(&self, failure: Failure) -> Result<Failure, CodecError> {
        let details = failure.details.as_deref().map(deflate).transpose()?;
        let encoded = Failure::new(failure.reason);
        Ok(match details {
            Some(details) => encoded.with_details(details),
            None => encoded,
        })
    }

    fn encode_cancel_details(&self, details: String) -> Result<String, CodecError> {
        deflate(&details)
    }
}

fn deflate(text: &str) -> Result<String, CodecError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(text.as_bytes());
    let deflated = written.and_then(|()| encoder.finish());
    let deflated =
        deflated.map_err(|error| CodecError::new("it does not deflate").with_source(error))?;
    Ok(STANDARD.encode(deflated))
}

fn inflate(payload: &str) -> Result<String, CodecError> {
    let deflated = STANDARD
        .decode(payload)
        .map_err(|error| CodecError::new("it is no base64").with_source(error))?;
    let mut text = String::new();
    let mut decoder = DeflateDecoder::new(&*deflated).take(LARGEST + 1);
    decoder
        .read_to_string(&mut text)
        .map_err(|error| CodecError::new("it does not inflate").with_source(error))?;
    if text.len() as u64 > LARGEST {
        return Err(CodecError::new("it inflates to more than 16 MiB"));
    }
    Ok(text)
}

/// A line of a stock-taking.
#[derive(Serialize, Deserialize)]
struct Line {
    shelf: u32,
    article: String,
    pieces: u32,
}

/// Counts what is on the shelves.
#[activity(heartbeat_timeout = "30s")]
async fn take_stock(shelves: Vec<u32>) -> Result<Vec<Line>, ActivityError> {
    let line = |shelf: u32| Line {
        shelf,
        article: format!("article no. {}", shelf * 7_919 % 100_000),
        pieces: shelf % 12,
    };
    Ok(shelves.into_iter().map(line).collect())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let service = LocalService::new();
    // Two workers with the same activity, and a task list for each.
    let plain = Worker::builder(service.clone())
        .task_list("plain")
        .activity(TakeStock)
        .build()?;
    let deflated = Worker::builder(service.clone())
        .task_list("deflated")
        .activity(TakeStock)
        .codec(Deflated)
        .build()?;
    let handles = [plain.handle(), deflated.handle()];
    let running = [tokio::spawn(plain.run()), tokio::spawn(deflated.run())];

    let shelves: Vec<u32> = (1..=2_500).collect();
    let json = serde_json::to_string(&shelves)?;
    println!("1. JSON as it is");
    println!("  the input has {} characters", json.len());
    let start = StartActivity::of(&TakeStock, &shelves)?.task_list("plain");
    let outcome = service.start(start)?.outcome().await;
    println!("  it {outcome}");

    println!("\n2. Deflated");
    let payload = deflate(&json)?;
    println!("  the input has {} characters", payload.len());
    let start = StartActivity::of(&TakeStock, &shelves)?.raw_input(payload);
    let outcome = service.start(start.task_list("deflated"))?.outcome().await;
    let result = outcome.raw_result().ok_or("it has a result")?;
    println!(
        "  it {outcome}, and the result has {} characters",
        result.len()
    );
    let json = inflate(result)?;
    let lines: Vec<Line> = serde_json::from_str(&json)?;
    println!(
        "  which are {} characters of JSON: {} lines",
        json.len(),
        lines.len()
    );

    println!("\n3. To the worker that deflates, what is not deflated");
    let start = StartActivity::of(&TakeStock, &shelves)?.task_list("deflated");
    let outcome = service.start(start)?.outcome().await;
    println!("  it {outcome}");
    println!(
        "  details: {}",
        inflate(outcome.details().unwrap_or_default())?
    );

    handles.iter().for_each(workbeat::WorkerHandle::drain);
    for running in running {
        println!("\n{}", running.await??);
    }
    Ok(())
}
