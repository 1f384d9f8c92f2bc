//! What has changed since somebody asked last.

use std::collections::BTreeSet;

use super::Row;
use crate::engine::core::Engine;

/// A row that was changed, made or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The table that it is in.
    pub table: &'static str,
    /// Its key in the table.
    pub key: String,
    /// What is in it now, as JSON text; `None` if it was removed.
    pub row: Option<String>,
}

impl Change {
    /// What is in a row now: for the tests of a shell that keeps rows.
    #[must_use]
    pub fn new(table: &'static str, key: impl Into<String>, row: Option<String>) -> Self {
        Self {
            table,
            key: key.into(),
            row,
        }
    }
}

/// The rows that were changed since somebody asked last.
#[derive(Debug, Default)]
pub(in crate::engine) struct Changes {
    tracked: bool,
    rows: BTreeSet<Row>,
}

impl Changes {
    /// Notes nothing unless `tracked`.
    pub(in crate::engine) fn new(tracked: bool) -> Self {
        let rows = BTreeSet::new();
        Self { tracked, rows }
    }

    /// Notes that a row was changed, made or removed.
    pub(in crate::engine) fn mark(&mut self, row: impl FnOnce() -> Row) {
        if self.tracked {
            self.rows.insert(row());
        }
    }
}

impl Engine {
    /// Takes the rows that the calls since the last one have changed, made or removed.
    ///
    /// With [`Settings::track_changes`](crate::engine::Settings::track_changes) a shell can
    /// keep them: all that is kept, given to [`Engine::restore`], is this engine again. What
    /// an answer acknowledges is safe once the rows of its call are.
    ///
    /// Without that setting there are none.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use workbeat_local::engine::{Engine, RegisterDomain, Settings, Timestamp};
    ///
    /// let (now, settings) = (Timestamp::from_millis(0), Settings::default().track_changes(true));
    /// let mut engine = Engine::new(settings.clone());
    /// engine.apply(RegisterDomain { name: "tests".into(), ..Default::default() }, now)?;
    ///
    /// let mut kept = BTreeMap::new();
    /// for change in engine.take_changes() {
    ///     match change.row {
    ///         Some(row) => kept.insert((change.table.to_owned(), change.key), row),
    ///         None => kept.remove(&(change.table.to_owned(), change.key)),
    ///     };
    /// }
    /// let rows = kept.into_iter().map(|((table, key), row)| (table, key, row));
    /// let mut restored = Engine::restore(settings, rows, now).expect("what was kept");
    /// let again = RegisterDomain { name: "tests".into(), ..Default::default() };
    /// assert!(restored.apply(again, now).is_err(), "there is one already");
    /// # Ok::<(), workbeat_local::engine::Fault>(())
    /// ```
    pub fn take_changes(&mut self) -> Vec<Change> {
        if !self.changes.tracked {
            return Vec::new();
        }
        let mut rows = std::mem::take(&mut self.changes.rows);
        for (key, domain) in self.domains.by_key() {
            if domain.take_touched() {
                rows.insert(Row::Domain(key));
            }
            let types = domain.activity_types.take_touched().into_iter();
            rows.extend(types.map(|it| Row::ActivityType(key, it.name, it.version)));
            let types = domain.workflow_types.take_touched().into_iter();
            rows.extend(types.map(|it| Row::WorkflowType(key, it.name, it.version)));
        }
        let change = |row: Row| Change::new(row.table(), row.key(), row.text(self));
        rows.into_iter().map(change).collect()
    }
}
