//! The framework under another path.
#![deny(warnings)]

mod deps {
    pub use workbeat as framework;
}

use deps::framework::prelude::*;

#[activity(
    crate = "deps::framework",
    heartbeat_timeout = "none",
    cancel_grace = "1s"
)]
async fn pack(input: u8, ctx: ActivityContext) -> Result<u8, ActivityError> {
    ctx.check_stopped()?;
    Ok(input)
}

struct Store;

impl Store {
    #[activity(crate = "crate::deps::framework")]
    async fn copy(&self) -> Result<(), ActivityError> {
        Ok(())
    }
}

fn main() {
    assert_eq!(Pack.version(), "1.0");
    assert_eq!(std::sync::Arc::new(Store).copy_activity().name(), "copy");
}
