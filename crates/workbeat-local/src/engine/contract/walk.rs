//! One walk through a request, beside the shape that the contract gives it.

use std::fmt;

use serde_json::Value;

use super::form;
use super::model::{Kind, MODEL, Shape};
use crate::engine::fault::Fault;

/// Where the walk stands, and what it has found to be broken.
pub(super) struct Walk {
    whole_seconds: bool,
    path: Vec<String>,
    broken: Vec<String>,
}

/// A member that has another JSON type than SWF's.
pub(super) struct Mismatch {
    member: String,
    expected: &'static str,
    found: &'static str,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            member,
            expected,
            found,
        } = self;
        if member.is_empty() {
            return write!(f, "it is {found} instead of {expected}");
        }
        write!(f, "'{member}' is {found} instead of {expected}")
    }
}

impl Walk {
    pub(super) fn new(whole_seconds: bool) -> Self {
        Self {
            whole_seconds,
            path: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Checks a value against the shape of this name.
    pub(super) fn value(&mut self, name: &str, value: &Value) -> Result<(), Mismatch> {
        let Some(shape) = MODEL.shape(name) else {
            return Ok(());
        };
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(members)) => self.structure(shape, members),
            (Kind::List, Value::Array(elements)) => self.list(shape, elements),
            (Kind::String, Value::String(text)) => {
                self.text(name, shape, text);
                Ok(())
            }
            (Kind::Integer | Kind::Long, Value::Number(number)) => {
                let whole = number.as_i64().ok_or_else(|| self.mismatch(shape, value))?;
                self.range(shape, whole);
                Ok(())
            }
            (Kind::Boolean, Value::Bool(_)) | (Kind::Timestamp, Value::Number(_)) => Ok(()),
            _ => Err(self.mismatch(shape, value)),
        }
    }

    fn structure(
        &mut self,
        shape: &Shape,
        members: &serde_json::Map<String, Value>,
    ) -> Result<(), Mismatch> {
        for (member, of) in &shape.members {
            self.path.push(member.clone());
            match members.get(member).filter(|value| !value.is_null()) {
                Some(value) => self.value(of, value)?,
                None if shape.required.contains(member) => self.missing(),
                None => {}
            }
            self.path.pop();
        }
        Ok(())
    }

    fn list(&mut self, shape: &Shape, elements: &[Value]) -> Result<(), Mismatch> {
        self.length(shape, elements.len());
        let of = shape.member.as_deref().unwrap_or_default();
        for (index, element) in elements.iter().enumerate() {
            self.path
                .push(format!("{}.member", index.saturating_add(1)));
            if element.is_null() {
                self.missing();
            } else {
                self.value(of, element)?;
            }
            self.path.pop();
        }
        Ok(())
    }

    fn text(&mut self, name: &str, shape: &Shape, text: &str) {
        if !shape.words.is_empty() {
            if !shape.words.iter().any(|word| word == text) {
                let words = shape.words.join(", ");
                let rule = format!("Member must satisfy enum value set: [{words}]");
                self.broken_by(&short(text), &rule);
            }
            return;
        }
        let found = self.broken.len();
        self.length(shape, form::length(name, text, shape.max));
        if self.broken.len() == found
            && let Some(rule) = form::broken_rule(name, &self.path, text, self.whole_seconds)
        {
            self.breaks(&rule);
        }
    }

    fn length(&mut self, shape: &Shape, length: usize) {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        if let Some(min) = shape.min.filter(|min| length < *min) {
            self.breaks(&format!(
                "Member must have length greater than or equal to {min}"
            ));
        }
        if let Some(max) = shape.max.filter(|max| length > *max) {
            self.breaks(&format!(
                "Member must have length less than or equal to {max}"
            ));
        }
    }

    fn range(&mut self, shape: &Shape, number: i64) {
        let shown = number.to_string();
        if let Some(min) = shape.min.filter(|min| number < *min) {
            let rule = format!("Member must have value greater than or equal to {min}");
            self.broken_by(&shown, &rule);
        }
        if let Some(max) = shape.max.filter(|max| number > *max) {
            let rule = format!("Member must have value less than or equal to {max}");
            self.broken_by(&shown, &rule);
        }
    }

    fn missing(&mut self) {
        let member = self.path.join(".");
        let rule = "Member must not be null";
        self.broken.push(format!(
            "Value null at '{member}' failed to satisfy constraint: {rule}"
        ));
    }

    /// A rule is broken by a value that is not shown.
    fn breaks(&mut self, rule: &str) {
        let member = self.path.join(".");
        self.broken.push(format!(
            "Value at '{member}' failed to satisfy constraint: {rule}"
        ));
    }

    /// A rule is broken by a value that may be shown.
    fn broken_by(&mut self, value: &str, rule: &str) {
        let member = self.path.join(".");
        self.broken.push(format!(
            "Value '{value}' at '{member}' failed to satisfy constraint: {rule}"
        ));
    }

    fn mismatch(&self, shape: &Shape, value: &Value) -> Mismatch {
        let expected = match shape.kind {
            Kind::Structure => "an object",
            Kind::List => "a list",
            Kind::String => "a text",
            Kind::Integer | Kind::Long => "a whole number",
            Kind::Boolean => "true or false",
            Kind::Timestamp => "a number of seconds",
        };
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        let member = self.path.join(".");
        Mismatch {
            member,
            expected,
            found,
        }
    }

    /// Nothing is broken, or everything that is.
    pub(super) fn verdict(self) -> Result<(), Fault> {
        if self.broken.is_empty() {
            return Ok(());
        }
        Err(Fault::broken(&self.broken))
    }
}

/// As much of a word as a message shows.
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}
