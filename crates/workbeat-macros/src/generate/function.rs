//! The type that makes an activity of a free function.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use super::{
    Settings, arguments, docs, ends, future, generated_at, input_type, output_type, spanned,
};
use crate::item::Item;
use crate::naming;
use crate::signature::{Argument, Shape};

pub(crate) fn generate(item: &Item, shape: &Shape, settings: &Settings) -> syn::Result<TokenStream> {
    let Settings {
        name,
        version,
        options,
        framework,
        ..
    } = settings;
    let declaration = declaration(item, settings)?;
    let function = &item.signature.ident;
    let type_name = naming::activity_type(function)?;
    let conditions = item.conditions();
    let at = generated_at(function.span());

    let input_type = input_type(shape, framework);
    let output_type = output_type(shape, framework);
    let declare_input = spanned(ends(&input_type).0, quote!(type Input =));
    let declare_output = spanned(ends(&output_type).0, quote!(type Output =));

    let (input, ctx) = parameters(shape, settings);
    let arguments = arguments(shape, &input, &ctx);
    let call = quote_spanned!(at=> #function(#arguments));
    let borrows = shape.parameters.arguments.contains(&Argument::ContextReference);
    let future = future(&call, !borrows, &ctx, at, shape, settings);
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
            #declare_input #input_type;
            #declare_output #output_type;

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
                #future
            }
        }
    })
}

/// The unit struct, without its `impl`.
pub(super) fn declaration(item: &Item, settings: &Settings) -> syn::Result<TokenStream> {
    let function = &item.signature.ident;
    let type_name = naming::activity_type(function)?;
    let docs = docs::of_type(item, &type_name, settings);
    let conditions = item.conditions();
    let deprecation = item.deprecation();
    let visibility = &item.visibility;
    let keyword = quote_spanned!(generated_at(function.span())=> struct);
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

/// The names of the two parameters of `run`; with an underscore where one is not used.
///
/// Nothing that the user names is in their way: they are known to the macro alone.
fn parameters(shape: &Shape, settings: &Settings) -> (Ident, Ident) {
    let passed = &shape.parameters.arguments;
    let name = |used: bool, name: &str| match used {
        true => Ident::new(name, Span::mixed_site()),
        false => format_ident!("_{}", name, span = Span::mixed_site()),
    };
    let context = |argument: &Argument| *argument != Argument::Input;
    (
        name(passed.contains(&Argument::Input), "input"),
        name(settings.blocking || passed.iter().any(context), "ctx"),
    )
}
