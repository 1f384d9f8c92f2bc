//! From the attribute and its item to what is emitted.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::attributes::Attributes;
use crate::errors::Errors;
use crate::generate::{self, Settings};
use crate::item::Item;
use crate::naming;
use crate::signature::Shape;

/// The item as it was written, and behind it what makes an activity of it.
///
/// The item is emitted in any case, so that a mistake in the attribute does not bring errors
/// about a function that is missing.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let generated = generated(arguments, item.clone(), &mut errors);
    let errors = errors.into_tokens();
    quote! {
        #item
        #errors
        #generated
    }
}

fn generated(
    arguments: TokenStream,
    item: TokenStream,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let attributes = Attributes::read(arguments, errors);
    let item: Item = errors.keep(syn::parse2(item))?;
    errors.keep(check_once(&item))?;
    let shape = Shape::read(&item, attributes.blocking, errors);
    if let Some(shape) = &shape {
        errors.keep(check_clash(&item, shape))?;
    }
    let settings = errors.keep(Settings::new(&attributes, &item))?;
    let generated = match shape {
        // Generated code must not add errors of its own to those that are reported already.
        Some(shape) if errors.is_empty() => generate::activity(&item, &shape, &settings),
        _ => generate::stand_in(&item, &settings),
    };
    errors.keep(generated)
}

fn check_once(item: &Item) -> syn::Result<()> {
    let is_activity = |attribute: &&syn::Attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|segment| segment.ident == "activity")
    };
    match item.attributes.iter().find(is_activity) {
        Some(second) => Err(syn::Error::new_spanned(
            second,
            "this is an activity already; write one `#[activity(...)]`",
        )),
        None => Ok(()),
    }
}

/// That an activity is called as its input is would be found by the compiler too, which would
/// then speak of derives and of missing fields.
fn check_clash(item: &Item, shape: &Shape) -> syn::Result<()> {
    if shape.receiver.is_some() {
        return Ok(());
    }
    let function = &item.signature.ident;
    let type_name = naming::activity_type(function)?;
    let is_that =
        |named: &&Type| matches!(named, Type::Path(path) if path.path.is_ident(&type_name));
    let named = [shape.parameters.input.as_ref(), shape.output.value()];
    match named.into_iter().flatten().find(is_that) {
        None => Ok(()),
        Some(named) => Err(syn::Error::new_spanned(
            named,
            format!(
                "`{type_name}` is also what the activity's type would be called: rename one of them; \
                 if it is the function, `#[activity(name = \"{}\")]` keeps the activity's name",
                naming::activity_name(function)
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use syn::{File, ImplItem, Item as Parsed};

    use super::*;

    fn file(arguments: TokenStream, item: &TokenStream) -> File {
        syn::parse2(expand(arguments, item)).unwrap()
    }

    /// What kinds of item there are, in order.
    fn kinds(file: &File) -> Vec<&'static str> {
        let kind = |item: &Parsed| match item {
            Parsed::Fn(_) => "fn",
            Parsed::Struct(_) => "struct",
            Parsed::Impl(_) => "impl",
            Parsed::Macro(_) => "macro",
            Parsed::Const(_) => "const",
            _ => "other",
        };
        file.items.iter().map(kind).collect()
    }

    #[test]
    fn the_function_is_emitted_as_it_was_written() {
        let item = quote! {
            /// Packs.
            #[inline]
            pub async fn pack((a, b): (u8, u8), ctx: ActivityContext) -> io::Result<()> { a + b }
        };
        let expanded = expand(quote!(version = "2"), &item).to_string();
        assert!(expanded.starts_with(&item.to_string()), "{expanded}");
    }

    #[test]
    fn a_function_gives_a_type_with_the_same_visibility() {
        let item = quote!(
            pub(crate) async fn read_file() -> io::Result<()> {}
        );
        let file = file(quote!(), &item);
        assert_eq!(kinds(&file), ["fn", "struct", "impl"]);
        let Parsed::Struct(generated) = &file.items[1] else {
            panic!("no struct");
        };
        assert_eq!(generated.ident, "ReadFile");
        assert!(matches!(generated.vis, syn::Visibility::Restricted(_)));
    }

    #[test]
    fn a_method_gives_an_associated_function() {
        let method = expand(
            quote!(),
            &quote!(
                pub async fn copy(&self) -> io::Result<()> {}
            ),
        );
        let block: syn::ItemImpl = syn::parse2(quote!(impl Store { #method })).unwrap();
        let names = block.items.iter().map(|item| match item {
            ImplItem::Fn(function) => function.sig.ident.to_string(),
            _ => "other".to_owned(),
        });
        assert_eq!(names.collect::<Vec<_>>(), ["copy", "copy_activity"]);
    }

    #[test]
    fn a_mistake_leaves_the_function_and_a_stand_in_that_can_be_registered() {
        let item = quote!(
            async fn pack(input: &str) -> io::Result<()> {}
        );
        assert_eq!(
            kinds(&file(quote!(), &item)),
            ["fn", "macro", "struct", "impl"]
        );
        let item = quote!(
            async fn pack() -> io::Result<()> {}
        );
        assert_eq!(
            kinds(&file(quote!(wibble), &item)),
            ["fn", "macro", "struct", "impl"]
        );
    }

    #[test]
    fn what_is_no_function_is_left_alone_with_one_error() {
        assert_eq!(
            kinds(&file(
                quote!(),
                &quote!(
                    struct S;
                )
            )),
            ["struct", "macro"]
        );
    }

    #[test]
    fn two_attributes_on_one_function_are_one_too_many() {
        let item = quote!(
            #[workbeat::activity]
            async fn pack() -> io::Result<()> {}
        );
        assert_eq!(kinds(&file(quote!(), &item)), ["fn", "macro"]);
    }

    #[test]
    fn an_input_that_is_called_as_the_activity_would_be_is_refused() {
        let item = quote!(
            async fn pack(input: Pack) -> io::Result<()> {}
        );
        assert_eq!(kinds(&file(quote!(), &item)), ["fn", "macro"]);
        let item = quote!(
            async fn pack(input: protocol::Pack) -> io::Result<()> {}
        );
        assert_eq!(kinds(&file(quote!(), &item)), ["fn", "struct", "impl"]);
    }

    #[test]
    fn conditional_compilation_covers_what_is_generated() {
        let item = quote!(
            #[cfg(unix)]
            async fn pack() -> io::Result<()> {}
        );
        let file = file(quote!(), &item);
        for item in &file.items {
            let attributes = match item {
                Parsed::Fn(item) => &item.attrs,
                Parsed::Struct(item) => &item.attrs,
                Parsed::Impl(item) => &item.attrs,
                _ => panic!("unexpected item"),
            };
            assert!(
                attributes
                    .iter()
                    .any(|attribute| attribute.path().is_ident("cfg"))
            );
        }
    }
}
