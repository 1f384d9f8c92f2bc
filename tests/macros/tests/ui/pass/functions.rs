//! Free functions, in all their forms, with warnings as errors.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]
#![deny(clippy::all, clippy::pedantic)]

use std::borrow::Cow;
use std::io;

use serde::{Deserialize, Serialize};
use workbeat::prelude::*;

/// An input.
#[derive(Debug, Deserialize)]
pub struct Video {
    frames: u32,
}

/// An output.
#[derive(Debug, Serialize)]
pub struct Summary {
    frames: u32,
}

/// An error of one's own.
#[derive(Debug)]
pub struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

/// Input and context.
#[activity]
pub async fn transcode(video: Video, ctx: ActivityContext) -> Result<Summary, ActivityError> {
    let frames = ctx.until_stopped(async { video.frames }).await?;
    Ok(Summary { frames })
}

/// The context first, and by reference.
#[activity]
pub async fn count(ctx: &ActivityContext, video: Video) -> Result<u32, Broken> {
    ctx.until_stopped(async { video.frames })
        .await
        .map_err(|_| Broken)
}

/// A path to the context, and an alias of `Result`.
#[activity]
async fn length(mut text: String, _ctx: workbeat::activity::ActivityContext) -> io::Result<usize> {
    text.push('.');
    Ok(text.len())
}

/// A pattern, and no context.
#[activity]
async fn add((a, b): (u32, u32)) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
    Ok(a + b)
}

/// Input that may be borrowed for ever, and such output.
#[activity]
async fn constant(_: Cow<'static, str>) -> Result<&'static str, ActivityError> {
    Ok("constant")
}

/// The context alone.
#[activity]
async fn wait(ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.stopped().await;
    Err(ActivityError::canceled(""))
}

/// Nothing.
#[activity]
async fn r#type() -> Result<(), ActivityError> {
    Ok(())
}

/// Names that generated code might use itself.
#[activity]
async fn run(ctx: Video) -> Result<u32, ActivityError> {
    input(1).await?;
    Ok(ctx.frames)
}

#[activity]
async fn input(input: u32) -> Result<u32, ActivityError> {
    Ok(input)
}

/// A deprecated one that is not compiled everywhere.
#[activity]
#[cfg(not(windows))]
#[deprecated = "use `add`"]
async fn sum(input: (u32, u32)) -> Result<u32, ActivityError> {
    Ok(input.0 + input.1)
}

fn named(activity: &impl Activity) -> String {
    format!("{} {}", activity.name(), activity.version())
}

fn main() {
    assert_eq!(named(&Transcode), "transcode 1.0");
    assert_eq!(named(&Count::default()), "count 1.0");
    assert_eq!(named(&Type), "type 1.0");
    let _ = (Length, Add, Constant, Wait, Run, Input);

    // Inside a function too.
    #[activity]
    async fn local(input: u8) -> Result<u8, ActivityError> {
        Ok(input)
    }
    assert_eq!(named(&Local), "local 1.0");
    drop((local(1), add((1, 2)), r#type(), length));
}
