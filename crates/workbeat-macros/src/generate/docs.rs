//! The documentation of what is generated.

use proc_macro2::TokenStream;
use quote::quote;

use crate::item::Item;
use crate::naming;

use super::Settings;

/// The documentation of a function's type.
pub(crate) fn of_type(item: &Item, type_name: &syn::Ident, settings: &Settings) -> TokenStream {
    let what = summary(settings);
    let how = format!(
        "Register it with `.activity({type_name})`; the worker then runs {}.",
        link(item, "")
    );
    join(item, &what, &how)
}

/// The documentation of a method's associated function.
pub(crate) fn of_function(item: &Item, settings: &Settings) -> TokenStream {
    let what = summary(settings);
    let name = naming::activity_function(&item.signature.ident);
    let how = format!(
        "Register it with `.activity(shared.{name}())`; the worker then runs {} over this shared \
         state.",
        link(item, "Self::")
    );
    join(item, &what, &how)
}

fn summary(settings: &Settings) -> String {
    format!(
        "The activity `{}`, version `{}`.",
        settings.name, settings.version
    )
}

/// A link to the function; the parentheses tell it from a module or a macro of that name.
fn link(item: &Item, prefix: &str) -> String {
    let name = naming::activity_name(&item.signature.ident);
    format!("[`{name}`]({prefix}{name}())")
}

fn join(item: &Item, what: &str, how: &str) -> TokenStream {
    let docs: Vec<_> = item.docs().collect();
    let gap = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    quote! {
        #[doc = #what]
        #[doc = ""]
        #[doc = #how]
        #gap
        #(#docs)*
    }
}
