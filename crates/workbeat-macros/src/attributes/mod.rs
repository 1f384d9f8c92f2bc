//! What stands in the parentheses of `#[activity(...)]`.

mod duration;
mod entry;
mod known;
mod text;

use std::collections::HashSet;
use std::time::Duration;

use proc_macro2::{Span, TokenStream};

use crate::errors::Errors;
pub(crate) use duration::Timeout;
use duration::{duration, timeout};
use entry::{Entry, entries};
pub(crate) use text::{NAME, check_description, check_name};

/// The attributes, checked. What was not given, or was wrong and is reported, is `None`.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) heartbeat_timeout: Option<Timeout>,
    pub(crate) heartbeat_interval: Option<Duration>,
    pub(crate) start_to_close_timeout: Option<Timeout>,
    pub(crate) schedule_to_start_timeout: Option<Timeout>,
    pub(crate) schedule_to_close_timeout: Option<Timeout>,
    pub(crate) task_list: Option<String>,
    pub(crate) priority: Option<i32>,
    pub(crate) cancel_grace: Option<Duration>,
    /// Where `blocking` stands.
    pub(crate) blocking: Option<Span>,
    /// Where the framework's crate is found, unless at `::workbeat`.
    pub(crate) framework: Option<syn::Path>,
}

impl Attributes {
    /// Reads all of them; what is wrong goes into `errors` and is left out.
    pub(crate) fn read(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut attributes = Self::default();
        let mut seen = HashSet::new();
        let mut heartbeat_interval_entry = None;
        for entry in entries(tokens) {
            let Some(entry) = errors.keep(entry) else {
                continue;
            };
            if !seen.insert(entry.key.to_string()) {
                errors.push(entry.twice());
                continue;
            }
            errors.keep(attributes.set(&entry));
            if entry.key == "heartbeat_interval" {
                heartbeat_interval_entry = Some(entry);
            }
        }
        if let Some(entry) = heartbeat_interval_entry {
            errors.keep(attributes.check_interval(&entry));
        }
        attributes
    }

    fn set(&mut self, entry: &Entry) -> syn::Result<()> {
        match entry.key.to_string().as_str() {
            "name" => self.name = Some(text::name(entry, text::NAME)?),
            "version" => self.version = Some(text::name(entry, text::VERSION)?),
            "description" => self.description = Some(text::description(entry)?),
            "heartbeat_timeout" => self.heartbeat_timeout = Some(timeout(entry)?),
            "heartbeat_interval" => self.heartbeat_interval = Some(duration(entry)?),
            "start_to_close_timeout" => self.start_to_close_timeout = Some(timeout(entry)?),
            "schedule_to_start_timeout" => self.schedule_to_start_timeout = Some(timeout(entry)?),
            "schedule_to_close_timeout" => self.schedule_to_close_timeout = Some(timeout(entry)?),
            "task_list" => self.task_list = Some(text::name(entry, text::NAME)?),
            "priority" => self.priority = Some(entry.integer()?),
            "cancel_grace" => self.cancel_grace = Some(duration(entry)?),
            "blocking" => self.blocking = Some(entry.flag()?),
            "crate" => self.framework = Some(entry.path()?),
            _ => return Err(known::unknown(&entry.key)),
        }
        Ok(())
    }

    /// A heartbeat that comes no sooner than its timeout cannot keep a task alive.
    fn check_interval(&self, entry: &Entry) -> syn::Result<()> {
        let Some(interval) = self.heartbeat_interval else {
            return Ok(());
        };
        if interval < duration::SHORTEST_INTERVAL {
            return Err(entry.wrong_value("`heartbeat_interval` is at least \"1ms\""));
        }
        match self.heartbeat_timeout {
            Some(Timeout::After(timeout)) if interval >= timeout => Err(entry.wrong_value(
                "`heartbeat_interval` must be shorter than `heartbeat_timeout`: a third of it \
                 leaves time for two retries, and is what the worker does without \
                 `heartbeat_interval`",
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn read(tokens: TokenStream) -> (Attributes, Vec<String>) {
        let mut errors = Errors::default();
        let attributes = Attributes::read(tokens, &mut errors);
        (attributes, errors.messages())
    }

    #[test]
    fn each_known_attribute_is_read() {
        let (read, errors) = read(quote! {
            name = "pack", version = "2.1", description = "packs",
            heartbeat_timeout = "30s", heartbeat_interval = "100ms",
            start_to_close_timeout = "1h", schedule_to_start_timeout = "none",
            schedule_to_close_timeout = "2h 30m", task_list = "files", priority = -3,
            cancel_grace = "1m", blocking, crate = "crate::framework",
        });
        assert_eq!(errors, [""; 0]);
        assert_eq!(read.name.as_deref(), Some("pack"));
        assert_eq!(read.version.as_deref(), Some("2.1"));
        assert_eq!(read.description.as_deref(), Some("packs"));
        let after = |seconds| Some(Timeout::After(Duration::from_secs(seconds)));
        assert_eq!(read.heartbeat_timeout, after(30));
        assert_eq!(read.heartbeat_interval, Some(Duration::from_millis(100)));
        assert_eq!(read.start_to_close_timeout, after(3_600));
        assert_eq!(read.schedule_to_start_timeout, Some(Timeout::None));
        assert_eq!(read.schedule_to_close_timeout, after(9_000));
        assert_eq!(read.task_list.as_deref(), Some("files"));
        assert_eq!(read.priority, Some(-3));
        assert_eq!(read.cancel_grace, Some(Duration::from_secs(60)));
        assert!(read.blocking.is_some());
        assert_eq!(read.framework.map(|path| path.segments.len()), Some(2));
    }

    #[test]
    fn nothing_given_is_nothing_set() {
        let (read, errors) = read(TokenStream::new());
        assert_eq!(errors, [""; 0]);
        assert_eq!(read.name, None);
        assert!(read.blocking.is_none());
    }

    #[test]
    fn every_mistake_is_reported_and_the_rest_is_read() {
        let (read, errors) = read(quote! {
            name = "a:b", heartbeat_timeout = "soon", version = 1, wibble, priority = 7, "pack",
        });
        assert_eq!(errors.len(), 5, "{errors:#?}");
        assert_eq!(read.priority, Some(7));
    }

    #[test]
    fn an_attribute_given_twice_is_a_mistake() {
        let (read, errors) = read(quote!(name = "a", name = "b"));
        assert_eq!(errors, ["`name` is given twice; leave one out"]);
        assert_eq!(read.name.as_deref(), Some("a"));
    }

    #[test]
    fn the_interval_is_shorter_than_the_timeout_in_whatever_order_they_stand() {
        for tokens in [
            quote!(heartbeat_timeout = "30s", heartbeat_interval = "30s"),
            quote!(heartbeat_interval = "1m", heartbeat_timeout = "30s"),
        ] {
            let (_, errors) = read(tokens);
            assert!(
                errors[0].contains("shorter than `heartbeat_timeout`"),
                "{errors:?}"
            );
        }
        let (_, errors) = read(quote!(
            heartbeat_timeout = "none",
            heartbeat_interval = "1m"
        ));
        assert_eq!(errors, [""; 0]);
    }

    #[test]
    fn the_interval_is_at_least_a_millisecond() {
        let (_, errors) = read(quote!(heartbeat_interval = "999us"));
        assert_eq!(errors, ["`heartbeat_interval` is at least \"1ms\""]);
    }
}
