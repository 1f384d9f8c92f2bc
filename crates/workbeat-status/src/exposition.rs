//! Prometheus's text format, as far as gauges and counters need it.

use std::fmt::Write;

/// What a family of samples is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Gauge,
    Counter,
}

/// The text while it is written. Writing to a text does not fail.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    text: String,
    family: String,
}

impl Exposition {
    /// Begins a family; the samples that follow are its.
    pub(crate) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        self.family = format!("workbeat_status_{name}");
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        let family = &self.family;
        let _ = writeln!(self.text, "# HELP {family} {help}\n# TYPE {family} {kind}");
    }

    pub(crate) fn sample(&mut self, labels: &[(&str, &str)], value: f64) {
        self.text.push_str(&self.family);
        for (at, (name, value)) in labels.iter().enumerate() {
            let before = if at == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{before}{name}=\"");
            for character in value.chars() {
                match character {
                    '\\' => self.text.push_str("\\\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str("\\n"),
                    other => self.text.push(other),
                }
            }
            self.text.push('"');
        }
        let _ = writeln!(self.text, "}} {value}");
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_leave_their_quotes() {
        let mut text = Exposition::default();
        text.family("slots", Kind::Gauge, "Room.");
        text.sample(&[("worker", "a\"} 1\nb\\"), ("b", "é")], 0.5);
        let expected = "# HELP workbeat_status_slots Room.\n# TYPE workbeat_status_slots gauge\n\
                        workbeat_status_slots{worker=\"a\\\"} 1\\nb\\\\\",b=\"é\"} 0.5\n";
        assert_eq!(text.into_text(), expected);
    }
}
