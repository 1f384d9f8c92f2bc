//! The type that an activity returns.

use syn::{ReturnType, Signature, Type};

use super::owned;

pub(crate) fn read(signature: &Signature) -> syn::Result<Type> {
    let ReturnType::Type(_, output) = &signature.output else {
        return Err(syn::Error::new(
            signature.ident.span(),
            "an activity returns a `Result`: write `-> Result<Output, ActivityError>`, with `()` \
             for no output",
        ));
    };
    owned::check_output(output)?;
    Ok((**output).clone())
}
