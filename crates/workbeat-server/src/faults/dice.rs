//! Which calls go wrong.

use std::time::Duration;

use super::rates::Faults;

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is applied and answered.
    Answered,
    /// It is refused: too many calls.
    Throttled,
    /// It is refused: HTTP 503.
    Unavailable,
    /// It is refused: HTTP 500.
    InternalFailure,
    /// It is applied, and the connection closes.
    AnswerLost,
}

/// Rolls for each call. The same seed and the same order of calls give the same faults.
#[derive(Debug)]
pub(crate) struct Dice {
    faults: Faults,
    random: fastrand::Rng,
}

impl Dice {
    pub(crate) fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Other faults from now on; the randomness goes on where it is.
    pub(crate) fn set(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// What becomes of the next call, and how late its answer is.
    pub(crate) fn roll(&mut self) -> (Fate, Duration) {
        let Faults {
            throttle,
            unavailable,
            lost_answer,
            latency,
            ..
        } = self.faults;
        let fate = if self.comes(throttle) {
            Fate::Throttled
        } else if self.comes(unavailable) {
            if self.random.bool() {
                Fate::Unavailable
            } else {
                Fate::InternalFailure
            }
        } else if self.comes(lost_answer) {
            Fate::AnswerLost
        } else {
            Fate::Answered
        };
        (fate, latency)
    }

    /// Whether a poll whose client went away keeps its place.
    pub(crate) fn phantom(&mut self) -> bool {
        self.comes(self.faults.phantom)
    }

    fn comes(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.random.f64() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fates(faults: Faults, seed: u64) -> Vec<Fate> {
        let mut dice = Dice::new(faults, seed);
        (0..1_000).map(|_| dice.roll().0).collect()
    }

    #[test]
    fn without_faults_every_call_is_answered() {
        assert!(
            fates(Faults::default(), 1)
                .iter()
                .all(|fate| *fate == Fate::Answered)
        );
    }

    #[test]
    fn a_probability_of_one_is_always() {
        let faults = Faults::default().lost_answer(1.0);
        assert!(
            fates(faults, 1)
                .iter()
                .all(|fate| *fate == Fate::AnswerLost)
        );
    }

    #[test]
    fn faults_come_about_as_often_as_asked_for() {
        let faults = Faults::default().throttle(0.2).unavailable(0.5);
        let fates = fates(faults, 7);
        let count = |wanted: Fate| fates.iter().filter(|fate| **fate == wanted).count();
        assert!((150..250).contains(&count(Fate::Throttled)));
        assert!((150..250).contains(&count(Fate::Unavailable)));
        assert!((150..250).contains(&count(Fate::InternalFailure)));
    }

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        let faults = Faults::default().throttle(0.5).lost_answer(0.5);
        assert_eq!(fates(faults, 3), fates(faults, 3));
        assert_ne!(fates(faults, 3), fates(faults, 4));
    }
}
