//! The input and the context.

use syn::{FnArg, PatType, Signature, Type, TypeReference};

use super::owned;
use crate::errors::Errors;

/// What the function is called with.
pub(crate) struct Parameters {
    /// In the order in which the function takes them.
    pub(crate) arguments: Vec<Argument>,
    /// The type of the input, if it takes one.
    pub(crate) input: Option<Type>,
}

/// What is passed in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    Input,
    Context,
    /// `&ActivityContext`.
    ContextReference,
}

/// Reads the parameters; what is wrong goes into `errors`.
pub(crate) fn read(signature: &Signature, errors: &mut Errors) -> Option<Parameters> {
    let mut arguments = Vec::new();
    let mut inputs = Vec::new();
    let mut contexts = Vec::new();
    let mut sound = true;
    for parameter in signature.inputs.iter().filter_map(typed) {
        let Some(argument) = errors.keep(argument(&parameter.ty)) else {
            sound = false;
            continue;
        };
        arguments.push(argument);
        match argument {
            Argument::Input => inputs.push(&*parameter.ty),
            Argument::Context | Argument::ContextReference => contexts.push(parameter),
        }
    }
    for input in &inputs {
        sound &= errors.keep(owned::check_input(input)).is_some();
    }
    if let [_, second, ..] = inputs[..] {
        sound = false;
        errors.push(syn::Error::new_spanned(
            second,
            "an activity takes one input, because its task carries one: put these in one struct \
             that derives `serde::Deserialize`, or take a tuple",
        ));
    }
    if let [_, second, ..] = contexts[..] {
        sound = false;
        errors.push(syn::Error::new_spanned(
            second,
            "an activity takes one `ActivityContext`: remove this one, or clone the other",
        ));
    }
    sound.then(|| Parameters {
        arguments,
        input: inputs.first().map(|&input| input.clone()),
    })
}

/// What the one input ought to be, if it is borrowed and nothing else is wrong with it.
pub(crate) fn input_instead(signature: &Signature) -> Option<Type> {
    if signature.generics.type_params().next().is_some() {
        return None;
    }
    let types = signature.inputs.iter().filter_map(typed);
    let mut inputs = types
        .map(|parameter| &*parameter.ty)
        .filter(|type_| matches!(argument(type_), Ok(Argument::Input)));
    match (inputs.next(), inputs.next()) {
        (Some(input), None) => owned::instead_of(input),
        _ => None,
    }
}

fn typed(parameter: &FnArg) -> Option<&PatType> {
    match parameter {
        FnArg::Typed(parameter) => Some(parameter),
        FnArg::Receiver(_) => None,
    }
}

fn argument(type_: &Type) -> syn::Result<Argument> {
    match type_ {
        Type::Path(_) if is_context(type_) => Ok(Argument::Context),
        Type::Reference(TypeReference {
            elem, mutability, ..
        }) if is_context(elem) => match mutability {
            None => Ok(Argument::ContextReference),
            Some(_) => Err(syn::Error::new_spanned(
                type_,
                "take `ActivityContext` or `&ActivityContext`: nothing in it needs `&mut`",
            )),
        },
        _ => Ok(Argument::Input),
    }
}

/// By its name, which is all that a macro sees.
fn is_context(type_: &Type) -> bool {
    let Type::Path(path) = type_ else {
        return false;
    };
    let last = path.path.segments.last();
    last.is_some_and(|segment| segment.ident == "ActivityContext")
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;

    fn arguments(tokens: &TokenStream) -> Vec<Argument> {
        let signature: Signature = syn::parse2(quote!(fn f(#tokens))).unwrap();
        let mut errors = Errors::default();
        let parameters = read(&signature, &mut errors);
        parameters.unwrap().arguments
    }

    #[test]
    fn input_and_context_come_in_either_order() {
        use Argument::{Context, ContextReference, Input};
        assert_eq!(
            arguments(&quote!(a: u8, c: ActivityContext)),
            [Input, Context]
        );
        assert_eq!(
            arguments(&quote!(&self, c: &x::ActivityContext, a: u8)),
            [ContextReference, Input]
        );
        assert_eq!(arguments(&quote!(self: Arc<Self>)), []);
    }
}
