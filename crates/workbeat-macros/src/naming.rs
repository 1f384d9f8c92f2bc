//! The names of what is generated.

use proc_macro2::Ident;
use quote::format_ident;
use syn::ext::IdentExt;

/// The function's name as the service knows it: without the `r#` of a raw identifier.
pub(crate) fn activity_name(function: &Ident) -> String {
    function.unraw().to_string()
}

/// The type that a free function generates: `read_file` gives `ReadFile`.
pub(crate) fn activity_type(function: &Ident) -> syn::Result<Ident> {
    let function_name = activity_name(function);
    let type_name = camel_case(&function_name);
    match syn::parse_str::<Ident>(&type_name) {
        // The same name for both would be a function and a unit struct in each other's way.
        Ok(mut ident) if type_name != function_name => {
            ident.set_span(function.span());
            Ok(ident)
        }
        _ => Err(syn::Error::new(
            function.span(),
            format!(
                "no name for the activity's type can be made of `{function_name}`: name the \
                 function in snake case (`read_file` gives `ReadFile`), and give the activity \
                 another name with `#[activity(name = \"{function_name}\")]`"
            ),
        )),
    }
}

/// The associated function that a method generates: `copy` gives `copy_activity`.
pub(crate) fn activity_function(method: &Ident) -> Ident {
    format_ident!("{}_activity", method.unraw(), span = method.span())
}

fn camel_case(snake_case: &str) -> String {
    let words = snake_case.split('_').filter(|word| !word.is_empty());
    words.flat_map(capitalized).collect()
}

fn capitalized(word: &str) -> impl Iterator<Item = char> {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters)
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn type_of(function: &str) -> Option<String> {
        let function: Ident = syn::parse_str(function).unwrap();
        activity_type(&function).ok().map(|ident| ident.to_string())
    }

    #[test]
    fn snake_case_becomes_camel_case() {
        assert_eq!(type_of("pack").as_deref(), Some("Pack"));
        assert_eq!(type_of("read_file").as_deref(), Some("ReadFile"));
        assert_eq!(type_of("http2_get").as_deref(), Some("Http2Get"));
        assert_eq!(type_of("_hidden__twice_").as_deref(), Some("HiddenTwice"));
        assert_eq!(type_of("übung").as_deref(), Some("Übung"));
        assert_eq!(type_of("readFile").as_deref(), Some("ReadFile"));
    }

    #[test]
    fn a_raw_identifier_loses_its_prefix() {
        assert_eq!(type_of("r#type").as_deref(), Some("Type"));
        let raw = Ident::new_raw("type", Span::call_site());
        assert_eq!(activity_name(&raw), "type");
        assert_eq!(activity_function(&raw), "type_activity");
    }

    #[test]
    fn a_name_that_makes_no_type_is_refused() {
        for function in ["Pack", "_1", "self_"] {
            assert_eq!(type_of(function), None, "{function}");
        }
    }
}
