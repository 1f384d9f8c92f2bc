//! The configuration from environment variables.

use std::ffi::{OsStr, OsString};

use super::error::Wrong;
use super::fields::{Fields, OF_WORKER};
use super::value::Value;
use super::{ConfigError, WorkerConfig, near};

impl WorkerConfig {
    /// Reads the process's environment: `WORKBEAT_SLOTS=50` sets `slots`, if `prefix` is
    /// `WORKBEAT_`.
    ///
    /// Task lists are separated by commas. A variable that is empty counts as not set. Sections of
    /// activities have no variables; a file can have them.
    ///
    /// Others may use the prefix too, so a variable that is none of the settings is passed over;
    /// but not one that is a few letters away from one, such as `WORKBEAT_SLOT`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: the first variable, in the order of their names, that is a misspelt setting,
    /// or whose value will not do.
    pub fn from_env(prefix: &str) -> Result<Self, ConfigError> {
        Self::from_vars(prefix, std::env::vars_os())
    }

    /// The same from other variables, for tests and for what is not the process's environment.
    ///
    /// ```
    /// use workbeat::WorkerConfig;
    ///
    /// let error = WorkerConfig::from_vars("WORKBEAT_", [("WORKBEAT_SLOTS", "many")]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"`WORKBEAT_SLOTS` is "many"; it must be a whole number, 1 or more"#
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_env`](Self::from_env).
    pub fn from_vars<K, V>(
        prefix: &str,
        vars: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ConfigError>
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let vars = vars
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let mut vars: Vec<(OsString, OsString)> = vars.collect();
        vars.sort();
        let mut config = Self::default();
        for (name, value) in vars {
            let Some(name) = name.to_str() else {
                continue;
            };
            if let Some(setting) = name.strip_prefix(prefix)
                && !value.is_empty()
            {
                config.set_variable(prefix, name, &setting.to_ascii_lowercase(), &value)?;
            }
        }
        Ok(config)
    }

    fn set_variable(
        &mut self,
        prefix: &str,
        variable: &str,
        setting: &str,
        value: &OsStr,
    ) -> Result<(), ConfigError> {
        // A setting of the name in small letters is another variable's, if it is one at all.
        let is_known =
            OF_WORKER.contains(&setting) && variable.ends_with(&setting.to_ascii_uppercase());
        if !is_known {
            let Some(nearest) = near::nearest(setting, OF_WORKER) else {
                return Ok(());
            };
            let nearest = variable_of(prefix, nearest);
            let known = OF_WORKER.iter().map(|name| variable_of(prefix, name));
            return Err(ConfigError::unknown(
                variable,
                Some(nearest),
                known.collect(),
            ));
        }
        let wrong = |wrong| ConfigError::value(variable, wrong);
        let Some(text) = value.to_str() else {
            return Err(wrong(Wrong {
                value: "no text in UTF-8".to_owned(),
                must: "must be text in UTF-8".to_owned(),
            }));
        };
        self.set(setting, &Value::Text(text.to_owned()))
            .map_err(wrong)
    }
}

/// The variable that sets a field.
pub(super) fn variable_of(prefix: &str, field: &str) -> String {
    format!("{prefix}{}", field.to_ascii_uppercase())
}
