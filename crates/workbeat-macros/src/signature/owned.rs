//! Inputs and outputs own their data and are written out.
//!
//! Both are named again where the activity's types are said, and there `&str` or `impl Trait`
//! would be errors that speak of generated code.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Type, TypeReference, parse_quote};

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
        Type::Slice(slice) if !borrow(slice.elem.to_token_stream(), References::None) => {
            format!("take `Vec<{}>`", as_written(&slice.elem))
        }
        Type::Slice(_) => "take a `Vec` of what owns its data".to_owned(),
        Type::Path(path) => match path.path.segments.last().map(|last| last.ident.to_string()) {
            Some(name) if name == "str" => "take `String`".to_owned(),
            Some(name) if name == "Path" => "take `PathBuf`".to_owned(),
            Some(name) => format!("take `{name}` without the `&`"),
            None => "take it without the `&`".to_owned(),
        },
        _ => "take it without the `&`".to_owned(),
    }
}

/// The type that the advice names, where it is one.
pub(crate) fn instead_of(input: &Type) -> Option<Type> {
    let Type::Reference(TypeReference { elem, .. }) = input else {
        return None;
    };
    if borrow(elem.to_token_stream(), References::None) {
        return None;
    }
    match &**elem {
        Type::Slice(slice) => {
            let elem = &slice.elem;
            Some(parse_quote!(::std::vec::Vec<#elem>))
        }
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "str" => Some(parse_quote!(::std::string::String)),
            Some(last) if last.ident == "Path" => Some(parse_quote!(::std::path::PathBuf)),
            _ => Some((**elem).clone()),
        },
        _ => None,
    }
}

/// A type as a person writes it: tokens alone have spaces everywhere.
fn as_written(type_: &Type) -> String {
    let mut text = type_.to_token_stream().to_string();
    for (spaced, close) in [
        (" < ", "<"),
        (" >", ">"),
        (" :: ", "::"),
        (" ,", ","),
        (" ;", ";"),
    ] {
        text = text.replace(spaced, close);
    }
    text
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
            ("&[u8]", "take `Vec<u8>`"),
            ("&[Option<io::Error>]", "take `Vec<Option<io::Error>>`"),
            ("&[&str]", "take a `Vec` of"),
            ("&Video", "take `Video` without"),
            ("Option<&str>", "take owned types"),
            ("(u8, [Cow<'_, str>; 2])", "take owned types"),
        ] {
            let error = input(borrowed).unwrap_err();
            assert!(error.contains(advice), "{borrowed}: {error}");
        }
    }

    #[test]
    fn a_reference_has_a_type_to_take_instead() {
        let instead = |type_: &str| {
            let instead = instead_of(&syn::parse_str(type_).unwrap());
            instead.as_ref().map(as_written)
        };
        for (borrowed, owned) in [
            ("&str", Some("::std::string::String")),
            ("&'static Path", Some("::std::path::PathBuf")),
            ("&[u8]", Some("::std::vec::Vec<u8>")),
            ("&Vec<String>", Some("Vec<String>")),
            ("&[&str]", None),
            ("&&str", None),
            ("Option<&str>", None),
            ("String", None),
        ] {
            let told = instead(borrowed);
            let told = told.as_deref().map(|told| told.trim_start_matches(":: "));
            let owned = owned.map(|owned| owned.trim_start_matches("::"));
            assert_eq!(told, owned, "{borrowed}");
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
