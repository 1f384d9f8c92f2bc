//! Which names a server answers to.

use std::fmt;
use std::str::FromStr;

use crate::faults::ParseOptionError;

/// The name of a host, without a port: a name that clients may call a server by.
///
/// ```
/// use workbeat_server::HostName;
///
/// let name: HostName = "swf".parse()?;
/// assert_eq!(name.to_string(), "swf");
/// assert_eq!("Host.Docker.Internal.".parse::<HostName>()?.to_string(), "host.docker.internal");
/// assert!("http://swf:7100".parse::<HostName>().is_err());
/// # Ok::<(), workbeat_server::ParseOptionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostName(String);

impl HostName {
    /// The longest name that DNS has.
    const LONGEST: usize = 253;

    /// Whether `name`, as a client writes it, is this name.
    pub(crate) fn is(&self, name: &str) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        name.eq_ignore_ascii_case(&self.0)
    }
}

impl FromStr for HostName {
    type Err = ParseOptionError;

    fn from_str(text: &str) -> Result<Self, ParseOptionError> {
        let name = text.strip_suffix('.').unwrap_or(text);
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let is_label = |label: &str| !label.is_empty() && label.bytes().all(letter);
        if name.len() <= Self::LONGEST && name.split('.').all(is_label) {
            return Ok(Self(name.to_ascii_lowercase()));
        }
        Err(ParseOptionError::new(format!(
            "`{}` is no name of a host: write the name alone, without http:// and port, such as \
             swf or host.docker.internal",
            text.escape_debug()
        )))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_every_way_that_it_is_written() {
        let name: HostName = "Swf.Test".parse().unwrap();
        for same in ["swf.test", "SWF.TEST", "swf.test."] {
            assert!(name.is(same), "{same}");
        }
        for other in ["swf", "swf.test.evil.example", "xswf.test", ""] {
            assert!(!name.is(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_name_is_told_how_to_write_one() {
        let long = "a".repeat(254);
        for text in ["", ".", "*", "a b", "swf:7100", "http://swf", "a..b", &long] {
            let error = text.parse::<HostName>().unwrap_err();
            assert!(error.to_string().contains("host.docker.internal"), "{text}");
        }
    }
}
