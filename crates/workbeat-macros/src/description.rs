//! The description that an activity has without `description`: what its documentation begins
//! with.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::attributes::check_description;

/// The first paragraph, unless it is empty or longer than a description may be.
pub(crate) fn first_paragraph<'a>(docs: impl Iterator<Item = &'a Attribute>) -> Option<String> {
    let lines: Vec<String> = docs.filter_map(line).collect();
    let paragraph = lines
        .iter()
        .flat_map(|text| text.split('\n'))
        .map(str::trim)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    (!paragraph.is_empty() && check_description(&paragraph).is_ok()).then_some(paragraph)
}

/// The text of one `/// ...`; nothing for `#[doc(hidden)]` and `#[doc = include_str!(...)]`.
fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    match &meta.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;
    use crate::item::Item;

    fn described(docs: &TokenStream) -> Option<String> {
        let item: Item = syn::parse2(quote!(#docs async fn pack() {})).unwrap();
        first_paragraph(item.docs())
    }

    #[test]
    fn the_first_paragraph_describes_on_one_line() {
        let docs = quote! {
            ///
            /// Packs a folder
            /// into an archive.
            ///
            /// # Errors
        };
        assert_eq!(
            described(&docs).as_deref(),
            Some("Packs a folder into an archive.")
        );
        let block = quote! {
            /** Packs
                a folder.

                More. */
        };
        assert_eq!(described(&block).as_deref(), Some("Packs a folder."));
    }

    #[test]
    fn what_is_no_text_or_too_long_does_not_describe() {
        assert_eq!(described(&quote!()), None);
        assert_eq!(described(&quote!(#[doc(hidden)])), None);
        assert_eq!(described(&quote!(#[doc = include_str!("x.md")])), None);
        let long = "a".repeat(1_025);
        assert_eq!(described(&quote!(#[doc = #long])), None);
    }
}
