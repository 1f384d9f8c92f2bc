//! The function, and not its type, is tested; and a closure without a name.

use workbeat::prelude::*;
use workbeat::testing::ActivityTest;

#[activity]
async fn pack(folder: String) -> Result<(), ActivityError> {
    drop(folder);
    Ok(())
}

fn test() {
    let _ = ActivityTest::new(pack);
    let _ = ActivityTest::new(async |folder: String| Ok::<_, ActivityError>(folder));
}

fn main() {}
