//! Run ids and the check in task tokens: the same seed gives the same ones again.

use std::sync::Arc;

/// Makes what must be unique, or hard to make up, out of one number.
///
/// The check guards against a token that is mistyped, cut or from another service. It is no
/// defence against an attacker: the service is for development and tests on one machine.
#[derive(Debug)]
pub(super) struct Seed {
    secret: u64,
    runs: u64,
}

impl Seed {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            secret: mix(seed ^ 0x5f77_6f72_6b62_6561),
            runs: 0,
        }
    }

    /// How many run ids it has given.
    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    /// Goes on after so many run ids.
    pub(super) fn go_on_after(&mut self, runs: u64) {
        self.runs = self.runs.max(runs);
    }

    /// A run id that this seed has not given before.
    pub(super) fn next_run_id(&mut self) -> Arc<str> {
        // Never so many, unless a row that was kept says so: then they begin anew.
        self.runs = self.runs.wrapping_add(1);
        let high = mix(self.secret.wrapping_add(self.runs));
        // The counter itself, mixed by a bijection: two runs never share it.
        let low = mix(self.runs);
        format!("{high:016x}{low:016x}").into()
    }

    /// A number that whoever does not know the seed cannot easily guess for `text`.
    pub(super) fn check(&self, text: &str) -> u64 {
        text.bytes()
            .fold(self.secret, |sum, byte| mix(sum ^ u64::from(byte)))
    }
}

/// The finalizer of SplitMix64: a bijection that spreads every bit over all of them.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_run_ids_again() {
        let (mut one, mut other) = (Seed::new(7), Seed::new(7));
        assert_eq!(one.next_run_id(), other.next_run_id());
        assert_ne!(one.next_run_id(), Seed::new(7).next_run_id());
        assert_ne!(Seed::new(8).next_run_id(), Seed::new(7).next_run_id());
    }

    #[test]
    fn the_check_depends_on_the_text_and_on_the_seed() {
        let seed = Seed::new(7);
        assert_eq!(seed.check("abc"), Seed::new(7).check("abc"));
        assert_ne!(seed.check("abc"), seed.check("abd"));
        assert_ne!(seed.check("abc"), Seed::new(8).check("abc"));
    }
}
