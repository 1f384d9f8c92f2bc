//! Handles of the application's recorder, behind the same wall as [events](crate::told).

use std::marker::PhantomData;
use std::time::Duration;

use ::metrics::{Key, Label, Level, Metadata, Recorder, Unit, with_recorder};

use super::table::{ALL, Metric, MetricKind, MetricUnit};
use super::values::Value;
use crate::panic::discard;
use crate::told::told;

static METADATA: Metadata<'static> =
    Metadata::new("workbeat::metrics", Level::INFO, Some(module_path!()));

/// A handle that may panic, also when it is dropped. Empty if the recorder gave none.
#[derive(Debug)]
pub(super) struct Handle<T>(Option<T>);

pub(super) type Counter = Handle<::metrics::Counter>;
pub(super) type Gauge = Handle<::metrics::Gauge>;
pub(super) type Histogram = Handle<::metrics::Histogram>;

impl<T> Default for Handle<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Handle<T> {
    fn tell(&self, tell: impl FnOnce(&T)) {
        if let Some(handle) = &self.0 {
            let _: Option<()> = told(|| tell(handle));
        }
    }
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        discard(self.0.take());
    }
}

impl Counter {
    pub(super) fn add(&self, count: u64) {
        self.tell(|counter| counter.increment(count));
    }
}

impl Gauge {
    pub(super) fn add(&self, by: i64) {
        // In small steps, and exact for as many slots as there can be.
        self.tell(|gauge| gauge.increment(by as f64));
    }
}

impl Histogram {
    pub(super) fn record(&self, time: Duration) {
        self.tell(|histogram| histogram.record(time));
    }
}

/// A handle for each value of a label.
#[derive(Debug)]
pub(super) struct Each<V, T> {
    handles: Vec<Handle<T>>,
    label: PhantomData<V>,
}

impl<V, T> Default for Each<V, T> {
    fn default() -> Self {
        Self {
            handles: Vec::new(),
            label: PhantomData,
        }
    }
}

impl<V: Value, T> Each<V, T> {
    /// What `make` makes for each value.
    pub(super) fn new(make: impl FnMut(&'static str) -> Handle<T>) -> Self {
        Self {
            handles: V::VALUES.iter().copied().map(make).collect(),
            label: PhantomData,
        }
    }

    /// Does something with the handle of `value`.
    pub(super) fn of(&self, value: V, tell: impl FnOnce(&Handle<T>)) {
        if let Some(handle) = self.handles.get(value.number()) {
            tell(handle);
        }
    }
}

impl Metric {
    pub(super) fn counter(&self, labels: Vec<Label>) -> Counter {
        self.register(labels, |recorder, key| {
            recorder.register_counter(key, &METADATA)
        })
    }

    pub(super) fn gauge(&self, labels: Vec<Label>) -> Gauge {
        self.register(labels, |recorder, key| {
            recorder.register_gauge(key, &METADATA)
        })
    }

    pub(super) fn histogram(&self, labels: Vec<Label>) -> Histogram {
        self.register(labels, |recorder, key| {
            recorder.register_histogram(key, &METADATA)
        })
    }

    fn register<T>(
        &self,
        labels: Vec<Label>,
        register: impl FnOnce(&dyn Recorder, &Key) -> T,
    ) -> Handle<T> {
        let key = Key::from_parts(self.name, labels);
        Handle(told(|| with_recorder(|recorder| register(recorder, &key))))
    }

    fn describe(&self, recorder: &dyn Recorder) {
        let (name, description) = (self.name.into(), self.description.into());
        let unit = Some(match self.unit {
            MetricUnit::Count => Unit::Count,
            MetricUnit::Seconds => Unit::Seconds,
        });
        match self.kind {
            MetricKind::Counter => recorder.describe_counter(name, unit, description),
            MetricKind::Gauge => recorder.describe_gauge(name, unit, description),
            MetricKind::Histogram => recorder.describe_histogram(name, unit, description),
        }
    }
}

/// Tells the recorder what each metric means.
pub(super) fn describe_all() {
    for metric in ALL {
        let _: Option<()> = told(|| with_recorder(|recorder| metric.describe(recorder)));
    }
}
