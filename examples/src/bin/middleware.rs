//! Code around activities: it measures, it asks who calls, it decrypts the input. The activity
//! itself knows of none of that, but for the caller's name.
//!
//! ```sh
//! cargo run --release --package workbeat-examples --bin middleware
//! ```

#![allow(clippy::print_stdout, reason = "the screen is what it is for")]

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, Generate, Key, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use workbeat::middleware::{ActivityCall, CallResult, Middleware, Next};
use workbeat::prelude::*;
use workbeat_local::{LocalService, StartActivity};

/// What the activity is given.
#[derive(Debug, Serialize, Deserialize)]
struct Invoice {
    to: String,
    cents: u64,
}

/// What is on the wire instead, and in the service's history.
#[derive(Serialize, Deserialize)]
struct Envelope {
    /// Says who calls.
    api_key: String,
    /// The invoice, encrypted.
    sealed: String,
}

/// Who calls: what the activity may know of it.
struct Caller {
    name: String,
}

#[activity(heartbeat_timeout = "30s")]
async fn pay(invoice: Invoice, ctx: ActivityContext) -> Result<String, ActivityError> {
    let caller = ctx.extension::<Caller>().ok_or("nobody says who calls")?;
    let Invoice { to, cents } = invoice;
    Ok(format!("{} paid {cents} cents to {to}", caller.name))
}

/// The outermost: how long everything took, and how it ended.
struct Timing;

impl Middleware for Timing {
    async fn around(&self, call: ActivityCall, next: Next) -> CallResult {
        let activity = call.ctx.activity_type().name.clone();
        let began = Instant::now();
        let ended = next.run(call).await;
        let how = match &ended {
            Ok(_) => "completed".to_owned(),
            Err(error) => error.to_string(),
        };
        println!(
            "  timing:         {activity} {how}, after {:?}",
            began.elapsed()
        );
        ended
    }
}

/// Lets in whoever has a key, and tells the activity who it is.
struct Authentication {
    names: HashMap<&'static str, &'static str>,
}

impl Middleware for Authentication {
    async fn around(&self, mut call: ActivityCall, next: Next) -> CallResult {
        let input = call.input.as_deref().unwrap_or_default();
        let envelope: Envelope = serde_json::from_str(input)?;
        let Some(name) = self.names.get(&*envelope.api_key) else {
            println!("  authentication: nobody has this key");
            return Err(ActivityError::failed("NOT_AUTHENTICATED"));
        };
        println!("  authentication: it is {name}");
        let name = (*name).to_owned();
        call.ctx.set_extension(Caller { name });
        call.input = Some(envelope.sealed);
        next.run(call).await
    }
}

/// The innermost: opens what the decider has sealed, for the caller and nobody else.
struct Decryption {
    cipher: Arc<XChaCha20Poly1305>,
}

impl Middleware for Decryption {
    async fn around(&self, mut call: ActivityCall, next: Next) -> CallResult {
        let caller = call.ctx.extension::<Caller>();
        let caller = caller.as_ref().map_or("", |caller| &caller.name);
        let sealed = call.input.take().unwrap_or_default();
        let Some(input) = open(&self.cipher, caller, &sealed) else {
            println!("  decryption:     it was not sealed for {caller}");
            return Err(ActivityError::failed("CANNOT_DECRYPT"));
        };
        println!("  decryption:     {} characters of JSON", input.len());
        call.input = Some(input);
        next.run(call).await
    }
}

fn open(cipher: &XChaCha20Poly1305, caller: &str, sealed: &str) -> Option<String> {
    let sealed = STANDARD.decode(sealed).ok()?;
    let (nonce, msg) = sealed.split_at_checked(size_of::<XNonce>())?;
    let nonce = XNonce::try_from(nonce).ok()?;
    let aad = caller.as_bytes();
    let input = cipher.decrypt(&nonce, Payload { msg, aad }).ok()?;
    String::from_utf8(input).ok()
}

/// What the decider does.
fn seal(cipher: &XChaCha20Poly1305, caller: &str, input: &str) -> Result<String, Box<dyn Error>> {
    let nonce = XNonce::generate();
    let (msg, aad) = (input.as_bytes(), caller.as_bytes());
    let sealed = cipher.encrypt(&nonce, Payload { msg, aad });
    let sealed = sealed.map_err(|_| "it cannot be encrypted")?;
    Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let cipher = Arc::new(XChaCha20Poly1305::new(&Key::<XChaCha20Poly1305>::generate()));
    let service = LocalService::new();
    let worker = Worker::builder(service.clone())
        .task_list("payments")
        .activity(Pay)
        // The first is the outermost.
        .middleware(Timing)
        .middleware(Authentication {
            names: HashMap::from([("key-of-ann", "Ann"), ("key-of-bob", "Bob")]),
        })
        .middleware(Decryption {
            cipher: Arc::clone(&cipher),
        })
        .build()?;
    let handle = worker.handle();
    let running = tokio::spawn(worker.run());

    let invoice = Invoice {
        to: "the printer".to_owned(),
        cents: 1_995,
    };
    let json = serde_json::to_string(&invoice)?;
    for (title, api_key) in [
        ("1. Ann pays", "key-of-ann"),
        ("2. Somebody with a key that is none", "key-of-eve"),
        ("3. Bob sends what was sealed for Ann", "key-of-bob"),
    ] {
        println!("{title}");
        let envelope = Envelope {
            api_key: api_key.to_owned(),
            sealed: seal(&cipher, "Ann", &json)?,
        };
        let start = StartActivity::of(&Pay, &invoice)?.input(&envelope)?;
        let outcome = service.start(start.task_list("payments"))?.outcome().await;
        match outcome.result::<String>() {
            Ok(said) => println!("  the decider:    it completed: {said}\n"),
            Err(_) => println!("  the decider:    it {outcome}\n"),
        }
    }

    handle.drain();
    println!("{}", running.await??);
    Ok(())
}
