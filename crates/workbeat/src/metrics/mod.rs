//! What a worker does, in figures, through the [`metrics`](https://docs.rs/metrics) facade.
//!
//! With the feature `metrics` a worker tells the recorder that the application has installed when
//! [`run`](crate::Worker::run) is first polled. Without a recorder, or without the feature, it
//! counts nothing. [`ALL`] is the table of what there is: names, types, units and labels.
//!
//! # What bounds the labels
//!
//! No label takes its values from a task. A task list is one that the worker polls, an activity
//! type one that is registered with it; tasks of all other types share one value. A service is one
//! of several that the worker has: where it has one alone, its series have no label `service`. All
//! others are in [`Label::values`].
//!
//! # Several workers in one process
//!
//! They count together: also their gauges add up.
//!
//! # A recorder is the application's code
//!
//! It is called from the worker's own tasks, never under a lock, and a panic of it costs only the
//! figure. It should be quick, as recorders that keep atomics are. A worker takes its handles when
//! it begins to run, and keeps them.

#[cfg(feature = "metrics")]
mod instrument;
#[cfg(feature = "metrics")]
mod label;
#[cfg(not(feature = "metrics"))]
mod nothing;
#[cfg(feature = "metrics")]
mod slots;
#[cfg(feature = "metrics")]
mod table;
#[cfg(feature = "metrics")]
mod task;
#[cfg(feature = "metrics")]
mod values;
#[cfg(feature = "metrics")]
mod worker;

#[cfg(feature = "metrics")]
pub use self::label::Label;
#[cfg(not(feature = "metrics"))]
pub(crate) use self::nothing::WorkerMetrics;
#[cfg(feature = "metrics")]
pub use self::table::{ALL, Metric, MetricKind, MetricUnit};
#[cfg(feature = "metrics")]
pub(crate) use self::task::TaskMetrics;
#[cfg(feature = "metrics")]
pub(crate) use self::worker::WorkerMetrics;
