//! What stands before and behind a function's name.

use proc_macro2::Span;
use syn::{Safety, Signature};

use crate::errors::Errors;

pub(crate) fn check(signature: &Signature, blocking: Option<Span>, errors: &mut Errors) {
    errors.keep(check_asyncness(signature, blocking));
    if let Some(constness) = &signature.constness {
        let message = "an activity cannot be `const`: it runs when a task comes";
        errors.push(syn::Error::new(constness.span, message));
    }
    if let Safety::Unsafe(token) = &signature.safety {
        let message = "an activity cannot be `unsafe`: the worker that calls it could not keep \
                       the promise; wrap the unsafe part in a safe function";
        errors.push(syn::Error::new(token.span, message));
    }
    if let Some(abi) = &signature.abi {
        let message = "an activity cannot be `extern`: it is called by the worker";
        errors.push(syn::Error::new_spanned(abi, message));
    }
    if let Some(variadic) = &signature.variadic {
        let message = "an activity cannot be variadic: it has one input";
        errors.push(syn::Error::new_spanned(variadic, message));
    }
    if !signature.generics.params.is_empty() {
        let message = "an activity cannot be generic: a worker registers one name with one input \
                       type; write the types out, or make an impl block generic and this its method";
        errors.push(syn::Error::new_spanned(&signature.generics, message));
    }
}

/// A function that blocks would hold up a thread that all tasks share, so which kind it is must
/// be said.
fn check_asyncness(signature: &Signature, blocking: Option<Span>) -> syn::Result<()> {
    match (&signature.asyncness, blocking) {
        (Some(_), None) | (None, Some(_)) => Ok(()),
        (None, None) => Err(syn::Error::new(
            signature.fn_token.span,
            "an activity is async: make it `async fn`, or, if it blocks its thread, write \
             `#[activity(blocking)]`",
        )),
        (Some(_), Some(blocking)) => Err(syn::Error::new(
            blocking,
            "an async fn does not block: remove `blocking`, or remove `async` if the code does \
             block its thread",
        )),
    }
}
