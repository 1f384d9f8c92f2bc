use workbeat::prelude::*;

#[activity]
async fn count(_: String) -> u32 {
    1
}

#[activity(blocking)]
fn probe(_: String) -> Option<u32> {
    None
}

fn main() {}
