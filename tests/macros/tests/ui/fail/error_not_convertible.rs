use workbeat::prelude::*;

struct Broken;

#[activity]
async fn transcode(_: String, _: ActivityContext) -> Result<(), Broken> {
    Ok(())
}

#[activity(blocking)]
fn probe(_: String) -> Result<(), Broken> {
    Ok(())
}

fn main() {}
