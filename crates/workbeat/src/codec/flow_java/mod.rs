//! The payloads of the AWS Flow Framework for Java.

mod classes;
mod read;
mod write;

use serde_json::json;
use serde_json::value::RawValue;

use self::classes::is_class_name;
use super::raw::{bind, input_of_arguments};
use super::{Codec, CodecError, Failure};

/// The class of what has no other name in Java.
const FAILURE: &str = "java.lang.RuntimeException";

/// The payloads of the AWS Flow Framework for Java, for activities whose decider is written with
/// it. Needs the feature `flow-java`.
///
/// Flow's `JsonDataConverter` is Jackson with default typing for what is not final: beside a value
/// stands the name of its class, `["java.util.ArrayList",["a.txt","b.txt"]]`.
///
/// # Inputs
///
/// Flow writes an array of the arguments, `["[Ljava.lang.Object;",[...]]`. The names of classes are
/// taken away, wherever they are, and an activity is given
///
/// | the call in Java | the activity's input |
/// |---|---|
/// | `measure()` | `null`: no input |
/// | `measure(files)` | the argument itself |
/// | `measure(files, 3)` | an array of the arguments: a tuple, or a struct with its fields in that order |
///
/// With the [names of the parameters](Self::parameters) every call is an object, and the input is a
/// struct; a parameter that was added later can have a `#[serde(default)]`, for callers that do not
/// know it yet.
///
/// ```
/// use serde::Deserialize;
/// use workbeat::codec::{Codec, FlowJava};
///
/// #[derive(Deserialize)]
/// struct Measure {
///     files: Vec<String>,
///     depth: u32,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let payload = r#"["[Ljava.lang.Object;",[["java.util.ArrayList",["a.txt","b.txt"]],3]]"#;
/// let json = FlowJava::new().decode_input(payload.to_owned())?;
/// assert_eq!(json, r#"[["a.txt","b.txt"],3]"#);
/// let input: Measure = serde_json::from_str(&json)?; // an array is as good as an object to serde
/// assert_eq!((input.files.len(), input.depth), (2, 3));
/// # Ok(())
/// # }
/// ```
///
/// Payloads of a converter with a plain `ObjectMapper`, which writes no classes, are read as well;
/// [`without_classes`](Self::without_classes) writes for it.
///
/// # Results
///
/// Numbers, texts and booleans are as they are. An array becomes a `java.util.ArrayList` and an
/// object a `java.util.LinkedHashMap`, at every depth; which is right where the decider declares a
/// `List`, a `Map` or an `Object`. Where it declares a class of its own, name it with
/// [`result_class`](Self::result_class). For anything else an activity can write the names of the
/// classes itself: [`results_as_they_are`](Self::results_as_they_are).
///
/// # Failures
///
/// A decider in Java reads the details of a failure as a `Throwable`. They become a
/// `java.lang.RuntimeException`, or [another class](Self::failure_class), with the details as its
/// message, or the reason if there are none. Details that are such a pair of class and object
/// already stay as they are, so that an activity can say its own:
/// `with_json_details(&("com.example.DiskFull", json!({ "message": "disk full" })))`. The reason
/// stays as it is. The details of a cancellation too: Flow's own worker sends none.
///
/// # Where a text could be a class
///
/// An array of texts has no class where a field is declared as `String[]`. If it has two elements,
/// and the first is the name of a class from Java's library that is written as a text, such as
/// `java.util.UUID`, it is taken for a pair of class and value. The other way round, a value of a
/// class of yours that is written as a text stays a pair where a field is declared as `Object`:
/// `["com.example.Color","RED"]` for an enum.
#[derive(Clone, Debug)]
pub struct FlowJava {
    parameters: Option<Vec<String>>,
    result: ResultClass,
    /// The class of failures, if classes are written.
    failure_class: Option<String>,
}

/// What is written beside a result.
#[derive(Clone, Debug)]
enum ResultClass {
    /// The class that arrays and objects have by default.
    Default,
    /// This one.
    Named(String),
    /// Nothing: the activity does so.
    AsItIs,
}

impl Default for FlowJava {
    fn default() -> Self {
        Self {
            parameters: None,
            result: ResultClass::Default,
            failure_class: Some(FAILURE.to_owned()),
        }
    }
}

impl FlowJava {
    /// As Flow's own converter writes and reads, without a class of yours.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the names of the parameters, in their order in Java. For
    /// [one type](crate::worker::WorkerBuilder::activity_codec): others have other parameters.
    ///
    /// A call with more arguments than names is refused.
    #[must_use]
    pub fn parameters<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.parameters = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// The class that the decider expects as the result, `com.example.Sum` for instance. For
    /// [one type](crate::worker::WorkerBuilder::activity_codec).
    ///
    /// Arrays and objects inside are lists and maps.
    #[must_use]
    pub fn result_class(mut self, class: impl Into<String>) -> Self {
        self.result = ResultClass::Named(class.into());
        self
    }

    /// Leaves results as the activity makes them: it writes what Jackson is to read. A tuple of the
    /// class's name and the value is what it expects: `("com.example.Sum", sum)`.
    #[must_use]
    pub fn results_as_they_are(mut self) -> Self {
        self.result = ResultClass::AsItIs;
        self
    }

    /// The class of failures. It must be a `Throwable` that Jackson can make of an object with a
    /// `message`: one with a constructor that takes a text. The default is
    /// `java.lang.RuntimeException`.
    #[must_use]
    pub fn failure_class(mut self, class: impl Into<String>) -> Self {
        self.failure_class = Some(class.into());
        self
    }

    /// Writes no classes: for a decider whose converter has a plain `ObjectMapper`. Results stay as
    /// they are, and the details of a failure are an object with a `message`.
    ///
    /// Such payloads are read anyway.
    #[must_use]
    pub fn without_classes(mut self) -> Self {
        self.result = ResultClass::AsItIs;
        self.failure_class = None;
        self
    }
}

impl Codec for FlowJava {
    fn decode_input(&self, payload: String) -> Result<String, CodecError> {
        let args = read::arguments(&payload)?;
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        match &self.parameters {
            Some(names) => bind(names, &args, &[]),
            None => Ok(input_of_arguments(&args)),
        }
    }

    fn encode_result(&self, json: String) -> Result<String, CodecError> {
        match &self.result {
            ResultClass::Default => write::with_classes(&json, None),
            ResultClass::Named(class) => write::with_classes(&json, Some(class)),
            ResultClass::AsItIs => Ok(json),
        }
    }

    fn encode_failure(&self, mut failure: Failure) -> Result<Failure, CodecError> {
        let details = failure.details.as_deref();
        if details.is_some_and(is_throwable) {
            return Ok(failure);
        }
        let message = details.unwrap_or(&failure.reason);
        let throwable = json!({ "message": message, "stackTrace": [] });
        let throwable = match &self.failure_class {
            Some(class) => json!([class, throwable]),
            None => throwable,
        };
        failure.details = Some(throwable.to_string());
        Ok(failure)
    }
}

/// Whether details are a class and an object.
fn is_throwable(details: &str) -> bool {
    let pair = serde_json::from_str::<(String, &RawValue)>(details);
    pair.is_ok_and(|(class, value)| is_class_name(&class) && value.get().starts_with('{'))
}

#[cfg(test)]
mod tests;
