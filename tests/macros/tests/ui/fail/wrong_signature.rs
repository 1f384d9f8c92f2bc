use serde::Serialize;
use serde::de::DeserializeOwned;
use workbeat::prelude::*;

#[activity]
async fn two_inputs(_: String, _: String, _: ActivityContext) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn two_contexts(_: ActivityContext, _: &ActivityContext) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn mutable_context(_: &mut ActivityContext) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn generic<T: DeserializeOwned>(_: T) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn borrowed(_: &str) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn borrowed_slice(_: &[String], _: ActivityContext) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn borrowed_inside(_: Option<&[u8]>) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn impl_input(_: impl DeserializeOwned) -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn impl_output() -> Result<impl Serialize, ActivityError> {
    Ok(())
}

#[activity]
async fn no_return_type(_: String) {}

#[activity]
async unsafe extern "C" fn qualified() -> Result<(), ActivityError> {
    Ok(())
}

#[activity]
async fn Capitalized() -> Result<(), ActivityError> {
    Ok(())
}

fn main() {
    // No error of their own: a stand-in is there.
    let _ = (
        TwoInputs,
        TwoContexts,
        MutableContext,
        Generic,
        Borrowed,
        NoReturnType,
        Qualified,
    );
    // Nor where it is given the input that it ought to take.
    let _ = given(&BorrowedSlice, vec!["a".to_owned()]);
    let _ = given(&Borrowed, "a".to_owned());
}

fn given<A: workbeat::Activity>(_: &A, _: A::Input) {}
