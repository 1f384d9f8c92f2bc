//! What the configuration takes, and what it says of the rest. TOML and the builder are in
//! `tests/tests/worker_config.rs`.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::super::{Settings, UnknownType};
use super::env::variable_of;
use super::fields::{Fields, OF_ACTIVITY, OF_UNTYPED, OF_WORKER};
use super::value::Value;
use super::{ActivityConfig, WorkerConfig};
use crate::service::Timeout;

fn read(json: &serde_json::Value) -> Result<WorkerConfig, String> {
    // As text, so that numbers come as a file's do.
    serde_json::from_str(&json.to_string()).map_err(|error| error.to_string())
}

/// What is said of `json`, but for the place in the file.
fn fault(json: &serde_json::Value) -> String {
    let error = read(json).unwrap_err();
    let (said, _) = error.rsplit_once(" at line ").expect("the place");
    said.to_owned()
}

fn from_vars(vars: &[(&str, &str)]) -> Result<WorkerConfig, String> {
    let vars = vars.iter().copied();
    WorkerConfig::from_vars("WORKBEAT_", vars).map_err(|error| error.to_string())
}

#[test]
fn every_field_is_read_from_a_file() {
    let config = read(&json!({
        "task_lists": ["video", "audio, low"],
        "slots": 20,
        "max_concurrent_polls": 3,
        "identity": "encoder",
        "heartbeat_interval": "5s",
        "heartbeat_budget": 160,
        "heartbeat_workers": 4,
        "drain_deadline": "2m",
        "poll_backoff_min": "100ms",
        "poll_backoff_max": 60,
        "unknown_type": "leave_to_others",
        "register_types": false,
        "previous_progress": true,
        "progress_in_failures": true,
        "untyped": { "heartbeat_timeout": "1m", "heartbeat_interval": 1.5, "cancel_grace": "10s" },
        "activities": {
            "encode:1.0": {
                "limit": 4,
                "description": "encodes a video",
                "heartbeat_timeout": "30s",
                "heartbeat_interval": "10s",
                "start_to_close_timeout": "NONE",
                "schedule_to_start_timeout": "5m",
                "schedule_to_close_timeout": "2h",
                "task_list": "video",
                "priority": -1,
                "cancel_grace": "1m"
            }
        }
    }))
    .unwrap();
    for name in OF_WORKER {
        assert!(config.get(name).is_some(), "{name}");
    }
    let encode = &config.activities["encode:1.0"];
    for name in OF_ACTIVITY {
        assert!(encode.get(name).is_some(), "{name}");
    }
    for name in OF_UNTYPED {
        assert!(config.untyped.get(name).is_some(), "{name}");
    }
    let lists = config.task_lists.as_deref().unwrap();
    assert_eq!(lists, ["video", "audio, low"]);
    assert_eq!(config.unknown_type, Some(UnknownType::LeaveToOthers));
    assert_eq!(config.poll_backoff_max, Some(Duration::from_secs(60)));
    let interval = config.untyped.heartbeat_interval;
    assert_eq!(interval, Some(Duration::from_millis(1_500)));
    assert_eq!(encode.options.start_to_close_timeout, Some(Timeout::None));
    assert_eq!(encode.limit, Some(4));

    let written = serde_json::to_value(&config).unwrap();
    assert_eq!(read(&written).unwrap(), config);
}

#[test]
fn every_field_that_is_no_section_is_read_from_the_environment() {
    let config = from_vars(&[
        ("WORKBEAT_TASK_LISTS", "video, audio"),
        ("WORKBEAT_SLOTS", "20"),
        ("WORKBEAT_MAX_CONCURRENT_POLLS", "3"),
        ("WORKBEAT_IDENTITY", "encoder"),
        ("WORKBEAT_HEARTBEAT_INTERVAL", "5"),
        ("WORKBEAT_HEARTBEAT_BUDGET", "0.5"),
        ("WORKBEAT_HEARTBEAT_WORKERS", "4"),
        ("WORKBEAT_DRAIN_DEADLINE", "1m 30s"),
        ("WORKBEAT_POLL_BACKOFF_MIN", "100ms"),
        ("WORKBEAT_POLL_BACKOFF_MAX", "1.5"),
        ("WORKBEAT_UNKNOWN_TYPE", "fail"),
        ("WORKBEAT_REGISTER_TYPES", "false"),
        ("WORKBEAT_PREVIOUS_PROGRESS", "true"),
        ("WORKBEAT_PROGRESS_IN_FAILURES", "true"),
    ])
    .unwrap();
    for name in OF_WORKER {
        assert!(config.get(name).is_some(), "{name}");
    }
    assert_eq!(config.task_lists.as_deref().unwrap(), ["video", "audio"]);
    assert_eq!(config.heartbeat_interval, Some(Duration::from_secs(5)));
    assert_eq!(config.drain_deadline, Some(Duration::from_secs(90)));
    assert_eq!(config.poll_backoff_max, Some(Duration::from_millis(1_500)));
}

#[test]
fn variables_of_others_and_empty_ones_are_passed_over() {
    let config = from_vars(&[
        ("WORKBEAT_ENDPOINT", "http://localhost:8080"),
        ("WORKBEAT_DOMAIN", "media"),
        ("WORKBEAT_LOG", "debug"),
        ("WORKBEAT_SLOTS", ""),
        ("WORKBEAT_", "x"),
        ("SLOTS", "x"),
        ("PATH", "/bin"),
    ]);
    assert_eq!(config, Ok(WorkerConfig::default()));
}

#[test]
fn a_misspelt_variable_is_told_with_the_one_that_was_meant() {
    for misspelt in ["WORKBEAT_SLOT", "WORKBEAT_slots"] {
        let said = from_vars(&[(misspelt, "5")]).unwrap_err();
        let begins = format!(
            "there is no setting `{misspelt}`; did you mean `WORKBEAT_SLOTS`? There are: WORKBEAT_TASK_LISTS, "
        );
        assert!(said.starts_with(&begins), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_named_and_not_shown() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let value = OsString::from_vec(vec![b'a', 0xff]);
    let vars = [(OsString::from("WORKBEAT_IDENTITY"), value)];
    let error = WorkerConfig::from_vars("WORKBEAT_", vars).unwrap_err();
    assert_eq!(error.place(), "WORKBEAT_IDENTITY");
    let said = "`WORKBEAT_IDENTITY` is no text in UTF-8; it must be text in UTF-8";
    assert_eq!(error.to_string(), said);
}

#[test]
fn a_value_that_will_not_do_is_told_with_its_field_the_value_and_the_mend() {
    let long = "x".repeat(300);
    let cases = [
        (
            json!({ "slots": 0 }),
            "`slots` is 0; it must be a whole number, 1 or more",
        ),
        (
            json!({ "slots": -1 }),
            "`slots` is -1; it must be a whole number, 1 or more",
        ),
        (
            json!({ "slots": 1.5 }),
            "`slots` is 1.5; it must be a whole number, 1 or more",
        ),
        (
            json!({ "slots": "many" }),
            "`slots` is \"many\"; it must be a whole number, 1 or more",
        ),
        (
            json!({ "slots": { "a": 1 } }),
            "`slots` is a section; it must be a whole number, 1 or more",
        ),
        (
            json!({ "slots": [1] }),
            "`slots` is [1]; it must be a whole number, 1 or more",
        ),
        (
            json!({ "identity": 5 }),
            "`identity` is 5; it must be text, in quotes",
        ),
        (
            json!({ "register_types": "yes" }),
            "`register_types` is \"yes\"; it must be true or false",
        ),
        (
            json!({ "task_lists": [] }),
            "`task_lists` is []; it must name one task list or more, such as [\"video\", \"audio\"]",
        ),
        (
            json!({ "task_lists": 5 }),
            "`task_lists` is 5; it must name one task list or more, such as [\"video\", \"audio\"]",
        ),
        (
            json!({ "task_lists": ["a", "b:c"] }),
            "`task_lists` is [\"a\", \"b:c\"]; it names \"b:c\", which must not contain `:`, `/`, `|` or control characters",
        ),
        (
            json!({ "task_lists": "" }),
            "`task_lists` is \"\"; it names \"\", which must not be empty",
        ),
        (
            json!({ "heartbeat_interval": "0s" }),
            "`heartbeat_interval` is \"0s\"; it must be longer than zero",
        ),
        (
            json!({ "drain_deadline": "soon" }),
            "`drain_deadline` is \"soon\"; it must be a duration such as \"30s\", \"1m 30s\" or \"100ms\", or a number of seconds",
        ),
        (
            json!({ "drain_deadline": -5 }),
            "`drain_deadline` is -5; it must be a duration such as \"30s\", \"1m 30s\" or \"100ms\", or a number of seconds",
        ),
        (
            json!({ "drain_deadline": "none" }),
            "`drain_deadline` is \"none\"; it must be a duration such as \"30s\", \"1m 30s\" or \"100ms\", or a number of seconds",
        ),
        (
            json!({ "heartbeat_budget": 0 }),
            "`heartbeat_budget` is 0; it must be a number of heartbeats a second, greater than zero; leave it out to learn one",
        ),
        (
            json!({ "heartbeat_workers": 0 }),
            "`heartbeat_workers` is 0; it must be a whole number, 1 or more",
        ),
        (
            json!({ "heartbeat_workers": 4_294_967_296_u64 }),
            "`heartbeat_workers` is 4294967296; it must be a whole number of at most 4294967295",
        ),
        (
            json!({ "heartbeat_budget": 5e-324 }),
            "`heartbeat_budget` is 5e-324; it must be a number of heartbeats a second, greater than zero; leave it out to learn one",
        ),
        (
            json!({ "slots": 1e300 }),
            "`slots` is 1e300; it must be a whole number, 1 or more",
        ),
        (
            json!({ "unknown_type": "ignore" }),
            "`unknown_type` is \"ignore\"; it must be \"fail\" or \"leave_to_others\"",
        ),
        (
            json!({ "slot": 5 }),
            "there is no setting `slot`; did you mean `slots`? There are: task_lists, slots, max_concurrent_polls, identity, heartbeat_interval, heartbeat_budget, heartbeat_workers, drain_deadline, poll_backoff_min, poll_backoff_max, unknown_type, register_types, previous_progress, progress_in_failures, untyped, activities",
        ),
        (
            json!({ "untyped": { "limit": 5 } }),
            "there is no setting `untyped.limit`; there are: heartbeat_timeout, heartbeat_interval, cancel_grace",
        ),
        (
            json!({ "activities": { "encode": {} } }),
            "`activities.\"encode\"` names no activity type; write its name and version with a colon between them, such as `activities.\"encode:1.0\"`",
        ),
        (
            json!({ "activities": { "encode:1.0": { "heartbeat_timeout": "30 parsecs" } } }),
            "`activities.\"encode:1.0\".heartbeat_timeout` is \"30 parsecs\"; it must be a duration such as \"30s\", \"1m 30s\" or \"100ms\", a number of seconds, or \"none\" for no limit",
        ),
        (
            json!({ "activities": { "encode:1.0": { "heartbeat_timeout": "2years" } } }),
            "`activities.\"encode:1.0\".heartbeat_timeout` is \"2years\"; it must be at most \"365days\"; write \"none\" for no limit",
        ),
        (
            json!({ "activities": { "encode:1.0": { "priority": 3_000_000_000_u32 } } }),
            "`activities.\"encode:1.0\".priority` is 3000000000; it must be a whole number of 32 bits",
        ),
        (
            json!({ "activities": { "encode:1.0": { "heartbeat_timeouts": "30s" } } }),
            "there is no setting `activities.\"encode:1.0\".heartbeat_timeouts`; did you mean `heartbeat_timeout`? There are: limit, description, heartbeat_timeout, heartbeat_interval, start_to_close_timeout, schedule_to_start_timeout, schedule_to_close_timeout, task_list, priority, cancel_grace",
        ),
    ];
    for (json, said) in cases {
        assert_eq!(fault(&json), said, "{json}");
    }
    let said = fault(&json!({ "activities": { "encode:1.0": { "task_list": long } } }));
    assert!(said.len() < 250, "a long value is cut: {said}");
    assert!(
        said.ends_with("must not be longer than 256 characters"),
        "{said}"
    );
    let said = fault(&json!({ "activities": { "encode:1.0": 5 } }));
    assert!(
        said.contains("`activities.\"encode:1.0\"`: a section with"),
        "{said}"
    );
}

#[test]
fn what_is_set_twice_is_told() {
    let said = |json: &str| {
        serde_json::from_str::<WorkerConfig>(json)
            .unwrap_err()
            .to_string()
    };
    let twice = said(r#"{ "slots": 1, "slots": 2 }"#);
    assert!(
        twice.starts_with("`slots` is set twice; leave one out"),
        "{twice}"
    );
    let twice = said(r#"{ "activities": { "a:1": {}, "a:1": {} } }"#);
    assert!(
        twice.starts_with("`activities.\"a:1\"` is set twice"),
        "{twice}"
    );
    let twice = said(r#"{ "untyped": {}, "untyped": {} }"#);
    assert!(twice.starts_with("`untyped` is set twice"), "{twice}");
}

#[test]
fn null_sets_nothing() {
    let config = read(&json!({ "slots": null, "activities": { "a:1": { "limit": null } } }));
    let config = config.unwrap();
    assert_eq!(config.slots, None);
    assert_eq!(config.activities["a:1"], ActivityConfig::default());
}

#[test]
fn the_first_of_two_wins_field_by_field() {
    let first = read(&json!({
        "slots": 5,
        "activities": { "a:1": { "limit": 1 }, "b:1": { "limit": 2 } }
    }));
    let second = read(&json!({
        "slots": 7,
        "identity": "second",
        "untyped": { "cancel_grace": "1s" },
        "activities": { "a:1": { "limit": 9, "priority": 3 }, "c:1": { "limit": 4 } }
    }));
    let joined = read(&json!({
        "slots": 5,
        "identity": "second",
        "untyped": { "cancel_grace": "1s" },
        "activities": {
            "a:1": { "limit": 1, "priority": 3 },
            "b:1": { "limit": 2 },
            "c:1": { "limit": 4 }
        }
    }));
    assert_eq!(first.unwrap().or(second.unwrap()), joined.unwrap());
}

/// What holds where nothing is set. Where that is no fixed value, nothing.
fn defaults() -> WorkerConfig {
    let settings = Settings::default();
    WorkerConfig {
        slots: Some(settings.slots),
        max_concurrent_polls: Some(settings.polls_each),
        heartbeat_interval: Some(settings.heartbeat_interval),
        drain_deadline: Some(settings.drain_deadline),
        poll_backoff_min: Some(settings.poll_backoff.min()),
        poll_backoff_max: Some(settings.poll_backoff.max()),
        unknown_type: Some(settings.unknown_type),
        register_types: Some(settings.register_types),
        previous_progress: Some(settings.previous_progress),
        progress_in_failures: Some(settings.progress_in_failures),
        ..WorkerConfig::default()
    }
}

/// A value as the documents write it.
fn written(value: &Value) -> String {
    serde_json::to_string(value).unwrap()
}

/// The cells of a row of a table.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn the_page_names_every_field_its_variable_and_its_default() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let (of_worker, of_activity) = rows.split_at(OF_WORKER.len());
    let defaults = defaults();
    for (row, name) in of_worker.iter().zip(OF_WORKER) {
        let cells = cells(row);
        assert_eq!(cells.len(), 5, "{row}");
        assert_eq!(cells[0], format!("`{name}`"));
        assert_eq!(cells[1], format!("`{}`", variable_of("WORKBEAT_", name)));
        match defaults.get(name) {
            Some(default) => assert_eq!(cells[3], format!("`{}`", written(&default)), "{row}"),
            None => assert!(!cells[3].starts_with('`'), "{row}"),
        }
    }
    let named: Vec<_> = of_activity.iter().map(|row| cells(row)[0]).collect();
    let fields: Vec<_> = OF_ACTIVITY.iter().map(|name| format!("`{name}`")).collect();
    assert_eq!(named, fields);
}

#[test]
fn the_documentation_of_the_builder_names_the_defaults_of_the_code() {
    let source = include_str!("../builder.rs");
    for name in OF_WORKER {
        let Some(default) = defaults().get(name) else {
            continue;
        };
        let method = name.trim_end_matches("_min").trim_end_matches("_max");
        let (before, _) = source
            .split_once(&format!("    pub fn {method}("))
            .expect(name);
        let doc = before.rsplit("\n\n").next().unwrap();
        // `10s` as people write it: 10 s.
        let words = doc
            .replace("    ///", "")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let default = match (*name, &default) {
            ("drain_deadline", Value::Text(_)) => "75 s".to_owned(),
            ("unknown_type", _) => "fail".to_owned(),
            (_, Value::Text(text)) => {
                let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
                format!("{} {unit}", text.trim_end_matches(unit))
            }
            (_, value) => written(value),
        };
        let (_, said) = words.split_once("The default is").expect(name);
        assert!(
            said.contains(&default),
            "`{method}` must say {default}: {words}"
        );
    }
    assert_eq!(defaults().drain_deadline, Some(Duration::from_secs(75)));
}

#[test]
fn the_longest_and_the_shortest_are_read_as_they_are_written() {
    for duration in [Duration::MAX, Duration::ZERO, Duration::from_nanos(1)] {
        let written = Value::from(duration);
        assert_eq!(written.duration(), Ok(duration), "{written:?}");
    }
    let config = WorkerConfig {
        slots: Some(usize::MAX),
        drain_deadline: Some(Duration::MAX),
        ..WorkerConfig::default()
    };
    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(
        serde_json::from_str::<WorkerConfig>(&written).unwrap(),
        config
    );
}

#[test]
fn numbers_are_read_however_a_format_gives_them() {
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, MapDeserializer};

    // As serde_json does when anybody in the program turned on its `arbitrary_precision`.
    let number =
        || MapDeserializer::<_, Error>::new([("$serde_json::private::Number", "20")].into_iter());
    let value = Value::deserialize(number()).unwrap();
    assert_eq!(value.count(), Ok(20));
    assert_eq!(value.duration(), Ok(Duration::from_secs(20)));
    assert_eq!(value.rate(), Ok(20.0));
    assert_eq!(value.priority(), Ok(20));
    let value = Value::deserialize(IntoDeserializer::<Error>::into_deserializer(20_i128));
    assert_eq!(value.unwrap().count(), Ok(20));
    let value = Value::deserialize(IntoDeserializer::<Error>::into_deserializer(u128::MAX));
    assert!(value.unwrap().count().is_err());
}

proptest! {
    #[test]
    fn a_duration_is_read_as_it_is_written(seconds in prop_oneof![0_u64..4_000_000_000, 0_u64..], nanos in 0_u32..1_000_000_000) {
        let duration = Duration::new(seconds, nanos);
        let written = Value::from(duration);
        prop_assert_eq!(written.duration(), Ok(duration));
    }

    #[test]
    fn a_number_is_a_number_of_seconds(seconds in 0_u32..) {
        let duration = Duration::from_secs(seconds.into());
        prop_assert_eq!(Value::Whole(seconds.into()).duration(), Ok(duration));
        prop_assert_eq!(Value::Text(seconds.to_string()).duration(), Ok(duration));
        prop_assert_eq!(Value::Real(seconds.into()).duration(), Ok(duration));
    }

    #[test]
    fn any_text_is_taken_or_refused_with_its_place(text in ".*", name in proptest::sample::select(OF_WORKER)) {
        let variable = variable_of("WORKBEAT_", name);
        let config = WorkerConfig::from_vars("WORKBEAT_", [(variable.as_str(), text.as_str())]);
        if let Err(error) = config {
            prop_assert_eq!(error.place(), variable);
        }
        let _ = read(&json!({ *name: text }));
    }

    #[test]
    fn any_number_is_taken_or_refused(number in any::<f64>(), name in proptest::sample::select(OF_ACTIVITY)) {
        let mut config = ActivityConfig::default();
        let _ = config.set(name, &Value::Real(number));
        let _ = config.set(name, &Value::Whole(number as i128));
    }
}
