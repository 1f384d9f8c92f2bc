//! Functions that block their thread.
#![deny(warnings)]

use std::io;

use workbeat::prelude::*;

#[activity(blocking)]
fn everything(path: String, ctx: ActivityContext) -> io::Result<u64> {
    ctx.report(&path);
    Ok(std::fs::metadata(path)?.len())
}

#[activity(blocking, name = "other")]
fn by_reference(ctx: &ActivityContext, path: String) -> Result<u64, ActivityError> {
    ctx.check_stopped()?;
    Ok(std::fs::metadata(path)?.len())
}

#[activity(blocking)]
fn input_alone(path: String) -> io::Result<u64> {
    Ok(std::fs::metadata(path)?.len())
}

#[activity(blocking)]
fn nothing() -> Result<(), ActivityError> {
    Ok(())
}

// The error is turned into an `ActivityError` before it leaves its thread.
#[activity(blocking)]
fn error_that_is_not_send(_: u8) -> Result<(), NotSend> {
    Err(NotSend(std::rc::Rc::new(1)))
}

struct NotSend(std::rc::Rc<u8>);

impl From<NotSend> for ActivityError {
    fn from(error: NotSend) -> Self {
        ActivityError::failed(error.0.to_string())
    }
}

fn main() {
    assert_eq!(Everything.name(), "everything");
    assert_eq!(ByReference.name(), "other");
    let _ = (InputAlone, Nothing, ErrorThatIsNotSend);
    assert!(input_alone(String::new()).is_err());
}
