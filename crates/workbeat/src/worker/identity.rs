//! Who a worker says it is.

/// The default identity: process id and host name.
pub(crate) fn default_identity() -> String {
    let host = gethostname::gethostname();
    format!("{}@{}", std::process::id(), host.to_string_lossy())
}
