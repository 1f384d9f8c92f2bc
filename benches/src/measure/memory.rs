//! How much memory this process has.

/// What is resident, in bytes.
pub(crate) fn resident() -> crate::Result<f64> {
    of_status("VmRSS:")
}

/// The most that ever was resident, in bytes.
pub(crate) fn peak() -> crate::Result<f64> {
    of_status("VmHWM:")
}

fn of_status(field: &str) -> crate::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kilobytes = status.lines().find_map(|line| {
        let value = line.strip_prefix(field)?;
        value.trim().trim_end_matches(" kB").parse::<f64>().ok()
    });
    let kilobytes = kilobytes.ok_or_else(|| format!("/proc/self/status has no {field}"))?;
    Ok(kilobytes * 1024.0)
}
