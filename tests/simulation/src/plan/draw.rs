//! Drawing from a seed.

use std::ops::RangeInclusive;

/// What the plans draw from.
#[derive(Debug)]
pub(crate) struct Draw(fastrand::Rng);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Another one, so that what is drawn for one thing does not move what is drawn for others.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.0.fork())
    }

    /// A seed for something that draws by itself.
    pub(crate) fn seed(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// True with this chance.
    pub(crate) fn chance(&mut self, chance: f64) -> bool {
        self.0.f64() < chance
    }

    /// Evenly from the range.
    pub(crate) fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.u64(range)
    }

    /// From the range so that each order of magnitude comes up as often as any other.
    pub(crate) fn magnitude(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (low, high) = ((*range.start()).max(1) as f64, (*range.end()).max(1) as f64);
        let drawn = low * (high / low).powf(self.0.f64());
        (drawn as u64).clamp(*range.start(), *range.end())
    }

    /// A number from the range, each order of magnitude as often as any other.
    pub(crate) fn share(&mut self, range: RangeInclusive<f64>) -> f64 {
        range.start() * (range.end() / range.start()).powf(self.0.f64())
    }

    /// One of them.
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.usize(..of.len())]
    }

    /// Some of them, at least one: each is left out as often as not.
    pub(crate) fn some<T: Copy>(&mut self, of: &[T]) -> Vec<T> {
        let certain = self.0.usize(..of.len());
        let drawn = of.iter().enumerate();
        let drawn = drawn.filter(|(at, _)| *at == certain || self.0.bool());
        drawn.map(|(_, one)| *one).collect()
    }
}
