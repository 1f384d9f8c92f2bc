//! Lists in pages: which page a request asks for, and the token of the next one.
//!
//! A page begins after the last entry of the page before it, wherever that is by then. So no
//! entry comes twice and none is passed over, while others come and go.

use serde_json::Value;

use super::fault::Fault;
use super::limits;
use super::operations::Operation;
use super::seed::Seed;

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page {
    /// What is listed: the operation and all that it says, but for its paging.
    list: String,
    /// The cursor of the last entry of the page before.
    after: Option<String>,
    size: usize,
}

impl Page {
    /// The page that `operation` asks for. A token of another list is refused.
    pub(super) fn of<O: Operation>(
        seed: &Seed,
        operation: &O,
        token: Option<&str>,
        maximum_size: Option<u32>,
    ) -> Result<Self, Fault> {
        let list = list(operation);
        let after = token.map(|token| {
            read(seed, &list, token).ok_or_else(|| Fault::validation("Invalid token"))
        });
        let size = match maximum_size {
            None | Some(0) => limits::PAGE,
            Some(size) => usize::try_from(size).unwrap_or(limits::PAGE),
        };
        Ok(Self {
            list,
            after: after.transpose()?,
            size: size.min(limits::PAGE),
        })
    }

    /// The cursor after which the page begins; if none, it is the first.
    pub(super) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Takes the page off the entries that come after the page before it, and makes the token
    /// of the next one, if anything is left.
    pub(super) fn take<T>(
        &self,
        seed: &Seed,
        entries: impl IntoIterator<Item = T>,
        cursor: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let mut entries = entries.into_iter();
        let page: Vec<T> = entries.by_ref().take(self.size).collect();
        let more = entries.next().is_some();
        let last = page.last().filter(|_| more);
        let next = last.map(|last| token(seed, &self.list, &cursor(last)));
        (page, next)
    }
}

/// The operation and its input without its paging.
fn list<O: Operation>(operation: &O) -> String {
    let mut input = serde_json::to_value(operation).unwrap_or(Value::Null);
    if let Some(members) = input.as_object_mut() {
        members.remove("nextPageToken");
        members.remove("maximumPageSize");
    }
    format!("{} {input}", O::NAME)
}

/// The token of the page that begins at `cursor` in what `list` names.
pub(super) fn token(seed: &Seed, list: &str, cursor: &str) -> String {
    let check = seed.check(&format!("{list} {cursor}"));
    let hidden = cursor.bytes().map(|byte| format!("{byte:02x}"));
    format!("{}.{check:016x}", hidden.collect::<String>())
}

/// The cursor of a token, if it is one of this list.
pub(super) fn read(seed: &Seed, list: &str, text: &str) -> Option<String> {
    let (hidden, _) = text.split_once('.')?;
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = hidden.as_bytes().chunks(2).map(digits).collect();
    let cursor = String::from_utf8(bytes?).ok()?;
    (token(seed, list, &cursor) == text).then_some(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::operations::ListDomains;

    fn page(token: Option<&str>, size: u32) -> Result<Page, Fault> {
        Page::of(&Seed::new(1), &ListDomains::default(), token, Some(size))
    }

    fn all(size: u32) -> Vec<Vec<u32>> {
        let (mut pages, mut token) = (Vec::new(), None::<String>);
        loop {
            let page = page(token.as_deref(), size).unwrap();
            let after = page.after().map_or(0, |last| last.parse().unwrap());
            let (found, next) = page.take(&Seed::new(1), after + 1..=5, u32::to_string);
            pages.push(found);
            token = next;
            if token.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn pages_join_to_the_whole_list() {
        assert_eq!(all(2), [vec![1, 2], vec![3, 4], vec![5]]);
        assert_eq!(all(5), [vec![1, 2, 3, 4, 5]]);
        assert_eq!(all(0), [vec![1, 2, 3, 4, 5]]);
    }

    #[test]
    fn a_token_is_refused_by_another_list_and_when_it_was_changed() {
        let seed = Seed::new(1);
        let token = token(&seed, &list(&ListDomains::default()), "Übung\n1");
        assert_eq!(page(Some(&token), 1).unwrap().after(), Some("Übung\n1"));
        let reverse_order = Some(true);
        let other = ListDomains {
            reverse_order,
            ..Default::default()
        };
        assert!(Page::of(&seed, &other, Some(&token), None).is_err());
        for bad in ["", ".", "zz.", "00", &token[2..]] {
            assert!(page(Some(bad), 1).is_err(), "{bad:?} was read");
        }
    }

    #[test]
    fn the_token_of_the_longest_names_is_not_too_long() {
        let (name, version) = ("€".repeat(256), "€".repeat(64));
        let token = token(&Seed::new(1), "list", &format!("{name}\n{version}"));
        assert!(token.len() <= 2_048, "{}", token.len());
    }
}
