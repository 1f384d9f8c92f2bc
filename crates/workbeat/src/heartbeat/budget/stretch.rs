//! The least stretch for which the heartbeats fit the rate.

/// Tasks that are alike: how many, and their interval and timeout in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) tasks: f64,
    pub(super) interval: f64,
    pub(super) timeout: f64,
}

impl Share {
    /// From this stretch on the interval is longer than normal.
    fn threshold(&self) -> f64 {
        self.interval / self.timeout
    }

    /// How many calls a second they want at their normal interval.
    pub(super) fn calls(&self) -> f64 {
        self.tasks / self.interval
    }

    fn least_calls(&self) -> f64 {
        self.tasks / self.timeout
    }
}

/// How many calls a second are wanted at normal intervals.
pub(super) fn demand(shares: &[Share]) -> f64 {
    shares.iter().map(Share::calls).sum()
}

/// The least s for which the sum of 1/max(interval, s x timeout) is at most `rate`; zero if
/// all intervals can be normal. Over 1 there is more than any schedule can serve.
pub(super) fn least(shares: &mut [Share], rate: f64) -> f64 {
    // Calls a second of those whose interval is normal, and of the stretched ones at s = 1.
    let mut normal = demand(shares);
    let mut stretched = 0.0;
    if normal <= rate {
        return 0.0;
    }
    shares.sort_by(|a, b| a.threshold().total_cmp(&b.threshold()));
    for (at, share) in shares.iter().enumerate() {
        normal -= share.calls();
        stretched += share.least_calls();
        let next = shares.get(at + 1).map(Share::threshold);
        // The sum runs down to nearly nothing, and must not end below it.
        let left = rate - if next.is_some() { normal } else { 0.0 };
        if left <= 0.0 {
            continue;
        }
        let s = stretched / left;
        if next.is_none_or(|next| s <= next) {
            return s;
        }
    }
    f64::INFINITY
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn share(tasks: u32, interval: f64, timeout: f64) -> Share {
        Share {
            tasks: tasks.into(),
            interval,
            timeout,
        }
    }

    fn at(shares: &[Share], s: f64) -> f64 {
        let calls = |share: &Share| share.tasks / share.interval.max(s * share.timeout);
        shares.iter().map(calls).sum()
    }

    #[test]
    fn what_fits_is_not_stretched() {
        assert_eq!(least(&mut [], 1.0), 0.0);
        assert_eq!(least(&mut [share(30, 1.0, 3.0)], 30.0), 0.0);
    }

    #[test]
    fn equal_timeouts_share_the_rate_evenly() {
        let s = least(&mut [share(1_000, 3.0, 10.0)], 160.0);
        assert!((s - 0.625).abs() < 1e-12, "{s}");
    }

    #[test]
    fn the_mix_of_case_50_fits_with_a_stretch_of_seven_eighths() {
        let mut shares = [share(50, 0.3, 1.0), share(9_000, 30.0, 100.0)];
        let s = least(&mut shares, 160.0);
        assert!((s - 0.875).abs() < 1e-9, "{s}");
    }

    #[test]
    fn long_timeouts_whose_interval_is_short_for_them_give_way_first() {
        let mut shares = [share(10, 1.0, 3.0), share(600, 60.0, 3_600.0)];
        let s = least(&mut shares, 11.0);
        assert!(s < 1.0 / 3.0, "{s}");
        assert!((at(&shares, s) - 11.0).abs() < 1e-9);
    }

    proptest! {
        /// It is the least: the calls just fit, and with any less they do not.
        #[test]
        fn the_stretch_is_the_least_that_fits(
            shares in prop::collection::vec((1_u32..10_000, 0.01..1.0_f64, 0.1..3_600.0_f64), 1..20),
            part in 0.01..2.0_f64,
        ) {
            let mut shares: Vec<_> = shares
                .into_iter()
                .map(|(tasks, part, timeout)| share(tasks, part * timeout, timeout))
                .collect();
            let rate = demand(&shares) * part;
            let s = least(&mut shares, rate);
            if part >= 1.0 + 1e-9 {
                prop_assert_eq!(s, 0.0);
            } else if part < 1.0 - 1e-9 {
                prop_assert!(s.is_finite() && s > 0.0);
                prop_assert!(at(&shares, s) <= rate * (1.0 + 1e-9));
                prop_assert!(at(&shares, s * 0.999) >= rate * (1.0 - 1e-9));
            }
        }
    }
}
