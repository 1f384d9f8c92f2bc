//! What a rate of heartbeats does with groups of activities: the rule of a worker's budget.

use std::time::Duration;

use super::Group;

/// Groups under a rate.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heartbeats {
    /// Calls a second at normal intervals: the sum of activities / interval.
    pub(crate) demand: f64,
    /// Calls a second without which some are lost: the sum of activities / timeout.
    pub(crate) need: f64,
    /// The part of its timeout that a task waits from one heartbeat to the next, where that is longer
    /// than its normal interval; zero where all intervals are normal.
    pub(crate) stretch: f64,
    /// The longest interval of each group under the rate; none where all of it is let go.
    pub(crate) intervals: Vec<Option<Duration>>,
    /// How many of each group the rate does not carry.
    pub(crate) let_go: Vec<u64>,
}

impl Heartbeats {
    /// Groups under a rate of more than zero.
    pub(crate) fn of(groups: &[Group], rate: f64) -> Self {
        let let_go = let_go(groups, rate);
        let kept = groups.iter().zip(&let_go).map(|(group, gone)| Group {
            activities: group.activities - gone,
            ..group.clone()
        });
        let stretch = least(&kept.collect::<Vec<_>>(), rate).min(1.0);
        let interval = |(group, gone): (&Group, &u64)| {
            let interval = group.interval().max(group.timeout.mul_f64(stretch));
            (*gone < group.activities).then_some(interval)
        };
        Self {
            demand: groups.iter().map(Group::demand).sum(),
            need: groups.iter().map(Group::need).sum(),
            stretch,
            intervals: groups.iter().zip(&let_go).map(interval).collect(),
            let_go,
        }
    }

    /// Takes note of the groups that are over before their first heartbeat: they have no interval,
    /// and whoever of them is let go does not know it.
    pub(super) fn silence(&mut self, silent: &[bool]) {
        let groups = self.intervals.iter_mut().zip(&mut self.let_go);
        for ((interval, let_go), _) in groups.zip(silent).filter(|(_, silent)| **silent) {
            (*interval, *let_go) = (None, 0);
        }
    }

    /// How many are not carried.
    pub(crate) fn lost(&self) -> u64 {
        self.let_go.iter().sum()
    }
}

/// The least s for which the sum of activities / max(interval, s x timeout) is at most `rate`;
/// zero if all intervals can be normal.
fn least(groups: &[Group], rate: f64) -> f64 {
    let mut normal: f64 = groups.iter().map(Group::demand).sum();
    let mut stretched = 0.0;
    if normal <= rate {
        return 0.0;
    }
    let mut sorted: Vec<_> = groups.iter().collect();
    sorted.sort_by(|a, b| a.threshold().total_cmp(&b.threshold()));
    for (at, group) in sorted.iter().enumerate() {
        normal -= group.demand();
        stretched += group.need();
        let next = sorted.get(at + 1).map(|group| group.threshold());
        // The sum runs down to nearly nothing, and must not end below it.
        let left = rate - if next.is_some() { normal } else { 0.0 };
        let s = stretched / left;
        if left > 0.0 && next.is_none_or(|next| s <= next) {
            return s;
        }
    }
    f64::INFINITY
}

/// The fewest that must go, the shortest timeouts first, so that the others need less than the rate.
fn let_go(groups: &[Group], rate: f64) -> Vec<u64> {
    let mut gone = vec![0; groups.len()];
    let mut need: f64 = groups.iter().map(Group::need).sum();
    let mut order: Vec<_> = groups.iter().zip(&mut gone).collect();
    order.sort_by_key(|(group, _)| group.timeout);
    for (group, gone) in order {
        // What fills the rate exactly is too much: a heartbeat at the very deadline is too late.
        let over = (need - rate) * group.timeout.as_secs_f64() + 1e-6;
        if over < 0.0 {
            break;
        }
        // It is not negative, and a float past the largest number becomes that.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let fewest = (over.floor() as u64).saturating_add(1);
        *gone = fewest.min(group.activities);
        need -= *gone as f64 / group.timeout.as_secs_f64();
    }
    gone
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(activities: u64, timeout: u64) -> Group {
        Group {
            name: None,
            activities,
            timeout: Duration::from_secs(timeout),
        }
    }

    fn calls(groups: &[Group], heartbeats: &Heartbeats) -> f64 {
        let kept = groups.iter().zip(&heartbeats.let_go);
        let calls = kept.map(|(group, gone)| {
            let stretched = group.timeout.as_secs_f64() * heartbeats.stretch;
            (group.activities - gone) as f64 / group.mean_interval().max(stretched)
        });
        calls.sum()
    }

    #[test]
    fn what_fits_keeps_its_normal_intervals() {
        let heartbeats = Heartbeats::of(&[group(1_439, 30)], 160.0);
        assert_eq!(heartbeats.intervals, [Some(Duration::from_secs(10))]);
        assert_eq!((heartbeats.stretch, heartbeats.lost()), (0.0, 0));
        assert!(Heartbeats::of(&[group(1_441, 30)], 160.0).stretch > 0.0);
    }

    #[test]
    fn short_timeouts_beside_many_long_ones_stretch_alike() {
        let heartbeats = Heartbeats::of(&[group(50, 1), group(9_000, 100)], 160.0);
        let expected = [875, 87_500].map(|millis| Some(Duration::from_millis(millis)));
        assert_eq!(heartbeats.intervals, expected);
        assert_eq!(heartbeats.lost(), 0);
    }

    #[test]
    fn as_many_go_as_the_page_on_reliability_says() {
        for (activities, timeout, rate, lost) in [
            (1_599, 10, 160.0, 0),
            (1_600, 10, 160.0, 1),
            (2_000, 10, 160.0, 401),
            (110, 10, 10.0, 11),
            (90, 60, 1.0, 31),
        ] {
            let heartbeats = Heartbeats::of(&[group(activities, timeout)], rate);
            assert_eq!(heartbeats.lost(), lost, "{activities} of {timeout} s");
        }
        let shortest_first = Heartbeats::of(&[group(150, 10), group(30, 2)], 20.0);
        assert_eq!(shortest_first.let_go, [0, 21]);
        let all_of_them = Heartbeats::of(&[group(150, 10), group(3, 2)], 10.0);
        assert_eq!(all_of_them.let_go, [51, 3]);
        assert_eq!(all_of_them.intervals[1], None);
    }

    fn any_groups() -> impl Strategy<Value = Vec<Group>> {
        let group = (1_u64..100_000, 1_u64..40_000).prop_map(|(n, timeout)| group(n, timeout));
        prop::collection::vec(group, 1..8)
    }

    proptest! {
        /// All that is kept is heard before its timeout, within the rate, and nothing is slowed down
        /// more than it must be.
        #[test]
        fn the_rate_is_used_and_not_passed(groups in any_groups(), rate in 0.1..5_000.0_f64) {
            let heartbeats = Heartbeats::of(&groups, rate);
            let calls = calls(&groups, &heartbeats);
            prop_assert!(calls <= rate * (1.0 + 1e-6), "{calls} of {rate}");
            if heartbeats.demand > rate && heartbeats.lost() == 0 {
                prop_assert!(calls >= rate * (1.0 - 1e-6), "{calls} of {rate}");
            }
            for (group, interval) in groups.iter().zip(&heartbeats.intervals) {
                let interval = interval.unwrap_or(group.timeout);
                prop_assert!((group.interval()..=group.timeout).contains(&interval));
            }
        }

        /// With one of the longest timeout that went put back, the rate would not do.
        #[test]
        fn as_few_go_as_can(groups in any_groups(), rate in 0.1..5_000.0_f64) {
            let heartbeats = Heartbeats::of(&groups, rate);
            let kept = groups.iter().zip(&heartbeats.let_go).map(|(group, gone)| {
                (group.activities - gone) as f64 / group.timeout.as_secs_f64()
            });
            let need: f64 = kept.sum();
            prop_assert!(need <= rate);
            let gone = groups.iter().zip(&heartbeats.let_go).filter(|(_, gone)| **gone > 0);
            if let Some(longest) = gone.map(|(group, _)| group.timeout).max() {
                prop_assert!(need + 1.0 / longest.as_secs_f64() >= rate * (1.0 - 1e-6));
            }
            prop_assert_eq!(heartbeats.lost() > 0, heartbeats.need >= rate * (1.0 - 1e-9));
        }
    }
}
