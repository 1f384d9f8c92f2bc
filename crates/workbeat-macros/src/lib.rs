//! The `#[activity]` attribute of workbeat.
mod attributes;
mod description;
mod errors;
mod expand;
mod generate;
mod item;
mod naming;
mod signature;

use proc_macro::TokenStream;

/// Makes an activity of an async fn, or of a method.
#[proc_macro_attribute]
pub fn activity(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(arguments.into(), item.into()).into()
}
