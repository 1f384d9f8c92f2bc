//! A boxed error that cannot move to another thread, returned and met by `?`.

use std::error::Error;

use workbeat::prelude::*;

#[activity]
async fn transcode(_: String) -> Result<(), Box<dyn Error>> {
    Ok(())
}

fn probe() -> Result<(), Box<dyn Error>> {
    Ok(())
}

#[activity]
async fn pack(_: String) -> Result<(), ActivityError> {
    probe()?;
    Ok(())
}

fn ask() -> Result<(), String> {
    Err("no".to_owned())
}

#[activity]
async fn unpack(_: String) -> Result<(), ActivityError> {
    ask()?;
    None::<u32>?;
    Ok(())
}

fn main() {}
