use workbeat::prelude::*;

struct Store;

impl Store {
    #[activity]
    async fn copy(_: u8) -> Result<(), ActivityError> {
        Ok(())
    }
}

fn main() {}
