use workbeat::prelude::*;

#[activity]
async fn count(_: String) -> u32 {
    1
}

#[activity(blocking)]
fn probe(_: String) -> Option<u32> {
    None
}

#[derive(serde::Serialize)]
struct Summary;

// Not surely wrong to the macro, which does not know what the name stands for.
#[activity]
async fn summarize() -> Summary {
    Summary
}

fn main() {}
