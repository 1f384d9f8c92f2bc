//! What is in the data file.

use redb::TableDefinition;
use workbeat_local::engine::Change;

/// Every row of every engine: by its region, the engine's table and the row's key.
pub(super) const ROWS: TableDefinition<'_, (&str, &str, &str), &str> = TableDefinition::new("rows");

/// What holds for the whole file.
pub(super) const FILE: TableDefinition<'_, &str, &str> = TableDefinition::new("file");

/// The row of [`FILE`] that says which version of this schema the file has.
pub(super) const VERSION: &str = "version";

/// The row of [`FILE`] that says what time it was, in milliseconds since the epoch.
pub(super) const NOW: &str = "now";

/// The row of [`FILE`] that says what run ids and task tokens come from. Without it, those of
/// before could not be known again.
pub(super) const SEED: &str = "seed";

/// The version that this server reads and writes. A change of the rows' shape raises it.
pub(super) const PRESENT_VERSION: &str = "1";

/// One change of the data file.
#[derive(Debug)]
pub(crate) enum Write {
    /// Rows of one region.
    Rows(Box<str>, Vec<Change>),
    /// What all ids come from.
    Seed(u64),
    /// Nothing is left of anything, and new ids come from another seed.
    Clear(u64),
}
