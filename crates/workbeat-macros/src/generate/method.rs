//! The associated function that makes an activity of a method.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;

use super::{Settings, arguments, docs, ends, future, generated_at, input_type, output_type};
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
    let method = &item.signature.ident;
    let at = generated_at(method.span());
    let input_type = input_type(shape, framework);
    let output_type = output_type(shape, framework);

    let [shared, input, ctx] =
        ["shared", "input", "ctx"].map(|name| Ident::new(name, Span::mixed_site()));
    let arguments = arguments(shape, &input, &ctx);
    let state = match receiver {
        Receiver::Reference => quote!(&#shared),
        Receiver::Arc => quote!(#shared),
    };
    let call = quote_spanned!(at=> Self::#method(#state, #arguments));
    // What the method does not take is moved in with the rest, and so is used.
    let call = quote_spanned!(at=> { let _ = (&#input, &#ctx); #call });
    let future = future(&call, false, &ctx, at, shape, settings);

    let state_bounds = state_bounds(item);
    quote! {
        #declaration -> impl #framework::activity::Activity<Input = #input_type, Output = #output_type>
        where
            #state_bounds
        {
            #framework::macro_support::over_shared(
                self,
                #name,
                #version,
                #options,
                |
                    #shared: ::std::sync::Arc<Self>,
                    #input: #input_type,
                    #ctx: #framework::activity::ActivityContext,
                | #future,
            )
        }
    }
}

/// What the state must be, said where the method takes it.
fn state_bounds(item: &Item) -> TokenStream {
    let receiver = item.signature.receiver();
    let (first, last) = receiver.map_or_else(|| ends(&item.signature.ident), ends);
    let state = quote_spanned!(first=> Self);
    let lifetime = syn::Lifetime::new("'static", last);
    quote!(#state: ::core::marker::Send + ::core::marker::Sync + #lifetime)
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
