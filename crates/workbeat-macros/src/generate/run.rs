//! The call of the user's function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::Settings;
use super::spans::{ends, spanned, witness};
use crate::signature::{Argument, Shape};

/// The names of what the function is called with. Nothing that the user names is in their way:
/// they are known to the macro alone.
pub(super) struct Names {
    pub(super) input: Ident,
    pub(super) ctx: Ident,
}

impl Names {
    pub(super) fn new() -> Self {
        Self {
            input: Ident::new("input", Span::mixed_site()),
            ctx: Ident::new("ctx", Span::mixed_site()),
        }
    }

    /// The arguments in the function's order.
    pub(super) fn arguments(&self, shape: &Shape) -> TokenStream {
        let Self { input, ctx } = self;
        let arguments = shape
            .parameters
            .arguments
            .iter()
            .map(|argument| match argument {
                Argument::Input => quote!(#input),
                Argument::Context => quote!(#ctx),
                Argument::ContextReference => quote!(&#ctx),
            });
        quote!(#(#arguments),*)
    }
}

/// What runs `call`, an expression that is wholly at `at`: a future with the framework's own
/// error.
///
/// The compiler says at `at` if the call's future is not `Send`, and at the return type if that
/// is no `Result`, or one with a wrong error.
pub(super) fn run(
    at: Span,
    call: &TokenStream,
    names: &Names,
    shape: &Shape,
    settings: &Settings,
) -> TokenStream {
    let framework = &settings.framework;
    let Names { input, ctx } = names;
    let conversion = conversion(shape, settings);
    // What the function does not take is used here, and where there is a closure or an async
    // block, moved in with the rest.
    let unused = quote_spanned!(at=> let _ = (&#input, &#ctx););
    if settings.blocking {
        let run = spanned(at, quote!(#framework::macro_support::run_blocking));
        return quote_spanned!(at=> #run(#ctx, #conversion, move |#ctx| { #unused #call }));
    }
    let run = spanned(at, quote!(#framework::macro_support::run_async));
    let borrows = shape
        .parameters
        .arguments
        .contains(&Argument::ContextReference);
    if borrows || shape.receiver.is_some() {
        quote_spanned!(at=> #run(#conversion, async move { #unused #call.await }))
    } else {
        // Without a block of ours around it, messages speak of the user's function.
        quote_spanned!(at=> { #unused #run(#conversion, #call) })
    }
}

/// The function that turns what is returned into a result with the framework's own error.
fn conversion(shape: &Shape, settings: &Settings) -> TokenStream {
    let framework = &settings.framework;
    let returned = &shape.output.returned;
    let (first, last) = ends(returned);
    let conversion = match shape.output.value() {
        Some(_) => quote!(#framework::macro_support::conversion),
        None => quote!(#framework::macro_support::conversion_of_alias),
    };
    let conversion = spanned(first, conversion);
    let witness = witness(returned, settings);
    quote_spanned!(last=> #conversion(#witness))
}
