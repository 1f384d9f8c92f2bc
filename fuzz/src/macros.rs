//! `#[activity(...)]` over whatever somebody writes.

use std::str::FromStr;

use proc_macro2::TokenStream;
use syn::{ImplItem, Item};

use crate::expand::expand;

/// The items of a file, or those of an impl block.
enum Place {
    File,
    Block,
}

/// The text before the first line that is `---` stands in the attribute, what follows is the
/// item. The item comes out as it went in; beside it there is what makes an activity of it, or
/// an error; and what was Rust stays Rust.
pub fn macro_attribute(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (attribute, item) = text
        .split_once("\n---\n")
        .unwrap_or((text, "async fn f() -> R<()> {}"));
    let (Ok(attribute), Ok(item)) = (
        TokenStream::from_str(attribute),
        TokenStream::from_str(item),
    ) else {
        return;
    };
    let expanded = expand(attribute, &item);
    let (before, after) = (item.to_string(), expanded.to_string());
    assert!(after.starts_with(&before), "the item was changed: {after}");
    let generated = after[before.len()..].trim();
    assert!(
        !generated.is_empty(),
        "neither an activity nor an error: {after}"
    );
    for place in [Place::File, Place::Block] {
        let count = parse(&place, item.clone());
        if let Some(count) = count {
            let now = parse(&place, expanded.clone());
            let error = generated.contains("compile_error");
            assert!(
                error || now.is_some_and(|now| now > count),
                "no Rust any more: {after}"
            );
            // An error does not hide behind others.
            assert!(
                !error || now.is_some_and(|now| now > count),
                "no Rust any more: {after}"
            );
        }
    }
}

/// How many items these are.
fn parse(place: &Place, tokens: TokenStream) -> Option<usize> {
    match place {
        Place::File => {
            let file: syn::File = syn::parse2(tokens).ok()?;
            let one = matches!(file.items.first(), Some(Item::Fn(_)));
            (one && file.attrs.is_empty()).then_some(file.items.len())
        }
        Place::Block => {
            let block: syn::ItemImpl = syn::parse2(quote::quote!(impl S { #tokens })).ok()?;
            let receives =
                |item: &ImplItem| matches!(item, ImplItem::Fn(it) if it.sig.receiver().is_some());
            let one = block.items.first().is_some_and(receives);
            (one && block.attrs.is_empty()).then_some(block.items.len())
        }
    }
}
