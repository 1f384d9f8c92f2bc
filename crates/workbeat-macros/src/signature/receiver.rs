//! How a method takes the state that its activities share.

use syn::{GenericArgument, PathArguments, ReceiverKind, Type};

/// What the method takes; the worker holds an `Arc` of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// `&self` or `self: &Arc<Self>`: both can be called with a reference to an `Arc`.
    Reference,
    /// `self: Arc<Self>`.
    Arc,
}

/// Reads the receiver, if there is one.
pub(crate) fn read(receiver: Option<&syn::Receiver>) -> syn::Result<Option<Receiver>> {
    let Some(receiver) = receiver else {
        return Ok(None);
    };
    let kind = match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => Some(Receiver::Reference),
        ReceiverKind::Typed(_, receiver_type) => typed(receiver_type),
        _ => None,
    };
    match kind {
        Some(kind) => Ok(Some(kind)),
        None => Err(syn::Error::new_spanned(
            receiver,
            "many tasks run at once over one shared state: take `&self` (or `self: Arc<Self>`), \
             and keep what changes behind a `Mutex` or an atomic",
        )),
    }
}

fn typed(receiver_type: &Type) -> Option<Receiver> {
    match receiver_type {
        Type::Reference(reference) if reference.mutability.is_none() => {
            let elem = &*reference.elem;
            (is_self(elem) || is_arc_of_self(elem)).then_some(Receiver::Reference)
        }
        other => is_arc_of_self(other).then_some(Receiver::Arc),
    }
}

fn is_self(type_: &Type) -> bool {
    matches!(type_, Type::Path(path) if path.path.is_ident("Self"))
}

fn is_arc_of_self(type_: &Type) -> bool {
    let Type::Path(path) = type_ else {
        return false;
    };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    let mut arguments = arguments.args.iter();
    let (first, second) = (arguments.next(), arguments.next());
    let of_self = matches!(first, Some(GenericArgument::Type(inner)) if is_self(inner));
    last.ident == "Arc" && of_self && second.is_none()
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;
    use syn::Signature;

    use super::*;

    fn of(tokens: &TokenStream) -> Option<Receiver> {
        let signature: Signature = syn::parse2(quote!(fn f(#tokens))).unwrap();
        read(signature.receiver()).ok().flatten()
    }

    #[test]
    fn shared_state_is_taken_by_reference_or_as_arc() {
        assert_eq!(of(&quote!(&self)), Some(Receiver::Reference));
        assert_eq!(of(&quote!(self: &Self)), Some(Receiver::Reference));
        assert_eq!(of(&quote!(self: &Arc<Self>)), Some(Receiver::Reference));
        assert_eq!(of(&quote!(self: Arc<Self>)), Some(Receiver::Arc));
        assert_eq!(
            of(&quote!(self: ::std::sync::Arc<Self>)),
            Some(Receiver::Arc)
        );
    }

    #[test]
    fn what_cannot_be_shared_is_refused() {
        for receiver in [
            quote!(self),
            quote!(mut self),
            quote!(&mut self),
            quote!(self: Self),
            quote!(self: Box<Self>),
            quote!(self: Rc<Self>),
            quote!(self: &mut Self),
            quote!(self: Arc<Box<Self>>),
        ] {
            assert_eq!(of(&receiver), None, "{receiver}");
        }
    }

    #[test]
    fn a_free_function_has_no_receiver() {
        let signature: Signature = syn::parse2(quote!(fn f())).unwrap();
        assert_eq!(read(signature.receiver()).unwrap(), None);
    }
}
