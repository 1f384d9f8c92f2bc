//! What is emitted behind the function.
//!
//! The types are checked where they are named: `InputOf<Video>` is `Video` if that can be an
//! input. Each mention stands, for the compiler, where the user wrote the type. So an error
//! points there, and an error that is found in several places is reported once.

mod docs;
mod function;
mod method;
mod settings;
mod stand_in;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;

use crate::item::Item;
use crate::signature::{Argument, Shape};
pub(crate) use settings::Settings;
pub(crate) use stand_in::stand_in;

/// The type or the associated function that makes an activity of `item`.
pub(crate) fn activity(item: &Item, shape: &Shape, settings: &Settings) -> syn::Result<TokenStream> {
    match shape.receiver {
        None => function::generate(item, shape, settings),
        Some(receiver) => Ok(method::generate(item, shape, receiver, settings)),
    }
}

/// The type of the activity's input.
fn input_type(shape: &Shape, framework: &syn::Path) -> TokenStream {
    match &shape.parameters.input {
        Some(input) => checked(quote!(#framework::macro_support::InputOf), input),
        None => quote!(#framework::activity::NoInput),
    }
}

/// The type of the activity's output.
fn output_type(shape: &Shape, framework: &syn::Path) -> TokenStream {
    checked(quote!(#framework::macro_support::OutputOf), &shape.output)
}

/// Turns what the function returned into a result with the framework's own error.
fn conversion(shape: &Shape, framework: &syn::Path) -> TokenStream {
    let output = &shape.output;
    let (first, last) = ends(output);
    let open = quote_spanned!(first=> <);
    let name = quote_spanned!(last=> into_activity_result);
    quote!(#open #output as #framework::activity::ActivityReturn>::#name)
}

/// `check<type_>`, as if it stood where `type_` does.
fn checked(check: TokenStream, type_: &syn::Type) -> TokenStream {
    let (first, last) = ends(type_);
    let check = spanned(first, check);
    let close = quote_spanned!(last=> >);
    quote!(#check<#type_ #close)
}

/// Where `tokens` begin and end.
fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let first = tokens.next().map_or_else(Span::call_site, |token| token.span());
    let last = tokens.last().map_or(first, |token| token.span());
    (generated_at(first), generated_at(last))
}

/// `tokens`, as if they stood at `span`.
fn spanned(span: Span, tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    tokens.collect()
}

/// Where `span` is, but as generated code, which no lint about style looks at.
fn generated_at(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}

/// What the function is called with, of `input` and `ctx`.
fn arguments(shape: &Shape, input: &Ident, ctx: &Ident) -> TokenStream {
    let arguments = shape.parameters.arguments.iter().map(|argument| match argument {
        Argument::Input => quote!(#input),
        Argument::Context => quote!(#ctx),
        Argument::ContextReference => quote!(&#ctx),
    });
    quote!(#(#arguments),*)
}

/// The future that the call makes: its output is converted, and it is checked to be `Send`.
fn future(
    call: &TokenStream,
    is_future: bool,
    ctx: &Ident,
    at: Span,
    shape: &Shape,
    settings: &Settings,
) -> TokenStream {
    let framework = &settings.framework;
    let output_type = output_type(shape, framework);
    let conversion = conversion(shape, framework);
    if settings.blocking {
        return quote_spanned! {at=>
            #framework::macro_support::run_blocking::<_, _, #output_type, _>(
                #ctx,
                move |#ctx| #call,
                #conversion,
            )
        };
    }
    let future = match is_future {
        true => call.clone(),
        false => quote_spanned!(at=> async move { #call.await }),
    };
    quote_spanned! {at=>
        #framework::macro_support::run_async::<_, #output_type, _>(#future, #conversion)
    }
}
