//! The configuration from any format of serde that describes itself.
//!
//! By hand, and not derived, because an error of a derived `Deserialize` names no field where the
//! format does not, as JSON. What goes wrong with a value is made within the value's own
//! deserializer: so a format that knows places, such as TOML, adds the line.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::apply::parse_type;
use super::fields::{Fields, OF_ACTIVITY, OF_UNTYPED, OF_WORKER, SECTIONS};
use super::near::nearest;
use super::value::Value;
use super::{ActivityConfig, ConfigError, WorkerConfig};

impl<'de> Deserialize<'de> for WorkerConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut config = Self::default();
        deserializer.deserialize_map(OfWorker(&mut config))?;
        Ok(config)
    }
}

impl<'de> Deserialize<'de> for ActivityConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut config = Self::default();
        let section = Section {
            fields: &mut config,
            names: OF_ACTIVITY,
            path: "",
        };
        section.deserialize(deserializer)?;
        Ok(config)
    }
}

/// The key of what is no section: `serde_json` gives every number so where anybody in the program
/// has turned on its `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads what a worker's configuration holds.
struct OfWorker<'a>(&'a mut WorkerConfig);

impl<'de> Visitor<'de> for OfWorker<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings of a worker, by their names")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Self(config) = self;
        let known = [OF_WORKER, SECTIONS].concat();
        let mut sections = Vec::new();
        while let Some(name) = map.next_key_seed(Name {
            known: &known,
            path: "",
        })? {
            if sections.contains(&name) {
                return Err(M::Error::custom(ConfigError::twice(name)));
            }
            match &*name {
                "activities" => {
                    map.next_value_seed(Activities(&mut config.activities))?;
                    sections.push(name);
                }
                "untyped" => {
                    map.next_value_seed(Section {
                        fields: &mut config.untyped,
                        names: OF_UNTYPED,
                        path: "untyped.",
                    })?;
                    sections.push(name);
                }
                _ => map.next_value_seed(Field {
                    fields: &mut *config,
                    path: &name,
                    name: &name,
                })?,
            }
        }
        Ok(())
    }
}

/// Reads the sections of activity types.
struct Activities<'a>(&'a mut BTreeMap<String, ActivityConfig>);

impl<'de> DeserializeSeed<'de> for Activities<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Activities<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`activities`: a section for each activity type, by name and version")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(TypeName(key)) = map.next_key()? {
            let path = path_of(&key);
            if self.0.contains_key(&key) {
                return Err(M::Error::custom(ConfigError::twice(path)));
            }
            let mut section = ActivityConfig::default();
            map.next_value_seed(Section {
                fields: &mut section,
                names: OF_ACTIVITY,
                path: &format!("{path}."),
            })?;
            self.0.insert(key, section);
        }
        Ok(())
    }
}

/// The path of an activity type's section.
pub(super) fn path_of(key: &str) -> String {
    format!("activities.{key:?}")
}

/// The key of an activity type's section.
struct TypeName(String);

impl<'de> Deserialize<'de> for TypeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        match parse_type(&key) {
            Some(_) => Ok(Self(key)),
            None => Err(D::Error::custom(ConfigError::key(path_of(&key)))),
        }
    }
}

/// Reads a section whose fields are all values.
struct Section<'a, F> {
    fields: &'a mut F,
    names: &'static [&'static str],
    /// What stands before the fields' names in an error.
    path: &'a str,
}

impl<'de, F: Fields> DeserializeSeed<'de> for Section<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: Fields> Visitor<'de> for Section<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.trim_end_matches('.');
        write!(
            f,
            "`{path}`: a section with the fields {}",
            self.names.join(", ")
        )
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let Self {
            fields,
            names,
            path,
        } = self;
        while let Some(name) = map.next_key_seed(Name { known: names, path })? {
            map.next_value_seed(Field {
                fields: &mut *fields,
                path: &format!("{path}{name}"),
                name: &name,
            })?;
        }
        Ok(())
    }
}

/// Reads the name of a field, which must be known.
struct Name<'a> {
    known: &'a [&'static str],
    path: &'a str,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        let name = String::deserialize(deserializer)?;
        if self.known.contains(&&*name) {
            return Ok(name);
        }
        let known = self.known.iter().map(|&known| known.to_owned()).collect();
        let nearest = nearest(&name, self.known).map(str::to_owned);
        let place = format!("{}{name}", self.path);
        Err(D::Error::custom(ConfigError::unknown(
            place, nearest, known,
        )))
    }
}

/// Reads the value of a field and sets it.
struct Field<'a, F> {
    fields: &'a mut F,
    path: &'a str,
    name: &'a str,
}

impl<'de, F: Fields> DeserializeSeed<'de> for Field<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.fields.get(self.name).is_some() {
            return Err(D::Error::custom(ConfigError::twice(self.path)));
        }
        // Nothing, as JSON's null, sets nothing.
        let Some(value) = Option::<Value>::deserialize(deserializer)? else {
            return Ok(());
        };
        let set = self.fields.set(self.name, &value);
        set.map_err(|wrong| D::Error::custom(ConfigError::value(self.path, wrong)))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfValue)
    }
}

struct OfValue;

impl<'de> Visitor<'de> for OfValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Whole(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Whole(number.into()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Value, E> {
        Ok(number_of(&number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Real(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other("nothing"))
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Other("nothing"))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Value, S::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value, M::Error> {
        if let Some(key) = map.next_key::<Value>()? {
            if key == Value::Text(NUMBER.to_owned()) {
                return Ok(number_of(&map.next_value::<String>()?));
            }
            map.next_value::<IgnoredAny>()?;
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other("a section"))
    }
}

/// A number that is written out, of any length.
fn number_of(written: &str) -> Value {
    if let Ok(whole) = written.parse() {
        return Value::Whole(whole);
    }
    let real = written.parse().map(Value::Real);
    real.unwrap_or_else(|_| Value::Text(written.to_owned()))
}
