//! The configuration into any format of serde, so that an application can show or write it.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::fields::{Fields, OF_ACTIVITY, OF_UNTYPED, OF_WORKER};
use super::value::Value;
use super::{ActivityConfig, WorkerConfig};
use crate::activity::ActivityOptions;

impl Serialize for WorkerConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write(self, OF_WORKER, &mut map)?;
        // Sections come last, as TOML wants it.
        if self.untyped != ActivityOptions::default() {
            map.serialize_entry("untyped", &Untyped(&self.untyped))?;
        }
        if !self.activities.is_empty() {
            map.serialize_entry("activities", &self.activities)?;
        }
        map.end()
    }
}

impl Serialize for ActivityConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write(self, OF_ACTIVITY, &mut map)?;
        map.end()
    }
}

struct Untyped<'a>(&'a ActivityOptions);

impl Serialize for Untyped<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write(self.0, OF_UNTYPED, &mut map)?;
        map.end()
    }
}

fn write<M: SerializeMap>(
    fields: &impl Fields,
    names: &[&str],
    map: &mut M,
) -> Result<(), M::Error> {
    for name in names {
        if let Some(value) = fields.get(name) {
            map.serialize_entry(name, &value)?;
        }
    }
    Ok(())
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Whole(number) => match i64::try_from(*number) {
                Ok(number) => serializer.serialize_i64(number),
                Err(_) => serializer.serialize_i128(*number),
            },
            Self::Real(number) => serializer.serialize_f64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(values) => serializer.collect_seq(values),
            Self::Other(_) => serializer.serialize_unit(),
        }
    }
}
