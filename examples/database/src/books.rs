//! The activities, and the pool that they share.

use std::path::Path;
use std::time::Duration;

use deadpool_sqlite::rusqlite::{self, TransactionBehavior};
use deadpool_sqlite::{Config, Connection, Pool, PoolError, Runtime, Timeouts};
use serde::{Deserialize, Serialize};
use workbeat::prelude::*;

/// How many connections there are.
pub(crate) const CONNECTIONS: usize = 2;

/// What the activities share: one `Arc` of it is in all of them, and so one pool.
#[derive(Debug)]
pub(crate) struct Books {
    pub(crate) pool: Pool,
}

/// How long an activity waits for a connection, and what it does with it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) lines: u32,
    pub(crate) patience: Duration,
}

/// What goes out with the heartbeats.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Progress {
    WaitsForConnection,
    Lines(u32),
}

impl Books {
    pub(crate) async fn open(path: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let config = Config::new(path).builder(Runtime::Tokio1)?;
        let pool = config.max_size(CONNECTIONS).build()?;
        let connection = pool.get().await?;
        let set_up = connection.interact(|connection| {
            // With a write-ahead log, who reads does not hold up who writes.
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.execute("CREATE TABLE lines (amount INTEGER NOT NULL)", [])
        });
        set_up.await.map_err(|error| error.to_string())??;
        drop(connection);
        Ok(Self { pool })
    }

    /// Adds lines in one transaction: all of them, or none if it is cancelled.
    #[activity(heartbeat_timeout = "30s", heartbeat_interval = "20ms")]
    pub(crate) async fn import(
        &self,
        job: Job,
        ctx: ActivityContext,
    ) -> Result<u32, ActivityError> {
        let connection = self.connection(&job, &ctx).await?;
        on(connection, &ctx, move |connection, ctx| {
            // Immediate: SQLite has one writer at a time, and this says at once who it is.
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for line in 1..=job.lines {
                if ctx.is_stopped() {
                    transaction.rollback()?; // so would a drop, but in silence if it fails
                    let said = format!("rolled back {} lines", line - 1);
                    return Err(ActivityError::canceled(said));
                }
                transaction.execute("INSERT INTO lines VALUES (?1)", [line])?;
                ctx.report(Progress::Lines(line));
                // Stands for lines that take longer.
                let _ = ctx.block_until_stopped(Duration::from_millis(1));
            }
            transaction.commit()?;
            Ok(job.lines)
        })
        .await
    }

    /// Counts the lines.
    #[activity(heartbeat_timeout = "30s", heartbeat_interval = "20ms")]
    pub(crate) async fn count(&self, job: Job, ctx: ActivityContext) -> Result<u32, ActivityError> {
        let connection = self.connection(&job, &ctx).await?;
        on(connection, &ctx, |connection, _| Ok(count(connection)?)).await
    }

    /// Waits for a connection: under heartbeats, as the worker sends them anyway; until it is
    /// cancelled; and not without end, so that a decider learns that the pool is too small. The
    /// activity keeps its slot meanwhile. A worker that takes no more of these than there are
    /// connections, with `activity_limit`, leaves the rest to other workers.
    async fn connection(
        &self,
        job: &Job,
        ctx: &ActivityContext,
    ) -> Result<Connection, ActivityError> {
        ctx.report(Progress::WaitsForConnection);
        let timeouts = Timeouts {
            wait: Some(job.patience),
            ..self.pool.timeouts()
        };
        match ctx.until_stopped(self.pool.timeout_get(&timeouts)).await? {
            Ok(connection) => Ok(connection),
            Err(PoolError::Timeout(_)) => {
                let waited = format!("no connection within {:?}", job.patience);
                Err(ActivityError::failed("POOL_EXHAUSTED").with_details(waited))
            }
            Err(error) => Err(ActivityError::failed("NO_CONNECTION").with_source(error)),
        }
    }
}

/// Does blocking work on a connection, and gives it back to the pool.
///
/// With `run_blocking` rather than the pool's own `interact`: so the worker knows of the work, and
/// the connection is given back when the work has ended, also if the activity's future was dropped
/// before that.
async fn on<T: Send + 'static>(
    connection: Connection,
    ctx: &ActivityContext,
    work: impl FnOnce(&mut rusqlite::Connection, &ActivityContext) -> Result<T, ActivityError>
    + Send
    + 'static,
) -> Result<T, ActivityError> {
    ctx.run_blocking(move |ctx| {
        let connection = connection.lock();
        let mut connection = connection.map_err(|error| error.to_string())?;
        work(&mut connection, &ctx)
    })
    .await
}

/// How many lines there are.
pub(crate) fn count(connection: &rusqlite::Connection) -> rusqlite::Result<u32> {
    connection.query_row("SELECT count(*) FROM lines", [], |row| row.get(0))
}
