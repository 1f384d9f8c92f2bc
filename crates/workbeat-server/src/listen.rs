//! Where a server listens.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use crate::faults::ParseOptionError;

/// An address and a port to listen at. Without an address it is loopback.
///
/// ```
/// use workbeat_server::ListenAddress;
///
/// assert_eq!(ListenAddress::default().to_string(), "127.0.0.1:7100");
/// for text in ["7200", ":7200", "localhost:7200", "127.0.0.1:7200"] {
///     assert_eq!(text.parse::<ListenAddress>()?.to_string(), "127.0.0.1:7200");
/// }
/// assert!(!"0.0.0.0:7100".parse::<ListenAddress>()?.is_loopback());
/// # Ok::<(), workbeat_server::ParseOptionError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenAddress(SocketAddr);

impl ListenAddress {
    /// A port of the system's choice on loopback: for tests that run side by side.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self::on_loopback(0)
    }

    /// Whether only this machine can connect.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0.ip().is_loopback()
    }

    pub(crate) fn socket(&self) -> SocketAddr {
        self.0
    }

    fn on_loopback(port: u16) -> Self {
        Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port))
    }
}

impl Default for ListenAddress {
    /// `127.0.0.1:7100`
    fn default() -> Self {
        Self::on_loopback(7100)
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}

impl FromStr for ListenAddress {
    type Err = ParseOptionError;

    fn from_str(text: &str) -> Result<Self, ParseOptionError> {
        if let Ok(address) = text.parse() {
            return Ok(Self(address));
        }
        let port = text.strip_prefix("localhost").unwrap_or(text);
        let port = port.strip_prefix(':').unwrap_or(port);
        let port = port.parse().map(Self::on_loopback);
        port.map_err(|_| {
            ParseOptionError::new(format!(
                "`{text}` is no address: write an IP address and a port, such as \
                 127.0.0.1:7100, or the port alone"
            ))
        })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_is_read() {
        let address: ListenAddress = "[::1]:7100".parse().unwrap();
        assert!(address.is_loopback());
    }

    #[test]
    fn what_is_no_address_is_said() {
        for text in ["", "example.org:7100", "127.0.0.1", "70000", "localhost"] {
            let error = text.parse::<ListenAddress>().unwrap_err();
            assert!(error.to_string().contains("127.0.0.1:7100"), "{text}");
        }
    }
}
