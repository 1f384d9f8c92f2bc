//! The associated function that makes an activity of a method.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::run::{Names, run};
use super::spans::{ends, spanned};
use super::{Settings, docs, input_type, output_type};
use crate::item::Item;
use crate::naming;
use crate::signature::{Receiver, Shape};

pub(crate) fn generate(
    item: &Item,
    shape: &Shape,
    receiver: Receiver,
    settings: &Settings,
) -> TokenStream {
    let Settings {
        name,
        version,
        options,
        framework,
        ..
    } = settings;
    let declaration = declaration(item, settings);
    let state_bounds = state_bounds(item);
    let method = &item.signature.ident;

    let at = method.span();

    let input_type = input_type(shape, settings);
    let output_type = output_type(shape, settings);
    let activity = spanned(at, quote!(impl #framework::activity::Activity));
    let activity = quote_spanned!(at=> #activity<Input = #input_type, Output = #output_type>);

    let names = Names::new();
    let Names { input, ctx } = &names;
    let shared = Ident::new("shared", Span::mixed_site());
    let arguments = names.arguments(shape);
    let state = match receiver {
        Receiver::Reference => quote!(&#shared),
        Receiver::Arc => quote!(#shared),
    };
    let call = quote_spanned!(at=> Self::#method(#state, #arguments));
    let run = run(at, &call, &names, shape, settings);
    let run =
        quote_spanned!(at=> |#shared: ::std::sync::Arc<Self>, #input: #input_type, #ctx| #run);
    let over_shared = spanned(at, quote!(#framework::macro_support::over_shared));
    let body = quote_spanned!(at=> #over_shared(self, #name, #version, #options, #run));
    quote! {
        #declaration -> #activity
        where
            #state_bounds
        {
            #body
        }
    }
}

/// What the state must be, said where the method takes it.
fn state_bounds(item: &Item) -> TokenStream {
    let receiver = item.signature.receiver();
    let (first, last) = receiver.map_or_else(|| ends(&item.signature.ident), ends);
    let state = quote_spanned!(first=> Self);
    let lifetime = syn::Lifetime::new("'static", last);
    let bounds = spanned(first, quote!(::core::marker::Send + ::core::marker::Sync));
    quote!(#state: #bounds + #lifetime)
}

/// The function as far as its return type.
pub(super) fn declaration(item: &Item, settings: &Settings) -> TokenStream {
    let docs = docs::of_function(item, settings);
    let conditions = item.conditions();
    let deprecation = item.deprecation();
    let visibility = &item.visibility;
    let name = naming::activity_function(&item.signature.ident);
    quote! {
        #(#conditions)*
        #(#deprecation)*
        #docs
        #[allow(deprecated)]
        #[must_use = "an activity runs when it is registered with a worker"]
        #visibility fn #name(self: &::std::sync::Arc<Self>)
    }
}
