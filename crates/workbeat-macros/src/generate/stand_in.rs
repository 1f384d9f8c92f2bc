//! What is emitted in place of an activity whose attribute or signature is wrong.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Settings, function, method};
use crate::item::Item;
use crate::naming;
use crate::signature::input_instead;

/// An activity that is never run: without it, each place that registers the activity would
/// report an error of its own. Where only the input is borrowed it takes what is said to take, for those
/// who give it one already.
pub(crate) fn stand_in(item: &Item, settings: &Settings) -> syn::Result<TokenStream> {
    let framework = &settings.framework;
    if item.signature.receiver().is_some() {
        let declaration = method::declaration(item, settings);
        return Ok(quote! {
            #declaration -> impl #framework::activity::Activity {
                #framework::macro_support::StandIn
            }
        });
    }
    let declaration = function::declaration(item, settings)?;
    let type_name = naming::activity_type(&item.signature.ident)?;
    let conditions = item.conditions();
    let input = match input_instead(&item.signature) {
        Some(input) => quote!(#input),
        None => quote!(#framework::activity::NoInput),
    };
    Ok(quote! {
        #declaration

        #(#conditions)*
        #[automatically_derived]
        #[allow(deprecated)]
        impl #framework::activity::Activity for #type_name {
            type Input = #input;
            type Output = ();

            fn name(&self) -> &str {
                ""
            }

            fn version(&self) -> &str {
                ""
            }

            async fn run(
                &self,
                _: Self::Input,
                _: #framework::activity::ActivityContext,
            ) -> ::core::result::Result<(), #framework::activity::ActivityError> {
                ::core::result::Result::Ok(())
            }
        }
    })
}
