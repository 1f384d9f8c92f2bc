//! Inputs and outputs own their data and are written out.
//!
//! Both are named again where the activity's types are said, and there `&str` or `impl Trait`
//! would be errors that speak of generated code.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Type, TypeReference};

/// Nothing borrowed: what is decoded from the task must outlive it.
pub(crate) fn check_input(input: &Type) -> syn::Result<()> {
    check_named(input, "input")?;
    match borrow(input.to_token_stream(), References::None) {
        false => Ok(()),
        true => Err(syn::Error::new_spanned(
            input,
            format!(
                "the input of an activity is decoded from its task, so it must own its data: {}",
                advice(input)
            ),
        )),
    }
}

/// Nothing borrowed but for ever: what is encoded must outlive the call.
pub(crate) fn check_output(output: &Type) -> syn::Result<()> {
    check_named(output, "output")?;
    match borrow(output.to_token_stream(), References::Static) {
        false => Ok(()),
        true => Err(syn::Error::new_spanned(
            output,
            "the output of an activity outlives its call, so it must own its data: return owned \
             types, such as `String` for `&str`",
        )),
    }
}

fn check_named(type_: &Type, what: &str) -> syn::Result<()> {
    if !holds_impl(type_.to_token_stream()) {
        return Ok(());
    }
    let message = format!("the {what} of an activity is one type, not `impl Trait`: write it out");
    Err(syn::Error::new_spanned(type_, message))
}

/// What to take in place of a reference.
fn advice(input: &Type) -> String {
    let Type::Reference(TypeReference { elem, .. }) = input else {
        return "take owned types, such as `String` for `&str`".to_owned();
    };
    match &**elem {
        Type::Slice(_) => "take a `Vec`".to_owned(),
        Type::Path(path) => match path.path.segments.last().map(|last| last.ident.to_string()) {
            Some(name) if name == "str" => "take `String`".to_owned(),
            Some(name) if name == "Path" => "take `PathBuf`".to_owned(),
            Some(name) => format!("take `{name}` without the `&`"),
            None => "take it without the `&`".to_owned(),
        },
        _ => "take it without the `&`".to_owned(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum References {
    None,
    Static,
}

/// Whether something is borrowed: a reference, or a lifetime that is not `'static`.
fn borrow(tokens: TokenStream, allowed: References) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    let mut lifetime = false;
    while let Some(token) = tokens.next() {
        let borrowed = match &token {
            TokenTree::Group(group) => borrow(group.stream(), allowed),
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let named =
                    matches!(tokens.peek(), Some(TokenTree::Punct(tick)) if tick.as_char() == '\'');
                allowed == References::None || !named
            }
            TokenTree::Ident(ident) => lifetime && ident != "static",
            _ => false,
        };
        if borrowed {
            return true;
        }
        lifetime = matches!(&token, TokenTree::Punct(tick)
            if tick.as_char() == '\'' && tick.spacing() == Spacing::Joint);
    }
    false
}

fn holds_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "impl",
        TokenTree::Group(group) => holds_impl(group.stream()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(type_: &str) -> Result<(), String> {
        check_input(&syn::parse_str(type_).unwrap()).map_err(|error| error.to_string())
    }

    fn output(type_: &str) -> bool {
        check_output(&syn::parse_str(type_).unwrap()).is_ok()
    }

    #[test]
    fn owned_inputs_are_taken() {
        for owned in [
            "String",
            "(u8, Vec<u8>)",
            "Cow<'static, str>",
            "[u8; 4]",
            "r#impl::X",
        ] {
            assert_eq!(input(owned), Ok(()), "{owned}");
        }
    }

    #[test]
    fn borrowed_inputs_say_what_to_take() {
        for (borrowed, advice) in [
            ("&str", "take `String`"),
            ("&'static str", "take `String`"),
            ("&std::path::Path", "take `PathBuf`"),
            ("&[u8]", "take a `Vec`"),
            ("&Video", "take `Video` without"),
            ("Option<&str>", "take owned types"),
            ("(u8, [Cow<'_, str>; 2])", "take owned types"),
        ] {
            let error = input(borrowed).unwrap_err();
            assert!(error.contains(advice), "{borrowed}: {error}");
        }
    }

    #[test]
    fn an_output_may_be_static() {
        assert!(output("Result<&'static str, E>"));
        assert!(!output("Result<&str, E>"));
        assert!(!output("Result<Cow<'_, str>, E>"));
        assert!(!output("Result<(&'a str,), E>"));
    }
}
