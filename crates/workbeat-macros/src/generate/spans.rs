//! Where generated code stands, for the compiler's messages.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::Settings;

/// Where `tokens` begin and end.
pub(super) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.to_token_stream().into_iter();
    let first = tokens
        .next()
        .map_or_else(Span::call_site, |token| token.span());
    let last = tokens.last().map_or(first, |token| token.span());
    (first, last)
}

/// `tokens`, as if all of them stood at `span`.
pub(super) fn spanned(span: Span, tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), spanned(span, group.stream())).into();
        }
        token.set_span(span);
        token
    });
    tokens.collect()
}

/// A value that stands for `type_` and is where `type_` is.
///
/// A function that is given one and wants something of the type is told at the type.
pub(super) fn witness(type_: &impl ToTokens, settings: &Settings) -> TokenStream {
    let framework = &settings.framework;
    let (first, last) = ends(type_);
    let open = spanned(first, quote!(#framework::macro_support::Type::<));
    let close = spanned(last, quote!(>::WITNESS));
    quote!(#open #type_ #close)
}
