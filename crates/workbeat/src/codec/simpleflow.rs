//! The payloads of simpleflow.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::raw::{Members, bind, input_of_arguments};
use super::{Codec, CodecError, Failure};

/// How large fields that simpleflow has put into S3 begin.
const JUMBO: &str = "simpleflow+s3://";

/// The payloads of [simpleflow](https://pypi.org/project/simpleflow/), for activities whose decider
/// is written with it. Needs the feature `simpleflow`.
///
/// # Inputs
///
/// simpleflow writes `{"args": [...], "kwargs": {...}}`. Without more knowledge an activity is given
///
/// | the call in Python | the activity's input |
/// |---|---|
/// | `measure()` | `null`: no input |
/// | `measure(files)` | the argument itself |
/// | `measure(files, True)` | an array of the arguments: a tuple, or a struct with its fields in that order |
/// | `measure(files=files)` | an object: a struct |
/// | `measure(files, recursive=True)` | refused: it needs the names |
///
/// With the [names of the parameters](Self::parameters), as Python knows them, every call is an
/// object, and the input is a struct whose optional fields have a `#[serde(default)]`. Use them
/// where calls differ.
///
/// ```
/// use serde::Deserialize;
/// use workbeat::codec::{Codec, Simpleflow};
///
/// #[derive(Deserialize)]
/// struct Measure {
///     files: Vec<String>,
///     #[serde(default)]
///     recursive: bool,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let codec = Simpleflow::new().parameters(["files", "recursive"]);
/// let json = codec.decode_input(r#"{"args":[["a.txt"]],"kwargs":{"recursive":true}}"#.to_owned())?;
/// let input: Measure = serde_json::from_str(&json)?;
/// assert!(input.recursive && input.files == ["a.txt"]);
/// # Ok(())
/// # }
/// ```
///
/// A `meta` beside them is passed over: it tells simpleflow's own worker about files to fetch.
/// Large inputs that simpleflow has put into S3 ("jumbo fields") are refused.
///
/// # Results and failures
///
/// A result is plain JSON there too. Details become
/// `{"error": ..., "message": ..., "traceback": []}`, which is what a decider looks into when it
/// decides whether to try again: `error` is the reason up to its colon. Details that are a JSON
/// object already stay as they are, so that an activity can say its own, with an `error_type` for
/// instance. The reason stays as it is. The details of a cancellation too: simpleflow reads none.
#[derive(Clone, Debug, Default)]
pub struct Simpleflow {
    parameters: Option<Vec<String>>,
}

/// What simpleflow writes into an input.
#[derive(Default)]
struct Call<'a> {
    args: Vec<&'a RawValue>,
    kwargs: Members<'a>,
}

impl<'a> Call<'a> {
    fn of(payload: &'a str) -> serde_json::Result<Self> {
        let mut call = Self::default();
        let Members(members) = serde_json::from_str(payload)?;
        for (name, value) in members {
            match name.as_str() {
                "args" => call.args = serde_json::from_str(value.get())?,
                "kwargs" => call.kwargs = serde_json::from_str(value.get())?,
                _ => {}
            }
        }
        Ok(call)
    }
}

impl Simpleflow {
    /// Without the names of the parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the names of the parameters, in their order in Python. For
    /// [one type](crate::worker::WorkerBuilder::activity_codec): others have other parameters.
    ///
    /// A call with more arguments than names, or one that gives a parameter twice, is refused, as
    /// it is in Python. Names that are not in the list are left in the object.
    #[must_use]
    pub fn parameters<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.parameters = Some(names.into_iter().map(Into::into).collect());
        self
    }

    fn input_of(&self, call: &Call<'_>) -> Result<String, CodecError> {
        let args: Vec<_> = call.args.iter().map(|argument| argument.get()).collect();
        let named = &call.kwargs.0;
        match &self.parameters {
            Some(names) => bind(names, &args, named),
            None if named.is_empty() => Ok(input_of_arguments(&args)),
            None if args.is_empty() => bind(&[], &args, named),
            None => Err(CodecError::new(
                "it has arguments with and without a name; tell `Simpleflow::parameters` all names",
            )),
        }
    }
}

impl Codec for Simpleflow {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        if payload.starts_with(JUMBO) {
            return Err(CodecError::new(
                "it is a jumbo field of simpleflow, which is in S3",
            ));
        }
        let call = Call::of(&payload).map_err(|error| {
            CodecError::new("it is no call of simpleflow's, with `args` and `kwargs`")
                .with_source(error)
        })?;
        self.input_of(&call)
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        Ok(json)
    }

    fn encode_failure(&self, mut failure: Failure) -> Result<Failure, CodecError> {
        let own = failure
            .details
            .as_deref()
            .map(serde_json::from_str::<Map<String, Value>>);
        if matches!(own, Some(Ok(_))) {
            return Ok(failure);
        }
        let (error, sentence) = match failure.reason.split_once(": ") {
            Some((error, sentence)) => (error, sentence),
            None => (failure.reason.as_str(), ""),
        };
        let message = failure.details.as_deref().unwrap_or(sentence);
        let details = json!({ "error": error, "message": message, "traceback": [] });
        failure.details = Some(details.to_string());
        Ok(failure)
    }
}

#[cfg(test)]
#[path = "simpleflow_tests.rs"]
mod tests;
