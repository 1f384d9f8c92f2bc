//! How much processor time a process has used.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
#[cfg(any(test, feature = "sdk"))]
use nix::unistd::{SysconfVar, sysconf};

/// This process, all of its threads.
pub(crate) fn of_this_process() -> Duration {
    // Linux and macOS have the clock.
    let used = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    used.map(Duration::from).unwrap_or_default()
}

/// Another process, all of its threads, to a hundredth of a second.
#[cfg(any(test, feature = "sdk"))]
pub(crate) fn of_process(pid: u32) -> crate::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything; after it come the state, ten fields, and then the
    // ticks as user and as system.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: Vec<u64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse().ok())
        .collect();
    let &[user, system] = ticks.as_slice() else {
        return Err(format!("/proc/{pid}/stat says no times").into());
    };
    let a_second = sysconf(SysconfVar::CLK_TCK)?.ok_or("how long is a tick?")?;
    Ok(Duration::from_secs(user + system) / u32::try_from(a_second)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_ask_agree() {
        let mut sum = 0_u64;
        while of_this_process() < Duration::from_millis(100) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(1));
        }
        let ticks = of_process(std::process::id()).unwrap();
        assert!(ticks >= Duration::from_millis(50), "{ticks:?}");
        assert!(ticks <= of_this_process() + Duration::from_millis(20));
    }
}
