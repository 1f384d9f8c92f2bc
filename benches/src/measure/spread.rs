//! Sides run in turn, and what their figures say of each other.

use crate::figures::Figures;

/// What several runs of one side found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<Figures>);

impl Samples {
    /// One figure, of every run.
    pub(crate) fn of(&self, key: &str) -> crate::Result<Vec<f64>> {
        self.0.iter().map(|figures| figures.get(key)).collect()
    }

    /// The median of one figure.
    pub(crate) fn median(&self, key: &str) -> crate::Result<f64> {
        Ok(Spread::new(self.of(key)?).median)
    }
}

/// A side as something to run.
pub(crate) type Run<'a> = &'a dyn Fn() -> crate::Result<Figures>;

/// Runs all sides once a round, every other round backwards, so that what changes on the machine
/// meets all of them.
pub(crate) fn in_turn<const N: usize>(
    rounds: usize,
    sides: [Run<'_>; N],
) -> crate::Result<[Samples; N]> {
    let mut samples = [const { Samples(Vec::new()) }; N];
    for round in 0..rounds {
        for at in 0..N {
            let at = if round % 2 == 0 { at } else { N - 1 - at };
            if let (Some(run), Some(samples)) = (sides.get(at), samples.get_mut(at)) {
                samples.0.push(run()?);
            }
        }
    }
    Ok(samples)
}

/// The median of some figures, and between which they lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |at: usize| values.get(at).copied().unwrap_or(f64::NAN);
        let (middle, last) = (values.len() / 2, values.len().saturating_sub(1));
        let median = if values.len().is_multiple_of(2) && middle > 0 {
            f64::midpoint(at(middle - 1), at(middle))
        } else {
            at(middle)
        };
        Self {
            median,
            least: at(0),
            most: at(last),
        }
    }

    /// Of what each pair differs by.
    pub(crate) fn of_differences(ours: &[f64], others: &[f64]) -> Self {
        Self::new(
            ours.iter()
                .zip(others)
                .map(|(our, other)| our - other)
                .collect(),
        )
    }

    /// Of the ratio of each pair.
    pub(crate) fn of_ratios(ours: &[f64], others: &[f64]) -> Self {
        Self::new(
            ours.iter()
                .zip(others)
                .map(|(our, other)| our / other)
                .collect(),
        )
    }

    /// As figures: the median under this name, and its range.
    pub(crate) fn add_to(self, figures: &mut Figures, key: &str) {
        figures.add(key, self.median);
        figures.add(format!("{key}_least"), self.least);
        figures.add(format!("{key}_most"), self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_its_range() {
        let spread = |values: &[f64]| {
            let Spread {
                median,
                least,
                most,
            } = Spread::new(values.to_vec());
            (median, least, most)
        };
        assert_eq!(spread(&[3.0, 1.0, 2.0]), (2.0, 1.0, 3.0));
        assert_eq!(spread(&[4.0, 1.0]), (2.5, 1.0, 4.0));
        assert_eq!(spread(&[7.0]), (7.0, 7.0, 7.0));
        let ratios = Spread::of_ratios(&[2.0, 9.0, 4.0], &[1.0, 3.0, 4.0]);
        assert_eq!((ratios.median, ratios.least, ratios.most), (2.0, 1.0, 3.0));
    }

    #[test]
    fn every_other_round_goes_backwards() {
        let order = std::cell::RefCell::new(String::new());
        let run = |name: char| {
            order.borrow_mut().push(name);
            Ok(Figures::default().with("us", f64::from(u32::from(name))))
        };
        let [ours, _] = in_turn(3, [&|| run('a'), &|| run('b')]).unwrap();
        assert_eq!(*order.borrow(), "abbaab");
        assert_eq!(ours.of("us").unwrap(), [97.0, 97.0, 97.0]);
    }
}
