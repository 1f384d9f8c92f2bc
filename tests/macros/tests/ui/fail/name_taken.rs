use serde::Deserialize;
use workbeat::prelude::*;

#[derive(Deserialize)]
struct Pack {
    folder: String,
}

#[activity]
async fn pack(input: Pack) -> Result<(), ActivityError> {
    drop(input.folder);
    Ok(())
}

fn main() {}
