use std::sync::Arc;

use workbeat::prelude::*;

struct Store;

impl Store {
    #[activity]
    async fn mutable(&mut self) -> Result<(), ActivityError> {
        Ok(())
    }

    #[activity]
    async fn owned(self) -> Result<(), ActivityError> {
        Ok(())
    }

    #[activity]
    async fn boxed(self: Box<Self>, _: u8) -> Result<(), ActivityError> {
        Ok(())
    }
}

fn main() {
    // No error of their own: a stand-in is there.
    let store = Arc::new(Store);
    let _ = (
        store.mutable_activity(),
        store.owned_activity(),
        store.boxed_activity(),
    );
}
