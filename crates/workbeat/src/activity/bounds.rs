//! What an input, an output and a return type must be, with errors that say so.

use serde::de::{DeserializeOwned, Deserializer, IgnoredAny};
use serde::{Deserialize, Serialize, Serializer};

use super::ActivityError;

/// A type that an activity can be given: it owns its data and derives `serde::Deserialize`.
///
/// Implemented for every such type; never implement it yourself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the input of an activity",
    label = "an activity's input is decoded from the task, so it must be owned and `Deserialize`",
    note = "derive `serde::Deserialize` for `{Self}` and for what it holds, and let it own its data (`String`, not `&str`) and be `Send`"
)]
pub trait ActivityInput: DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Send + 'static> ActivityInput for T {}

/// A type that an activity can give back: it derives `serde::Serialize`.
///
/// Implemented for every such type; never implement it yourself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the output of an activity",
    label = "an activity's output is encoded as the task's result, so it must be `Serialize`",
    note = "derive `serde::Serialize` for `{Self}` and for what it holds, and let it be `Send`"
)]
pub trait ActivityOutput: Serialize + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + Send + 'static> ActivityOutput for T {}

/// What an activity function returns: a `Result` whose error becomes an [`ActivityError`].
///
/// Implemented for `Result<T, E>`; never implement it yourself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what an activity returns",
    label = "an activity returns `Result<Output, E>`",
    note = "return `Result<{Self}, ActivityError>`, or with any error type that implements `std::error::Error + Send + Sync`"
)]
pub trait ActivityReturn {
    /// The `Ok` side.
    type Output;

    /// The same with the framework's own error.
    ///
    /// # Errors
    ///
    /// The `Err` side, turned into an [`ActivityError`].
    fn into_activity_result(self) -> Result<Self::Output, ActivityError>;
}

#[diagnostic::do_not_recommend]
impl<T, E: Into<ActivityError>> ActivityReturn for Result<T, E> {
    type Output = T;

    fn into_activity_result(self) -> Result<T, ActivityError> {
        self.map_err(Into::into)
    }
}

/// The input of an activity that takes none: whatever the task carries is passed over.
///
/// It serializes as `null`, so that a program that starts such an activity can name its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoInput;

impl Serialize for NoInput {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for NoInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
