//! What a measurement found: `key=value`, on the last line.

use std::fmt;

/// Figures by name, in the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Figures(Vec<(String, f64)>);

impl Figures {
    /// With one more figure.
    pub(crate) fn with(mut self, key: impl Into<String>, value: f64) -> Self {
        self.add(key, value);
        self
    }

    pub(crate) fn add(&mut self, key: impl Into<String>, value: f64) {
        self.0.push((key.into(), value));
    }

    /// All of `others`, their names with this ending.
    pub(crate) fn add_all(&mut self, others: &Self, ending: &str) {
        for (key, value) in &others.0 {
            self.add(format!("{key}{ending}"), *value);
        }
    }

    /// The figure of this name, which a side must have printed.
    pub(crate) fn get(&self, key: &str) -> crate::Result<f64> {
        let found = self.0.iter().find(|(name, _)| name == key);
        let found = found.map(|(_, value)| *value);
        found.ok_or_else(|| format!("there is no `{key}` in: {self}").into())
    }

    /// The figures in the last line of what a side printed.
    pub(crate) fn read(output: &str) -> Self {
        let last = output.trim_end().lines().next_back().unwrap_or_default();
        let pairs = last.split_whitespace().filter_map(|word| {
            let (key, value) = word.split_once('=')?;
            Some((key.to_owned(), value.parse().ok()?))
        });
        Self(pairs.collect())
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (key, value)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            // Four digits that mean something, and no more.
            let decimals = match value.abs() {
                _ if value.fract() == 0.0 => 0,
                size if size >= 1000.0 => 0,
                size if size >= 100.0 => 1,
                size if size >= 10.0 => 2,
                size if size >= 1.0 => 3,
                _ => 4,
            };
            write!(f, "{space}{key}={value:.decimals$}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        let figures = Figures::default()
            .with("overhead_us", 1.5)
            .with("tasks", 100_000.0);
        assert_eq!(figures.to_string(), "overhead_us=1.500 tasks=100000");
        let read = Figures::read(&format!("it does this\n{figures}\n"));
        assert_eq!(read, figures);
        assert!(read.get("rss").is_err());
    }
}
