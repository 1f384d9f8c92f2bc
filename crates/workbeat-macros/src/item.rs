//! What `#[activity]` stands on.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility};

/// A function or a method, as far as its body.
///
/// The body is not read: it is emitted as it was written, together with the rest.
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if let Some(place) = Place::peek(input) {
            let tokens: TokenStream = input.parse()?;
            // Only the keyword is marked; a whole struct or module would be too much.
            let keyword = tokens.into_iter().next();
            return Err(syn::Error::new_spanned(keyword, place.advice()));
        }
        let signature: Signature = input.parse()?;
        if input.parse::<Option<Token![;]>>()?.is_some() {
            let message = "an activity needs a body: put `#[activity]` on the method in the impl \
                           block, not on its declaration";
            return Err(syn::Error::new(signature.ident.span(), message));
        }
        input.parse::<TokenStream>()?;
        Ok(Self {
            attributes,
            visibility,
            signature,
        })
    }
}

impl Item {
    /// When the function is compiled, which is also when what is generated is.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.named("cfg")
    }

    /// Whether the function is deprecated, and with it its activity.
    pub(crate) fn deprecation(&self) -> impl Iterator<Item = &Attribute> {
        self.named("deprecated")
    }

    /// The documentation.
    pub(crate) fn docs(&self) -> impl Iterator<Item = &Attribute> {
        self.named("doc")
    }

    fn named(&self, name: &'static str) -> impl Iterator<Item = &Attribute> {
        let attributes = self.attributes.iter();
        attributes.filter(move |attribute| attribute.path().is_ident(name))
    }
}

/// Where `#[activity]` does not belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Impl,
    Trait,
    Type,
    Other,
}

impl Place {
    fn peek(input: ParseStream<'_>) -> Option<Self> {
        let ahead = input.fork();
        if ahead.peek(Token![unsafe]) && (ahead.peek2(Token![impl]) || ahead.peek2(Token![trait])) {
            ahead.parse::<Token![unsafe]>().ok()?;
        }
        let value = ahead.peek(Token![const])
            && !(ahead.peek2(Token![fn])
                || ahead.peek2(Token![async])
                || ahead.peek2(Token![unsafe])
                || ahead.peek2(Token![extern]));
        if ahead.peek(Token![impl]) {
            Some(Self::Impl)
        } else if ahead.peek(Token![trait]) {
            Some(Self::Trait)
        } else if ahead.peek(Token![struct])
            || ahead.peek(Token![enum])
            || ahead.peek(Token![union])
        {
            Some(Self::Type)
        } else if value
            || ahead.peek(Token![mod])
            || ahead.peek(Token![static])
            || ahead.peek(Token![type])
            || ahead.peek(Token![use])
            || ahead.peek2(Token![!])
        {
            Some(Self::Other)
        } else {
            None
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Impl => {
                "`#[activity]` does not go on an impl block: put it on each method that is an \
                 activity"
            }
            Self::Trait => {
                "`#[activity]` does not go on a trait: put it on an async fn, or on the methods of \
                 an impl block"
            }
            Self::Type => {
                "`#[activity]` does not go on a type: put it on an async fn, or on the methods of \
                 an impl block; a type of your own can also `impl Activity`"
            }
            Self::Other => "`#[activity]` goes on an async fn, or on the methods of an impl block",
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn message(tokens: TokenStream) -> String {
        syn::parse2::<Item>(tokens).err().unwrap().to_string()
    }

    #[test]
    fn functions_are_read_as_far_as_their_body() {
        let item: Item = syn::parse2(quote! {
            /// Packs.
            #[cfg(unix)]
            #[allow(unused)]
            pub(crate) async fn pack() -> Result<(), Error> { anything at all }
        })
        .unwrap();
        assert_eq!(item.signature.ident, "pack");
        assert_eq!(item.docs().count(), 1);
        assert_eq!(item.conditions().count(), 1);
    }

    #[test]
    fn what_is_no_function_says_where_the_attribute_goes() {
        assert!(
            message(quote!(
                pub struct S;
            ))
            .contains("on a type")
        );
        assert!(
            message(quote!(
                enum E {}
            ))
            .contains("on a type")
        );
        assert!(message(quote!(impl S {})).contains("each method"));
        assert!(
            message(quote!(
                unsafe impl S for T {}
            ))
            .contains("each method")
        );
        assert!(
            message(quote!(
                trait T {}
            ))
            .contains("on a trait")
        );
        for other in [
            quote!(
                const X: u8 = 1;
            ),
            quote!(
                mod m {}
            ),
            quote!(pack! {}),
        ] {
            assert!(message(other).starts_with("`#[activity]` goes on an async fn"));
        }
    }

    #[test]
    fn a_declaration_without_body_is_refused() {
        let declared = message(quote!(
            async fn pack(&self) -> Result<(), E>;
        ));
        assert!(declared.starts_with("an activity needs a body"));
    }

    #[test]
    fn a_const_fn_is_a_function() {
        assert!(
            syn::parse2::<Item>(quote!(
                const fn pack() {}
            ))
            .is_ok()
        );
        assert!(
            syn::parse2::<Item>(quote!(
                const unsafe fn pack() {}
            ))
            .is_ok()
        );
    }
}
