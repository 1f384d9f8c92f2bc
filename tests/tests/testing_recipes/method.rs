use std::sync::{Arc, Mutex};

use workbeat::prelude::*;
use workbeat::testing::{ActivityTest, When};

/// What the activities share.
#[derive(Default)]
struct Store {
    names: Mutex<Vec<String>>,
}

impl Store {
    #[activity]
    async fn import(&self, names: Vec<String>, ctx: ActivityContext) -> Result<usize, ActivityError> {
        for (done, name) in names.iter().enumerate() {
            ctx.check_stopped()?;
            self.names.lock().unwrap().push(name.clone());
            ctx.report(done + 1);
        }
        Ok(names.len())
    }
}

#[tokio::test(start_paused = true)]
async fn canceled_after_a_name_it_keeps_that_one() {
    let store = Arc::new(Store::default());
    let import = ActivityTest::new(store.import_activity()).input(["Ann", "Ben", "Cid"]);
    import.cancel_when(When::Progress(1)).run().await.assert_canceled();
    assert_eq!(*store.names.lock().unwrap(), ["Ann"]);
}
