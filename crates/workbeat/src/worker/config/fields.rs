//! The fields by their names.

use super::error::Wrong;
use super::value::Value;
use super::{ActivityConfig, WorkerConfig};
use crate::activity::ActivityOptions;

/// The fields of a worker that are no sections.
pub(super) const OF_WORKER: &[&str] = &[
    "task_lists",
    "slots",
    "max_concurrent_polls",
    "identity",
    "heartbeat_interval",
    "heartbeat_budget",
    "heartbeat_workers",
    "drain_deadline",
    "poll_backoff_min",
    "poll_backoff_max",
    "unknown_type",
    "register_types",
    "previous_progress",
    "progress_in_failures",
];

/// The sections of a worker.
pub(super) const SECTIONS: &[&str] = &["untyped", "activities"];

/// The fields of the section of an activity type.
pub(super) const OF_ACTIVITY: &[&str] = &[
    "limit",
    "description",
    "heartbeat_timeout",
    "heartbeat_interval",
    "start_to_close_timeout",
    "schedule_to_start_timeout",
    "schedule_to_close_timeout",
    "task_list",
    "priority",
    "cancel_grace",
];

/// The fields of the section of the untyped handler, which no service is told of.
pub(super) const OF_UNTYPED: &[&str] = &["heartbeat_timeout", "heartbeat_interval", "cancel_grace"];

/// Something with fields that can be set by name.
pub(super) trait Fields {
    /// Sets a field. A name that is none of its fields sets nothing.
    fn set(&mut self, name: &str, value: &Value) -> Result<(), Wrong>;

    /// A field, if it is set.
    fn get(&self, name: &str) -> Option<Value>;
}

impl Fields for WorkerConfig {
    fn set(&mut self, name: &str, value: &Value) -> Result<(), Wrong> {
        match name {
            "task_lists" => self.task_lists = Some(value.names()?),
            "slots" => self.slots = Some(value.count()?),
            "max_concurrent_polls" => self.max_concurrent_polls = Some(value.count()?),
            "identity" => self.identity = Some(value.text()?),
            "heartbeat_interval" => self.heartbeat_interval = Some(value.span()?),
            "heartbeat_budget" => self.heartbeat_budget = Some(value.rate()?),
            "heartbeat_workers" => self.heartbeat_workers = Some(value.number()?),
            "drain_deadline" => self.drain_deadline = Some(value.duration()?),
            "poll_backoff_min" => self.poll_backoff_min = Some(value.span()?),
            "poll_backoff_max" => self.poll_backoff_max = Some(value.span()?),
            "unknown_type" => self.unknown_type = Some(value.unknown_type()?),
            "register_types" => self.register_types = Some(value.flag()?),
            "previous_progress" => self.previous_progress = Some(value.flag()?),
            "progress_in_failures" => self.progress_in_failures = Some(value.flag()?),
            _ => {}
        }
        Ok(())
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "task_lists" => self.task_lists.clone().map(Value::from),
            "slots" => self.slots.map(Value::from),
            "max_concurrent_polls" => self.max_concurrent_polls.map(Value::from),
            "identity" => self.identity.clone().map(Value::from),
            "heartbeat_interval" => self.heartbeat_interval.map(Value::from),
            "heartbeat_budget" => self.heartbeat_budget.map(Value::from),
            "heartbeat_workers" => self.heartbeat_workers.map(Value::from),
            "drain_deadline" => self.drain_deadline.map(Value::from),
            "poll_backoff_min" => self.poll_backoff_min.map(Value::from),
            "poll_backoff_max" => self.poll_backoff_max.map(Value::from),
            "unknown_type" => self.unknown_type.map(Value::from),
            "register_types" => self.register_types.map(Value::from),
            "previous_progress" => self.previous_progress.map(Value::from),
            "progress_in_failures" => self.progress_in_failures.map(Value::from),
            _ => None,
        }
    }
}

impl Fields for ActivityConfig {
    fn set(&mut self, name: &str, value: &Value) -> Result<(), Wrong> {
        match name {
            "limit" => self.limit = Some(value.count()?),
            name => self.options.set(name, value)?,
        }
        Ok(())
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "limit" => self.limit.map(Value::from),
            name => self.options.get(name),
        }
    }
}

impl Fields for ActivityOptions {
    fn set(&mut self, name: &str, value: &Value) -> Result<(), Wrong> {
        match name {
            "description" => self.description = Some(value.description()?),
            "heartbeat_timeout" => self.heartbeat_timeout = Some(value.timeout()?),
            "heartbeat_interval" => self.heartbeat_interval = Some(value.span()?),
            "start_to_close_timeout" => self.start_to_close_timeout = Some(value.timeout()?),
            "schedule_to_start_timeout" => self.schedule_to_start_timeout = Some(value.timeout()?),
            "schedule_to_close_timeout" => self.schedule_to_close_timeout = Some(value.timeout()?),
            "task_list" => self.task_list = Some(value.name()?),
            "priority" => self.priority = Some(value.priority()?),
            "cancel_grace" => self.cancel_grace = Some(value.span()?),
            _ => {}
        }
        Ok(())
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "description" => self.description.clone().map(Value::from),
            "heartbeat_timeout" => self.heartbeat_timeout.map(Value::from),
            "heartbeat_interval" => self.heartbeat_interval.map(Value::from),
            "start_to_close_timeout" => self.start_to_close_timeout.map(Value::from),
            "schedule_to_start_timeout" => self.schedule_to_start_timeout.map(Value::from),
            "schedule_to_close_timeout" => self.schedule_to_close_timeout.map(Value::from),
            "task_list" => self.task_list.clone().map(Value::from),
            "priority" => self.priority.map(Value::from),
            "cancel_grace" => self.cancel_grace.map(Value::from),
            _ => None,
        }
    }
}
