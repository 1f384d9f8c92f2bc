//! What a function's signature says of the activity, and which signatures cannot be one.

mod output;
mod owned;
mod parameters;
mod qualifiers;
mod receiver;

use proc_macro2::Span;

use crate::errors::Errors;
use crate::item::Item;
pub(crate) use output::Output;
pub(crate) use parameters::{Argument, Parameters, input_instead};
pub(crate) use receiver::Receiver;

/// A signature that can be an activity.
pub(crate) struct Shape {
    /// None for a free function.
    pub(crate) receiver: Option<Receiver>,
    /// What the function is called with.
    pub(crate) parameters: Parameters,
    /// What it returns.
    pub(crate) output: Output,
}

impl Shape {
    /// Reads the signature; what is wrong goes into `errors`.
    ///
    /// `blocking` is where that attribute stands.
    pub(crate) fn read(item: &Item, blocking: Option<Span>, errors: &mut Errors) -> Option<Self> {
        let signature = &item.signature;
        qualifiers::check(signature, blocking, errors);
        let receiver = errors.keep(receiver::read(signature.receiver()));
        let parameters = parameters::read(signature, errors);
        let output = errors.keep(output::read(signature));
        Some(Self {
            receiver: receiver?,
            parameters: parameters?,
            output: output?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;

    /// The mistakes in `item`.
    fn mistakes(item: TokenStream, blocking: bool) -> Vec<String> {
        let item: Item = syn::parse2(item).unwrap();
        let mut errors = Errors::default();
        let blocking = blocking.then(Span::call_site);
        let shape = Shape::read(&item, blocking, &mut errors);
        let mistakes = errors.messages();
        assert!(
            shape.is_some() || !mistakes.is_empty(),
            "nothing and no reason"
        );
        mistakes
    }

    #[test]
    fn the_accepted_forms_are_accepted() {
        for item in [
            quote!(
                async fn f(input: Video, ctx: ActivityContext) -> Result<(), E> {}
            ),
            quote!(
                async fn f(ctx: ActivityContext, input: Video) -> io::Result<()> {}
            ),
            quote!(
                async fn f((a, b): (u8, u8), _: &workbeat::ActivityContext) -> R {}
            ),
            quote!(
                async fn f(mut input: Vec<Cow<'static, str>>) -> Result<&'static str, E> {}
            ),
            quote!(
                async fn f(ctx: ActivityContext) -> Result<(), E> {}
            ),
            quote!(
                async fn f() -> Result<(), E> {}
            ),
            quote!(
                async fn f(&self, input: Video) -> Result<Self::Output, E> {}
            ),
            quote!(
                async fn f(self: Arc<Self>) -> Result<(), E> {}
            ),
            quote!(
                async fn f(self: &std::sync::Arc<Self>) -> Result<(), E> {}
            ),
        ] {
            assert_eq!(mistakes(item.clone(), false), [""; 0], "{item}");
        }
        let sync = quote!(
            fn f(&self, input: Video, ctx: &ActivityContext) -> Result<(), E> {}
        );
        assert_eq!(mistakes(sync, true), [""; 0]);
    }

    #[test]
    fn each_mistake_says_what_to_do() {
        for (item, advice) in [
            (
                quote!(
                    fn f() -> R {}
                ),
                "make it `async fn`",
            ),
            (
                quote!(
                    async unsafe fn f() -> R {}
                ),
                "cannot be `unsafe`",
            ),
            (
                quote!(
                    async extern "C" fn f() -> R {}
                ),
                "cannot be `extern`",
            ),
            (
                quote!(
                    const async fn f() -> R {}
                ),
                "cannot be `const`",
            ),
            (
                quote!(
                    async fn f<T>(input: T) -> R {}
                ),
                "cannot be generic",
            ),
            (
                quote!(
                    async fn f<'a>(ctx: &'a ActivityContext) -> R {}
                ),
                "cannot be generic",
            ),
            (
                quote!(
                    async fn f(a: u8, b: u8) -> R {}
                ),
                "one input",
            ),
            (
                quote!(
                    async fn f(a: ActivityContext, b: ActivityContext) -> R {}
                ),
                "one `ActivityContext`",
            ),
            (
                quote!(
                    async fn f(ctx: &mut ActivityContext) -> R {}
                ),
                "`&ActivityContext`",
            ),
            (
                quote!(
                    async fn f(input: &str) -> R {}
                ),
                "`String`",
            ),
            (
                quote!(
                    async fn f(input: Option<Cow<'_, str>>) -> R {}
                ),
                "own its data",
            ),
            (
                quote!(
                    async fn f(input: impl Read) -> R {}
                ),
                "not `impl Trait`",
            ),
            (
                quote!(
                    async fn f() {}
                ),
                "returns a `Result`",
            ),
            (
                quote!(
                    async fn f() -> Result<impl Serialize, E> {}
                ),
                "not `impl Trait`",
            ),
            (
                quote!(
                    async fn f(&self) -> Result<&str, E> {}
                ),
                "own its data",
            ),
            (
                quote!(
                    async fn f(&mut self) -> R {}
                ),
                "take `&self`",
            ),
            (
                quote!(
                    async fn f(self) -> R {}
                ),
                "take `&self`",
            ),
            (
                quote!(
                    async fn f(self: Box<Self>) -> R {}
                ),
                "take `&self`",
            ),
        ] {
            let mistakes = mistakes(item.clone(), false);
            assert_eq!(mistakes.len(), 1, "{item}: {mistakes:?}");
            assert!(mistakes[0].contains(advice), "{item}: {mistakes:?}");
        }
    }

    #[test]
    fn an_async_fn_is_not_blocking() {
        let mistakes = mistakes(
            quote!(
                async fn f() -> R {}
            ),
            true,
        );
        assert!(mistakes[0].contains("remove `blocking`"), "{mistakes:?}");
    }

    #[test]
    fn mistakes_are_reported_together() {
        let item = quote!(
            unsafe fn f<T>(&mut self, a: &T, b: u8) {}
        );
        assert_eq!(mistakes(item, false).len(), 7);
    }
}
