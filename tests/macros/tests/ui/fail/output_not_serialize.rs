use workbeat::prelude::*;

struct Summary;

#[activity]
async fn transcode(_: String, _: ActivityContext) -> Result<Summary, ActivityError> {
    Ok(Summary)
}

#[activity(blocking)]
fn probe(_: String) -> Result<Summary, ActivityError> {
    Ok(Summary)
}

fn main() {}
