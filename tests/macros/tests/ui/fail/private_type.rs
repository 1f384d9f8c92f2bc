use serde::Deserialize;
use workbeat::prelude::*;

#[derive(Deserialize)]
struct Video;

#[activity]
pub async fn transcode(video: Video) -> Result<(), ActivityError> {
    drop(video);
    Ok(())
}

fn main() {}
