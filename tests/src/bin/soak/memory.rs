//! How much memory this process has.

use std::io::{Error, ErrorKind};

/// What is resident, in bytes.
pub(crate) fn resident() -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kilobytes = status.lines().find_map(|line| {
        let value = line.strip_prefix("VmRSS:")?;
        value.trim().trim_end_matches(" kB").parse::<u64>().ok()
    });
    let kilobytes = kilobytes.ok_or_else(|| {
        let what = "the system does not say how much memory is resident";
        Error::new(ErrorKind::Unsupported, what)
    })?;
    Ok(kilobytes * 1024)
}
