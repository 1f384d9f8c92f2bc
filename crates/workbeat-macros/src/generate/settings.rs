//! The attributes as code.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

use crate::attributes::{Attributes, NAME, Timeout, check_name};
use crate::description::first_paragraph;
use crate::item::Item;
use crate::naming;

/// What the attributes, and where they are silent the function, say of the activity.
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) version: String,
    /// An expression of type `ActivityOptions`.
    pub(crate) options: TokenStream,
    pub(crate) blocking: bool,
    /// The path of the framework's crate.
    pub(crate) framework: syn::Path,
}

impl Settings {
    pub(crate) fn new(attributes: &Attributes, item: &Item) -> syn::Result<Self> {
        let framework = attributes
            .framework
            .clone()
            .unwrap_or_else(|| syn::parse_quote!(::workbeat));
        let name = match &attributes.name {
            Some(name) => name.clone(),
            None => default_name(&item.signature.ident)?,
        };
        Ok(Self {
            name,
            version: attributes
                .version
                .clone()
                .unwrap_or_else(|| "1.0".to_owned()),
            options: options(attributes, item, &framework),
            blocking: attributes.blocking.is_some(),
            framework,
        })
    }
}

fn default_name(function: &Ident) -> syn::Result<String> {
    let name = naming::activity_name(function);
    match check_name(&name, NAME) {
        Ok(()) => Ok(name),
        Err(rule) => Err(syn::Error::new(
            function.span(),
            format!(
                "the name of an activity {rule}: give it another with `#[activity(name = \"...\")]`"
            ),
        )),
    }
}

fn options(attributes: &Attributes, item: &Item, framework: &syn::Path) -> TokenStream {
    let description = attributes
        .description
        .clone()
        .or_else(|| first_paragraph(item.docs()));
    let timeout = |value: Option<Timeout>| value.map(|value| timeout(value, framework));
    let calls = [
        call("description", description),
        call("heartbeat_timeout", timeout(attributes.heartbeat_timeout)),
        call(
            "heartbeat_interval",
            attributes.heartbeat_interval.map(duration),
        ),
        call(
            "start_to_close_timeout",
            timeout(attributes.start_to_close_timeout),
        ),
        call(
            "schedule_to_start_timeout",
            timeout(attributes.schedule_to_start_timeout),
        ),
        call(
            "schedule_to_close_timeout",
            timeout(attributes.schedule_to_close_timeout),
        ),
        call("task_list", attributes.task_list.as_ref()),
        call("priority", attributes.priority),
        call("cancel_grace", attributes.cancel_grace.map(duration)),
    ];
    quote!(#framework::activity::ActivityOptions::new() #(#calls)*)
}

/// The builder's call that sets what there is to set.
fn call(setter: &str, value: Option<impl ToTokens>) -> TokenStream {
    let setter = Ident::new(setter, Span::call_site());
    value.map_or_else(TokenStream::new, |value| quote!(.#setter(#value)))
}

fn timeout(timeout: Timeout, framework: &syn::Path) -> TokenStream {
    match timeout {
        Timeout::After(after) => duration(after),
        Timeout::None => quote!(#framework::service::Timeout::None),
    }
}

fn duration(duration: Duration) -> TokenStream {
    let seconds = duration.as_secs();
    let nanoseconds = duration.subsec_nanos();
    quote!(::core::time::Duration::new(#seconds, #nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::Errors;

    fn settings(arguments: TokenStream, item: TokenStream) -> syn::Result<Settings> {
        let mut errors = Errors::default();
        let attributes = Attributes::read(arguments, &mut errors);
        assert!(errors.is_empty());
        Settings::new(&attributes, &syn::parse2(item).unwrap())
    }

    #[test]
    fn what_is_not_given_comes_from_the_function() {
        let settings = settings(
            quote!(),
            quote!(
                async fn r#type() {}
            ),
        )
        .unwrap();
        assert_eq!(settings.name, "type");
        assert_eq!(settings.version, "1.0");
        let empty = quote!(::workbeat::activity::ActivityOptions::new());
        assert_eq!(settings.options.to_string(), empty.to_string());
    }

    #[test]
    fn a_function_name_that_the_service_refuses_asks_for_another() {
        let error = settings(
            quote!(),
            quote!(
                async fn arn() {}
            ),
        )
        .err()
        .unwrap();
        assert!(error.to_string().contains("#[activity(name = "), "{error}");
        assert!(
            settings(
                quote!(name = "arnold"),
                quote!(
                    async fn arn() {}
                )
            )
            .is_ok()
        );
    }

    #[test]
    fn only_what_is_given_is_set() {
        let arguments = quote!(
            crate = "wb",
            heartbeat_timeout = "none",
            cancel_grace = "1.5s"
        );
        let settings = settings(
            arguments,
            quote!(
                #[doc = " Packs."]
                async fn pack() {}
            ),
        )
        .unwrap();
        let expected = quote! {
            wb::activity::ActivityOptions::new()
                .description("Packs.")
                .heartbeat_timeout(wb::service::Timeout::None)
                .cancel_grace(::core::time::Duration::new(1u64, 500000000u32))
        };
        assert_eq!(settings.options.to_string(), expected.to_string());
    }
}
