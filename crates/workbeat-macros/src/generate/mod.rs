//! What is emitted behind the function.
//!
//! What the compiler checks stands, for the compiler, where the user wrote it: a type at the
//! type, the future at the function's name. And each thing is checked in one place, so that one
//! mistake is one error.

mod docs;
mod function;
mod method;
mod run;
mod settings;
mod spans;
mod stand_in;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

use crate::item::Item;
use crate::signature::Shape;
pub(crate) use settings::Settings;
use spans::ends;
pub(crate) use stand_in::stand_in;

/// The type or the associated function that makes an activity of `item`.
pub(crate) fn activity(
    item: &Item,
    shape: &Shape,
    settings: &Settings,
) -> syn::Result<TokenStream> {
    match shape.receiver {
        None => function::generate(item, shape, settings),
        Some(receiver) => Ok(method::generate(item, shape, receiver, settings)),
    }
}

/// The type of the activity's input.
fn input_type(shape: &Shape, settings: &Settings) -> TokenStream {
    let framework = &settings.framework;
    match &shape.parameters.input {
        Some(input) => input.to_token_stream(),
        None => quote!(#framework::activity::NoInput),
    }
}

/// The type of the activity's output.
fn output_type(shape: &Shape, settings: &Settings) -> TokenStream {
    if let Some(value) = shape.output.value() {
        return value.to_token_stream();
    }
    // An alias such as `io::Result<T>`: only the compiler knows what it stands for.
    let framework = &settings.framework;
    let returned = &shape.output.returned;
    let (first, last) = ends(returned);
    let open = quote_spanned!(first=> <);
    let close = quote_spanned!(last=> >::Output);
    quote!(#open #returned as #framework::activity::ActivityReturn #close)
}
