//! The `#[activity]` attribute of [workbeat](https://docs.rs/workbeat).
//!
//! Depend on `workbeat`, which re-exports it; this crate has to be one of its own because it
//! runs in the compiler.

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

#[cfg(test)]
mod any_input_tests;
mod attributes;
mod description;
mod errors;
mod expand;
mod generate;
mod item;
mod naming;
mod signature;

use proc_macro::TokenStream;

/// Makes an activity of an async fn, or of a method.
///
/// The function stays as it was written and can be called as before, from a test for instance.
/// Beside it there is a type to register with a worker, named after it: `pack` gives `Pack`,
/// `read_file` gives `ReadFile`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use workbeat::prelude::*;
///
/// #[derive(Deserialize)]
/// struct Folder {
///     files: Vec<String>,
/// }
///
/// #[derive(Serialize)]
/// struct Packed {
///     files: usize,
/// }
///
/// /// Packs a folder, file by file.
/// #[activity(version = "1.1", heartbeat_timeout = "30s")]
/// async fn pack(folder: Folder, ctx: ActivityContext) -> Result<Packed, ActivityError> {
///     let mut packed = Packed { files: 0 };
///     for file in &folder.files {
///         ctx.until_stopped(append(file)).await?;
///         packed.files += 1;
///         ctx.report(packed.files);
///     }
///     Ok(packed)
/// }
/// # async fn append(_: &str) {}
///
/// assert_eq!(Pack.name(), "pack");
/// assert_eq!(Pack.version(), "1.1");
/// # fn register(service: impl workbeat::ActivityService) {
/// let worker = Worker::builder(service).task_list("files").activity(Pack).build();
/// # }
/// ```
///
/// # Attributes
///
/// All are optional. They are checked when the program is compiled.
///
/// | attribute | value | without it |
/// |---|---|---|
/// | `name` | 1 to 256 characters | the function's name |
/// | `version` | 1 to 64 characters | `"1.0"` |
/// | `description` | at most 1,024 characters | the first paragraph of the function's documentation, if that is not longer |
/// | `heartbeat_timeout` | timeout | not registered |
/// | `heartbeat_interval` | duration, at least `"1ms"` and shorter than `heartbeat_timeout` | a third of the heartbeat timeout |
/// | `start_to_close_timeout` | timeout | not registered |
/// | `schedule_to_start_timeout` | timeout | not registered |
/// | `schedule_to_close_timeout` | timeout | not registered |
/// | `task_list` | 1 to 256 characters | not registered |
/// | `priority` | a whole number of 32 bits; higher first | not registered |
/// | `cancel_grace` | duration | a canceled activity is never aborted |
/// | `blocking` | none | the function is async |
/// | `crate` | a path, as text | `"::workbeat"` |
///
/// - A *duration* is a text such as `"30s"`, `"1m 30s"`, `"500ms"` or `"1.5h"`, longer than zero.
///   Units are `ns`, `us`, `ms`, `s`, `m`, `h`, `days`, `weeks`, and their long names.
/// - A *timeout* is a duration of at most `"365days"`, or `"none"` for no limit.
/// - Characters are counted in UTF-16 units. A name, a version and a task list hold no `:`, `/`,
///   `|` or control character, and are not `arn`. These limits are Amazon SWF's.
/// - What is registered is a default of the activity type: whoever schedules an activity may
///   override it.
///
/// What each setting does is told at `ActivityOptions`.
///
/// # The function
///
/// It takes an input and an `ActivityContext`, in either order, or one of them, or nothing.
///
/// - The *input* is any type that is `Deserialize` and owns its data; several values go into a
///   struct or a tuple. Without an input, whatever the task carries is passed over.
/// - The *context* is told by its name: the parameter whose type is `ActivityContext` or
///   `&ActivityContext`, with or without a path before it. An alias of another name is taken for
///   an input.
/// - It returns a `Result`, or an alias such as `io::Result<T>`. Its value is `Serialize`; its
///   error is `ActivityError`, or anything that turns into one, as every
///   `std::error::Error + Send + Sync` does.
/// - It cannot be generic, `unsafe`, `extern` or `const`. Its future must be `Send`.
///
/// ```
/// use std::io;
///
/// use workbeat::prelude::*;
///
/// #[activity]
/// async fn add((a, b): (u32, u32)) -> Result<u32, ActivityError> {
///     Ok(a + b)
/// }
///
/// #[activity(name = "remove-lock")]
/// async fn remove_lock() -> io::Result<()> {
///     std::fs::remove_file("lock")
/// }
/// ```
///
/// # Blocking functions
///
/// With `blocking`, a function that is not async runs on tokio's blocking pool, and the worker's
/// other activities go on meanwhile. Its context works there. Nothing can abort such a function,
/// so one that takes long should ask `check_stopped` in its loops.
///
/// ```
/// use workbeat::prelude::*;
///
/// #[activity(blocking, heartbeat_timeout = "1m")]
/// fn checksum(path: String, ctx: ActivityContext) -> Result<u64, ActivityError> {
///     let mut sum = 0;
///     for byte in std::fs::read(path)? {
///         ctx.check_stopped()?;
///         sum += u64::from(byte);
///     }
///     Ok(sum)
/// }
/// ```
///
/// # Methods
///
/// On a method of an impl block, the activity works over shared state. The method takes `&self`,
/// `self: Arc<Self>` or `self: &Arc<Self>`; beside it there is an associated function with
/// `_activity` behind its name, which gives the activity. The state must be `Send` and `Sync`.
/// The impl block may be generic; an impl block of a trait has no place for the associated
/// function.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use workbeat::prelude::*;
///
/// struct Store {
///     copied: AtomicU64,
/// }
///
/// impl Store {
///     #[activity(name = "copy-file")]
///     async fn copy(&self, path: String) -> Result<u64, ActivityError> {
///         Ok(self.copied.fetch_add(1, Ordering::Relaxed))
///     }
/// }
///
/// let store = Arc::new(Store { copied: AtomicU64::new(0) });
/// assert_eq!(store.copy_activity().name(), "copy-file");
/// # fn register(service: impl workbeat::ActivityService, store: Arc<Store>) {
/// let worker = Worker::builder(service).task_list("files").activity(store.copy_activity()).build();
/// # }
/// ```
///
/// A function of an impl block that takes no `self` shares nothing: put it outside, since the
/// type that it gives cannot stand in an impl block.
///
/// # What is generated
///
/// For a function, a unit struct with the function's visibility, documentation, `#[cfg]` and
/// `#[deprecated]`, which is `Activity`, `Clone`, `Copy`, `Debug` and `Default`. For a method,
/// `fn copy_activity(self: &Arc<Self>) -> impl Activity<Input = String, Output = u64>` with the
/// same. The function's own name, and whatever stands in its body, is left alone.
#[proc_macro_attribute]
pub fn activity(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(arguments.into(), &item.into()).into()
}
