//! An engine from the rows that were kept of another one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use workbeat::service::ActivityType;

use super::row;
use crate::engine::activity::{Activity, ActivityState};
use crate::engine::core::Engine;
use crate::engine::decision_task::DecisionTaskState;
use crate::engine::domain::Domain;
use crate::engine::event::HistoryEvent;
use crate::engine::execution::Execution;
use crate::engine::ids::{ActivityKey, EventId, WorkflowType};
use crate::engine::settings::Settings;
use crate::engine::time::Timestamp;
use crate::engine::timer::Timer;

/// Why rows make no engine. Nothing of what a row holds shows in it: that may be a payload.
///
/// ```
/// use workbeat_local::engine::{Engine, RestoreErrorKind, Settings, Timestamp};
///
/// let rows = [("domains".to_owned(), "00000000".to_owned(), "not JSON".to_owned())];
/// let error = Engine::restore(Settings::default(), rows, Timestamp::default()).unwrap_err();
/// assert_eq!(error.kind(), RestoreErrorKind::Malformed);
/// assert_eq!(
///     error.to_string(),
///     "the row 00000000 of the table domains cannot be read: line 1, column 2"
/// );
/// ```
#[derive(Debug)]
pub struct RestoreError {
    kind: RestoreErrorKind,
    table: String,
    key: String,
    /// The line and the column of the row at which it is wrong, if that is known.
    place: Option<(usize, usize)>,
}

/// What is wrong with the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RestoreErrorKind {
    /// A row is in a table that there is none of: perhaps a later version kept it.
    UnknownTable,
    /// A row is not what its table has.
    Malformed,
    /// A row belongs to another one that is missing.
    Incomplete,
}

impl RestoreError {
    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> RestoreErrorKind {
        self.kind
    }

    fn new(kind: RestoreErrorKind, table: &str, key: &str) -> Self {
        Self {
            kind,
            table: table.to_owned(),
            key: key.to_owned(),
            place: None,
        }
    }
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            table,
            key,
            place,
        } = self;
        match kind {
            RestoreErrorKind::UnknownTable => write!(f, "there is no table {table}"),
            RestoreErrorKind::Malformed => {
                write!(f, "the row {key} of the table {table} cannot be read")?;
                match place {
                    Some((line, column)) => write!(f, ": line {line}, column {column}"),
                    None => Ok(()),
                }
            }
            RestoreErrorKind::Incomplete => {
                write!(
                    f,
                    "what the row {key} of the table {table} belongs to is missing"
                )
            }
        }
    }
}

impl std::error::Error for RestoreError {}

/// The rows by their tables, each table in the order of its keys.
type Tables = BTreeMap<&'static str, BTreeMap<String, String>>;

/// The tables, in an order in which each belongs to those before it.
const ORDER: [&str; 9] = [
    row::RUNS,
    row::DOMAINS,
    row::ACTIVITY_TYPES,
    row::WORKFLOW_TYPES,
    row::EXECUTIONS,
    row::EVENTS,
    row::ACTIVITIES,
    row::TIMERS,
    row::CHILDREN,
];

impl Engine {
    /// The engine whose rows were [kept](Self::take_changes), in whatever order they come.
    ///
    /// It goes on where the other one stopped: with the same settings, its seed among them, the
    /// tokens that were handed out are still valid, and no run id is given twice. Polls that
    /// waited are gone. Deadlines that passed meanwhile fire before this returns, each at its
    /// own time, and the notices say so.
    ///
    /// # Errors
    ///
    /// A [`RestoreError`] if a row cannot be read, or rows are missing.
    pub fn restore(
        settings: Settings,
        rows: impl IntoIterator<Item = (String, String, String)>,
        now: Timestamp,
    ) -> Result<Self, RestoreError> {
        let mut tables = Tables::new();
        for (table, key, row) in rows {
            let known = ORDER.into_iter().find(|known| *known == table);
            let unknown = || RestoreError::new(RestoreErrorKind::UnknownTable, &table, &key);
            let table = known.ok_or_else(unknown)?;
            tables.entry(table).or_default().insert(key, row);
        }
        let mut engine = Self::new(settings);
        for table in ORDER {
            for (key, row) in tables.remove(table).unwrap_or_default() {
                engine.restore_row(table, &key, &row)?;
            }
        }
        engine.restore_executions();
        // All of it is what was kept already.
        engine.take_changes();
        engine.advance(now);
        Ok(engine)
    }

    fn restore_row(&mut self, table: &str, key: &str, row: &str) -> Result<(), RestoreError> {
        let bad = |kind| RestoreError::new(kind, table, key);
        let malformed = || bad(RestoreErrorKind::Malformed);
        let incomplete = || bad(RestoreErrorKind::Incomplete);
        match table {
            row::RUNS => self.seed.go_on_after(read(table, key, row)?),
            row::DOMAINS => {
                let domain: Domain = read(table, key, row)?;
                let registered = self.domains.register(domain).map_err(|_| malformed())?;
                // The key of a domain is its place among them.
                if format!("{:08x}", registered.0) != key {
                    return Err(incomplete());
                }
            }
            row::ACTIVITY_TYPES | row::WORKFLOW_TYPES => {
                let (domain, name, version) = type_key(key).ok_or_else(malformed)?;
                let domain = self.domains.get_mut(domain).ok_or_else(incomplete)?;
                if table == row::ACTIVITY_TYPES {
                    let name = ActivityType::new(name, version);
                    domain.activity_types.insert(name, read(table, key, row)?);
                } else {
                    let name = WorkflowType::new(name, version);
                    domain.workflow_types.insert(name, read(table, key, row)?);
                }
            }
            row::EXECUTIONS => {
                let execution: Execution = read(table, key, row)?;
                self.domains.get(execution.domain).ok_or_else(incomplete)?;
                self.executions.insert(key.into(), execution);
            }
            _ => {
                let (run_id, id) = run_key(key).ok_or_else(malformed)?;
                let execution = self.executions.get_mut(&run_id).ok_or_else(incomplete)?;
                match table {
                    row::EVENTS => {
                        let event: HistoryEvent = read(table, key, row)?;
                        self.now = self.now.max(event.timestamp);
                        // Event ids are dense: one that is missing cannot be done without.
                        if event.event_id != id || !execution.put_back(event) {
                            return Err(incomplete());
                        }
                    }
                    row::ACTIVITIES => {
                        let activity: Activity = read(table, key, row)?;
                        self.restore_activity(&ActivityKey::new(run_id, id), activity);
                    }
                    row::TIMERS => {
                        let timer: Timer = read(table, key, row)?;
                        self.keep_timer(&run_id, id, timer);
                    }
                    _ => {
                        execution.children.insert(id, read(table, key, row)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// Keeps an open activity, with its place in its task list and its clocks.
    fn restore_activity(&mut self, key: &ActivityKey, activity: Activity) {
        match activity.state {
            ActivityState::Scheduled { place } => {
                self.task_lists.put(&activity.task_list, place, key.clone());
            }
            ActivityState::Started { heartbeat_at, .. } => {
                self.now = self.now.max(heartbeat_at.unwrap_or_default());
            }
        }
        self.keep_activity(key, activity);
    }

    /// Sets what an execution has besides what is open in it: its workflow id, the place of its
    /// decision task, and its own clocks.
    fn restore_executions(&mut self) {
        let runs: Vec<Arc<str>> = self.executions.keys().cloned().collect();
        for run_id in runs {
            self.set_execution_timeout(&run_id);
            self.set_decision_timeout(&run_id);
            self.set_retention(&run_id);
            if let Some(execution) = self.executions.get(&run_id) {
                self.visibility.place(execution);
            }
            let Some(execution) = self.open(&run_id) else {
                continue;
            };
            let (domain, workflow_id) = (execution.domain, execution.id.workflow_id.clone());
            if let Some(task) = &execution.decisions.task
                && let DecisionTaskState::Scheduled { place } = task.state
            {
                let list = (domain, task.task_list.clone());
                self.decision_lists.put(&list, place, run_id.clone());
            }
            if let Some(domain) = self.domains.get_mut(domain) {
                domain.open.insert(workflow_id, run_id);
            }
        }
    }
}

fn read<T: DeserializeOwned>(table: &str, key: &str, row: &str) -> Result<T, RestoreError> {
    // What serde says of a value could show it, so that is not passed on.
    serde_json::from_str(row).map_err(|error| RestoreError {
        place: (error.line() > 0).then(|| (error.line(), error.column())),
        ..RestoreError::new(RestoreErrorKind::Malformed, table, key)
    })
}

/// The run and the event that a key names.
fn run_key(key: &str) -> Option<(Arc<str>, EventId)> {
    let (run_id, id) = key.split_once('/')?;
    Some((run_id.into(), EventId::from_str_radix(id, 16).ok()?))
}

/// The domain, the name and the version that a key names.
fn type_key(key: &str) -> Option<(crate::engine::ids::DomainKey, &str, &str)> {
    let (domain, rest) = key.split_once('/')?;
    let (name, version) = rest.split_once('/')?;
    let domain = u32::from_str_radix(domain, 16).ok()?;
    Some((crate::engine::ids::DomainKey(domain), name, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_row_is_said_without_what_is_in_it() {
        let of = |table: &str, row: &str| (table.to_owned(), "00000000".to_owned(), row.to_owned());
        for row in [of("domains", r#""secret""#), of("runs", r#"  "secret""#)] {
            let error = Engine::restore(Settings::default(), [row], Timestamp::default());
            let error = error.unwrap_err();
            assert_eq!(error.kind(), RestoreErrorKind::Malformed);
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains("00000000") && shown.contains("line 1"),
                "{shown}"
            );
            assert!(!shown.contains("secret"), "{shown}");
            assert!(std::error::Error::source(&error).is_none());
        }
    }
}
