//! The type that an activity returns.

use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type};

use super::owned;

/// What a function returns.
pub(crate) struct Output {
    pub(crate) returned: Type,
}

impl Output {
    /// The `T` of a `Result<T, E>` that is written out.
    pub(crate) fn value(&self) -> Option<&Type> {
        let Type::Path(path) = &self.returned else {
            return None;
        };
        let last = path.path.segments.last()?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return None;
        };
        let mut arguments = arguments.args.iter();
        match (arguments.next(), arguments.next(), arguments.next()) {
            (Some(GenericArgument::Type(value)), Some(_), None) if last.ident == "Result" => {
                Some(value)
            }
            _ => None,
        }
    }
}

/// Reads the return type.
pub(crate) fn read(signature: &Signature) -> syn::Result<Output> {
    let ReturnType::Type(_, returned) = &signature.output else {
        return Err(syn::Error::new(
            signature.ident.span(),
            "an activity returns a `Result`: write `-> Result<Output, ActivityError>`, with `()` \
             for no output",
        ));
    };
    if is_no_result(returned) {
        return Err(syn::Error::new_spanned(
            returned,
            "an activity returns a `Result`: write `Result<_, ActivityError>` around this",
        ));
    }
    owned::check_output(returned)?;
    Ok(Output {
        returned: (**returned).clone(),
    })
}

/// Whether this is surely no `Result`. Any name may be an alias of one, but for those that
/// everybody knows. The compiler would find these too, with more words.
fn is_no_result(returned: &Type) -> bool {
    const KNOWN: [&str; 20] = [
        "Box", "HashMap", "Option", "String", "Value", "Vec", "bool", "char", "f32", "f64", "i8",
        "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize",
    ];
    match returned {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|segment| KNOWN.iter().any(|known| segment.ident == known))
        }
        Type::Tuple(_)
        | Type::Array(_)
        | Type::Slice(_)
        | Type::Reference(_)
        | Type::Never(_)
        | Type::TraitObject(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn output(returned: &str) -> syn::Result<Output> {
        read(&syn::parse_str(&format!("fn f() -> {returned}")).unwrap())
    }

    #[test]
    fn the_value_of_a_result_is_known_where_it_is_written_out() {
        let value = |returned| {
            let output = output(returned).ok().unwrap();
            output
                .value()
                .map(|value| value.to_token_stream().to_string())
        };
        assert_eq!(value("Result<u8, E>").as_deref(), Some("u8"));
        assert_eq!(value("core::result::Result<(), E>").as_deref(), Some("()"));
        assert_eq!(value("io::Result<u8>"), None);
        assert_eq!(value("Answer"), None);
        assert_eq!(value("Either<u8, E>"), None);
    }

    #[test]
    fn what_is_surely_no_result_is_refused() {
        for returned in [
            "u32",
            "Option<u8>",
            "()",
            "(u8, u8)",
            "std::string::String",
            "!",
            "dyn Any",
            "io::Result<()> +",
        ] {
            let error = output(returned).err().unwrap();
            assert!(
                error.to_string().contains("around this"),
                "{returned}: {error}"
            );
        }
    }
}
