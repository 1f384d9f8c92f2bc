use workbeat::prelude::*;

#[activity]
struct Pack;

#[activity]
impl Pack {}

#[activity]
pub trait Packs {
    #[activity]
    async fn pack(&self) -> Result<(), ActivityError>;
}

#[activity]
const PACK: u8 = 1;

#[activity]
mod pack {}

#[activity]
#[activity(version = "2.0")]
async fn twice() -> Result<(), ActivityError> {
    Ok(())
}

fn main() {}
