//! One attribute: `key = value`, or `key` alone.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{LitInt, LitStr, Token};

use super::known;

/// `key = value`, or `key` alone.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Ident,
    value: Option<TokenStream>,
}

/// The entries, each read on its own, so that a mistake in one does not hide the others.
pub(crate) fn entries(tokens: TokenStream) -> Vec<syn::Result<Entry>> {
    let mut chunks = vec![TokenStream::new()];
    for token in tokens {
        match (token, chunks.last_mut()) {
            (TokenTree::Punct(comma), _) if comma.as_char() == ',' => {
                chunks.push(TokenStream::new())
            }
            (token, Some(chunk)) => chunk.extend([token]),
            (_, None) => {}
        }
    }
    let chunks = chunks.into_iter().filter(|chunk| !chunk.is_empty());
    chunks.map(syn::parse2).collect()
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(syn::Ident::peek_any) {
            let rest: TokenStream = input.parse()?;
            let message = "an attribute has a name: write `name = \"pack\"`";
            return Err(syn::Error::new_spanned(rest, message));
        }
        let key = input.call(Ident::parse_any)?;
        if input.is_empty() {
            return Ok(Self { key, value: None });
        }
        if !input.peek(Token![=]) {
            let rest: TokenStream = input.parse()?;
            return Err(syn::Error::new_spanned(rest, known::usage(&key)));
        }
        input.parse::<Token![=]>()?;
        let value: TokenStream = input.parse()?;
        if value.is_empty() {
            return Err(syn::Error::new(key.span(), known::usage(&key)));
        }
        Ok(Self {
            key,
            value: Some(value),
        })
    }
}

impl Entry {
    /// The value, a text.
    pub(crate) fn text(&self) -> syn::Result<String> {
        self.value_as(|text: LitStr| Ok(text.value()))
    }

    /// The value, a whole number that may be negative.
    pub(crate) fn integer(&self) -> syn::Result<i32> {
        self.value_as(|Signed(integer)| Ok(integer))
    }

    /// The value, a path written as text.
    pub(crate) fn path(&self) -> syn::Result<syn::Path> {
        self.value_as(|text: LitStr| text.parse_with(syn::Path::parse_mod_style))
    }

    /// Where the key stands, which has no value.
    pub(crate) fn flag(&self) -> syn::Result<Span> {
        match &self.value {
            None => Ok(self.key.span()),
            Some(value) => Err(syn::Error::new_spanned(value, known::usage(&self.key))),
        }
    }

    /// The error at the value that says `message`.
    pub(crate) fn wrong_value(&self, message: impl std::fmt::Display) -> syn::Error {
        match &self.value {
            Some(value) => syn::Error::new_spanned(value, message),
            None => syn::Error::new(self.key.span(), message),
        }
    }

    /// The error for a second one of the same key.
    pub(crate) fn twice(&self) -> syn::Error {
        let message = format!("`{}` is given twice; leave one out", self.key);
        syn::Error::new(self.key.span(), message)
    }

    fn value_as<L: Parse, T>(&self, read: impl FnOnce(L) -> syn::Result<T>) -> syn::Result<T> {
        let value = self.value.clone().unwrap_or_default();
        syn::parse2(value)
            .and_then(read)
            .map_err(|_| self.wrong_value(known::usage(&self.key)))
    }
}

struct Signed(i32);

impl Parse for Signed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let sign = if input.parse::<Option<Token![-]>>()?.is_some() {
            "-"
        } else {
            ""
        };
        let digits: LitInt = input.parse()?;
        let number = format!("{sign}{}", digits.base10_digits()).parse();
        number
            .map(Self)
            .map_err(|error| syn::Error::new(digits.span(), error))
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn one(tokens: TokenStream) -> syn::Result<Entry> {
        entries(tokens).pop().unwrap()
    }

    fn integer(tokens: TokenStream) -> Option<i32> {
        one(tokens).unwrap().integer().ok()
    }

    #[test]
    fn integers_may_be_negative_and_fit_32_bits() {
        assert_eq!(integer(quote!(priority = 10)), Some(10));
        assert_eq!(integer(quote!(priority = -2_147_483_648)), Some(i32::MIN));
        assert_eq!(integer(quote!(priority = 2147483648)), None);
        assert_eq!(integer(quote!(priority = "1")), None);
        assert_eq!(integer(quote!(priority)), None);
    }

    #[test]
    fn a_flag_has_no_value() {
        assert!(one(quote!(blocking)).unwrap().flag().is_ok());
        let error = one(quote!(blocking = true)).unwrap().flag().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`blocking` has no value: write `blocking`"
        );
    }

    #[test]
    fn what_is_not_key_and_value_says_how_to_write_it() {
        let message = |tokens| one(tokens).unwrap_err().to_string();
        let usage = "`name` is a text: write `name = \"pack\"`";
        assert_eq!(message(quote!(name("pack"))), usage);
        assert_eq!(message(quote!(name =)), usage);
        assert!(message(quote!("pack")).contains("an attribute has a name"));
    }

    #[test]
    fn a_trailing_comma_is_fine() {
        assert_eq!(entries(quote!(blocking,)).len(), 1);
    }
}
