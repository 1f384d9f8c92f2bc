//! Payloads of any size for [`workbeat`]'s workers.
//!
//! Amazon SWF takes 32,768 characters of an input or a result, and 2,048 of progress. With a claim
//! check, what is longer is stored elsewhere, and a small [`Reference`] takes its place, which a
//! decider in any language can follow.
//!
//! [`ClaimCheck`] is a service around another; [`Payloads`] is the store with what it is to do;
//! [`PayloadStore`] is what a store must be able to do.
//!
//! ```
//! use workbeat::prelude::*;
//! use workbeat_claim_check::{ClaimCheck, ObjectStorePayloads, Payloads};
//!
//! fn worker(
//!     service: impl workbeat::ActivityService,
//!     folder: &str,
//! ) -> Result<Worker, Box<dyn std::error::Error>> {
//!     let payloads = Payloads::new(ObjectStorePayloads::in_folder(folder)?);
//!     let service = ClaimCheck::new(service, payloads);
//!     Ok(Worker::builder(service).task_list("films").activity_fn("cut", "1.0", cut).build()?)
//! }
//!
//! async fn cut(scenes: Vec<String>) -> Result<String, ActivityError> {
//!     Ok(scenes.concat()) // however long
//! }
//! ```
//!
//! # References
//!
//! A payload that is stored is replaced by this, on the wire and so in the history:
//!
//! ```json
//! {"workbeat.claim-check":1,"sha256":"2cf24d…9824","size":5}
//! ```
//!
//! [`Reference`] says what the members mean. The payload is under the digest in the store, with `.gz`
//! behind it if it is compressed, and under the prefix of the store if it has one. Whoever reads it
//! checks length and digest. A payload that looks like a reference by itself is stored too, whatever
//! its size, so that what is read is always what was written.
//!
//! # A codec
//!
//! A [codec](workbeat::codec) is on the inner side: what it has encoded is stored, and what is fetched
//! it decodes. So a codec that encrypts encrypts what is stored; but progress goes through no codec.
//!
//! # What stays in the store
//!
//! Nothing is ever deleted by this crate: a history may be read for as long as the service keeps it.
//! Let the store delete what is older than the longest workflow and its retention. What a task
//! does not use any more is [counted](Counts).
//!
//! # Features
//!
//! All of them are off by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `gzip` | compressed payloads: `Payloads::gzip`, and reading what others have compressed |
//! | `object-store` | `ObjectStorePayloads`: a folder, memory, or another store of the crate `object_store` |
//!
//! Amazon S3 is a store of `object_store` that its own feature `aws` turns on, in your manifest: with
//! it come an HTTP client and TLS, which are yours to choose.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
// What reaches a program from outside must not bring it down: what could panic says why it does not.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable
    )
)]

mod counts;
mod encoding;
mod error;
mod payloads;
mod progress;
mod recent;
mod reference;
mod service;
mod store;
mod uploads;

/// Put this on an `impl` of [`PayloadStore`]: the trait is used as a trait object.
pub use async_trait::async_trait;
pub use counts::Counts;
pub use error::{PayloadError, PayloadErrorKind, StoreError, StoreErrorKind};
#[cfg(feature = "object-store")]
pub use object_store;
pub use payloads::Payloads;
pub use reference::{Digest, Encoding, Reference};
pub use service::ClaimCheck;
#[cfg(feature = "object-store")]
pub use store::ObjectStorePayloads;
pub use store::PayloadStore;
