//! What a recorder was told on this thread.

use std::collections::BTreeMap;

use metrics::{LocalRecorderGuard, set_default_local_recorder};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

/// A name, and the labels in their order.
pub(crate) type Series = (String, BTreeMap<String, String>);

/// Records everything that is told on this thread.
pub(crate) struct Figures {
    snapshotter: Snapshotter,
    sums: BTreeMap<Series, f64>,
    times: BTreeMap<Series, Vec<f64>>,
    /// Those that were ever seen to be other than zero.
    moved: BTreeMap<Series, bool>,
    _guard: LocalRecorderGuard<'static>,
}

impl Figures {
    pub(crate) fn record() -> Self {
        // The guard wants one that lives for as long as itself.
        let recorder: &'static DebuggingRecorder = Box::leak(Box::default());
        Self {
            snapshotter: recorder.snapshotter(),
            sums: BTreeMap::new(),
            times: BTreeMap::new(),
            moved: BTreeMap::new(),
            _guard: set_default_local_recorder(recorder),
        }
    }

    /// Takes over what was told since the last look.
    pub(crate) fn look(&mut self) {
        for (key, _, _, value) in self.snapshotter.snapshot().into_vec() {
            let key = key.key();
            let labels = key.labels();
            let labels = labels.map(|label| (label.key().to_owned(), label.value().to_owned()));
            let series = (key.name().to_owned(), labels.collect());
            let moved = match value {
                DebugValue::Counter(count) => self.add(&series, count as f64),
                // A snapshot sets it to zero: what it shows is the change.
                DebugValue::Gauge(change) => self.add(&series, change.into_inner()),
                DebugValue::Histogram(new) => {
                    let times = self.times.entry(series.clone()).or_default();
                    times.extend(new.into_iter().map(|time| time.into_inner()));
                    !times.is_empty()
                }
            };
            *self.moved.entry(series).or_default() |= moved;
        }
    }

    fn add(&mut self, series: &Series, change: f64) -> bool {
        let sum = self.sums.entry(series.clone()).or_default();
        *sum += change;
        *sum != 0.0
    }

    /// The sum of a counter or a gauge over all series with these labels.
    pub(crate) fn sum(&mut self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.look();
        let sums = self.sums.iter();
        let sums = sums.filter(|(series, _)| has(series, name, labels));
        sums.map(|(_, sum)| sum).sum()
    }

    /// What a histogram gathered, in milliseconds.
    pub(crate) fn times(&mut self, name: &str, labels: &[(&str, &str)]) -> Vec<u64> {
        self.look();
        let times = self.times.iter();
        let times = times.filter(|(series, _)| has(series, name, labels));
        let times = times.flat_map(|(_, times)| times);
        times.map(|time| (time * 1_000.0).round() as u64).collect()
    }

    /// Every series there is, and whether it was ever seen to be other than zero.
    pub(crate) fn series(&mut self) -> &BTreeMap<Series, bool> {
        self.look();
        &self.moved
    }
}

fn has((name, labels): &Series, wanted: &str, with: &[(&str, &str)]) -> bool {
    let is = |label: &str, value: &str| labels.get(label).is_some_and(|is| is == value);
    name == wanted && with.iter().all(|(label, value)| is(label, value))
}
