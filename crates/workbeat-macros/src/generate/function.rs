//! The type that makes an activity of a free function.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::run::{Names, run};
use super::spans::{ends, spanned};
use super::{Settings, docs, input_type, output_type};
use crate::item::Item;
use crate::naming;
use crate::signature::Shape;

pub(crate) fn generate(
    item: &Item,
    shape: &Shape,
    settings: &Settings,
) -> syn::Result<TokenStream> {
    let Settings {
        name,
        version,
        options,
        framework,
        ..
    } = settings;
    let declaration = declaration(item, settings)?;
    let conditions = item.conditions();
    let function = &item.signature.ident;
    let type_name = naming::activity_type(function)?;

    let input_type = input_type(shape, settings);
    let output_type = output_type(shape, settings);
    let declare_input = declare(quote!(type Input =), &input_type);
    let declare_output = declare(quote!(type Output =), &output_type);

    let at = function.span();
    let names = Names::new();
    let Names { input, ctx } = &names;
    let arguments = names.arguments(shape);
    let call = quote_spanned!(at=> #function(#arguments));
    let body = run(at, &call, &names, shape, settings);
    let future_type = quote_spanned! {at=>
        impl ::core::future::Future<
            Output = ::core::result::Result<#output_type, #framework::activity::ActivityError>,
        > + ::core::marker::Send
    };
    Ok(quote! {
        #declaration

        #(#conditions)*
        #[automatically_derived]
        #[allow(deprecated)]
        impl #framework::activity::Activity for #type_name {
            #declare_input
            #declare_output

            fn name(&self) -> &str {
                #name
            }

            fn version(&self) -> &str {
                #version
            }

            fn options(&self) -> #framework::activity::ActivityOptions {
                #options
            }

            fn run(
                &self,
                #input: #input_type,
                #ctx: #framework::activity::ActivityContext,
            ) -> #future_type {
                #body
            }
        }
    })
}

/// An associated type, all of it where the type is.
fn declare(name: TokenStream, type_: &TokenStream) -> TokenStream {
    let (first, last) = ends(type_);
    let name = spanned(first, name);
    let end = spanned(last, quote!(;));
    quote!(#name #type_ #end)
}

/// The unit struct, without its `impl`.
pub(super) fn declaration(item: &Item, settings: &Settings) -> syn::Result<TokenStream> {
    let function = &item.signature.ident;
    let type_name = naming::activity_type(function)?;
    let docs = docs::of_type(item, &type_name, settings);
    let conditions = item.conditions();
    let deprecation = item.deprecation();
    let visibility = &item.visibility;
    let keyword = quote_spanned!(function.span()=> struct);
    Ok(quote! {
        #(#conditions)*
        #(#deprecation)*
        #docs
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
            ::core::default::Default,
        )]
        #visibility #keyword #type_name;
    })
}
