//! How often what goes wrong.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::parse_error::ParseOptionError;

/// How often calls go wrong, and how late every answer is.
///
/// The text form is a list of `name=value`, as the command line takes it. A probability is
/// between 0 and 1, the latency a duration with its unit.
///
/// | name | what happens to a call |
/// |---|---|
/// | `throttle` | `ThrottlingException`, `Rate exceeded`; it was not applied |
/// | `unavailable` | HTTP 503 or 500; it was not applied |
/// | `lost-answer` | it was applied, and the connection closes without an answer |
/// | `phantom` | a poll whose client went away keeps its place, and its task goes to nobody |
/// | `latency` | its answer comes so much later |
///
/// ```
/// use std::time::Duration;
/// use workbeat_server::Faults;
///
/// let faults: Faults = "throttle=0.1,lost-answer=0.02,latency=50ms".parse()?;
/// let same = Faults::default()
///     .throttle(0.1)
///     .lost_answer(0.02)
///     .latency(Duration::from_millis(50));
/// assert_eq!(faults, same);
/// assert_eq!(faults.to_string(), "throttle=0.1,lost-answer=0.02,latency=50ms");
/// # Ok::<(), workbeat_server::ParseOptionError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[must_use]
pub struct Faults {
    pub(super) throttle: f64,
    pub(super) unavailable: f64,
    pub(super) lost_answer: f64,
    pub(super) phantom: f64,
    pub(super) latency: Duration,
}

impl Faults {
    /// How likely a call is throttled. It is not applied then.
    pub fn throttle(mut self, probability: f64) -> Self {
        self.throttle = clamped(probability);
        self
    }

    /// How likely a call finds the service unavailable. It is not applied then.
    pub fn unavailable(mut self, probability: f64) -> Self {
        self.unavailable = clamped(probability);
        self
    }

    /// How likely a call is applied and never answered: the connection closes.
    pub fn lost_answer(mut self, probability: f64) -> Self {
        self.lost_answer = clamped(probability);
        self
    }

    /// How likely a poll whose client went away keeps its place: what it gets goes to nobody.
    pub fn phantom(mut self, probability: f64) -> Self {
        self.phantom = clamped(probability);
        self
    }

    /// How much later every answer comes.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Whether nothing goes wrong.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A probability, whatever was given: below 0 is never, above 1 is always.
fn clamped(probability: f64) -> f64 {
    if probability.is_nan() {
        return 0.0;
    }
    probability.clamp(0.0, 1.0)
}

impl FromStr for Faults {
    type Err = ParseOptionError;

    fn from_str(text: &str) -> Result<Self, ParseOptionError> {
        let mut faults = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let Some((name, value)) = part.split_once('=') else {
                return Err(ParseOptionError::new(format!(
                    "`{part}` is no fault: write name=value, such as throttle=0.1"
                )));
            };
            let (name, value) = (name.trim(), value.trim());
            if seen.contains(&name) {
                return Err(ParseOptionError::new(format!("`{name}` is there twice")));
            }
            seen.push(name);
            match name {
                "throttle" => faults.throttle = probability(name, value)?,
                "unavailable" => faults.unavailable = probability(name, value)?,
                "lost-answer" => faults.lost_answer = probability(name, value)?,
                "phantom" => faults.phantom = probability(name, value)?,
                "latency" => faults.latency = duration(name, value)?,
                _ => {
                    return Err(ParseOptionError::new(format!(
                        "no fault is called `{name}`: there are throttle, unavailable, \
                         lost-answer, phantom and latency"
                    )));
                }
            }
        }
        if seen.is_empty() {
            return Err(ParseOptionError::new(
                "there is no fault in it: write name=value, such as throttle=0.1,latency=50ms",
            ));
        }
        Ok(faults)
    }
}

fn probability(name: &str, value: &str) -> Result<f64, ParseOptionError> {
    let probability = value.parse::<f64>().ok();
    probability
        .filter(|probability| (0.0..=1.0).contains(probability))
        .ok_or_else(|| {
            ParseOptionError::new(format!(
                "`{name}={value}` is no probability: give a number from 0 to 1, such as \
                 {name}=0.1"
            ))
        })
}

fn duration(name: &str, value: &str) -> Result<Duration, ParseOptionError> {
    humantime::parse_duration(value).map_err(|_| {
        ParseOptionError::new(format!(
            "`{name}={value}` is no duration: give a number with its unit, such as {name}=50ms"
        ))
    })
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let probabilities = [
            ("throttle", self.throttle),
            ("unavailable", self.unavailable),
            ("lost-answer", self.lost_answer),
            ("phantom", self.phantom),
        ];
        let mut parts: Vec<String> = probabilities
            .into_iter()
            .filter(|(_, probability)| *probability > 0.0)
            .map(|(name, probability)| format!("{name}={probability}"))
            .collect();
        if !self.latency.is_zero() {
            let latency = humantime::format_duration(self.latency);
            parts.push(format!("latency={latency}").replace(' ', ""));
        }
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Faults>().unwrap_err().to_string()
    }

    #[test]
    fn every_fault_is_read() {
        let text = "throttle=0.1,unavailable=0.05,lost-answer=0.02,phantom=0.01,latency=50ms";
        let faults: Faults = text.parse().unwrap();
        assert_eq!(faults.throttle, 0.1);
        assert_eq!(faults.unavailable, 0.05);
        assert_eq!(faults.lost_answer, 0.02);
        assert_eq!(faults.phantom, 0.01);
        assert_eq!(faults.latency, Duration::from_millis(50));
        assert_eq!(faults.to_string(), text);
    }

    #[test]
    fn a_latency_of_several_units_reads_back() {
        let faults = Faults::default().latency(Duration::from_millis(1_250));
        assert_eq!(faults.to_string().parse(), Ok(faults));
    }

    #[test]
    fn what_cannot_be_read_is_said_with_what_would_be_right() {
        assert!(error("throttle=1.5").contains("from 0 to 1"));
        assert!(error("throttle=NaN").contains("from 0 to 1"));
        assert!(error("throttle").contains("name=value"));
        assert!(error("latency=50").contains("latency=50ms"));
        assert!(error("").contains("no fault in it"));
        assert!(error("throttle=0.1,throttle=0.2").contains("twice"));
        assert!(error("lost=1").contains("lost-answer"));
    }
}
