use workbeat::prelude::*;

struct Video;

#[activity]
async fn transcode(_: Video, _: ActivityContext) -> Result<(), ActivityError> {
    Ok(())
}

#[activity(blocking)]
fn probe(_: Option<Video>) -> Result<(), ActivityError> {
    Ok(())
}

fn main() {}
