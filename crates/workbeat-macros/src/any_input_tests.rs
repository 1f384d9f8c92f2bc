//! Whatever somebody writes in the attribute, or puts it on.

use std::str::FromStr;

use proc_macro2::TokenStream;
use proptest::prelude::*;

use crate::expand::expand;

/// What may stand on the left of a `=`, or by itself.
const KEYS: [&str; 18] = [
    "name",
    "version",
    "description",
    "heartbeat_timeout",
    "heartbeat_interval",
    "start_to_close_timeout",
    "schedule_to_start_timeout",
    "schedule_to_close_timeout",
    "task_list",
    "priority",
    "cancel_grace",
    "blocking",
    "crate",
    "r#crate",
    "naem",
    "Self",
    "_",
    "größe",
];

/// What may stand on the right.
const VALUES: [&str; 26] = [
    "\"\"",
    "\"pack\"",
    "\"a:b\"",
    "\"arn\"",
    "\"\\0\"",
    "\"\\u{1f980}\"",
    "\"30s\"",
    "\"none\"",
    "\"0s\"",
    "\"1ns\"",
    "\"99999999999999999999 years\"",
    "\"18446744073709551615s\"",
    "\"584542046090years 999years\"",
    "\"0.00000000000000000000001s\"",
    "\"-1s\"",
    "\"::\"",
    "\"a::b::\"",
    "\"fn\"",
    "7",
    "-2147483648",
    "99999999999999999999",
    "1u8",
    "1e9",
    "b\"x\"",
    "{ (",
    "concat!(\"a\")",
];

/// The pieces of a function, right ones and wrong ones.
const PIECES: [&str; 42] = [
    "pub",
    "async",
    "fn",
    "pack",
    "r#type",
    "fn pack",
    "async fn pack",
    "(",
    ")",
    "()",
    "&self",
    "self: Arc<Self>",
    "mut self",
    "input: String",
    "ctx: ActivityContext",
    "ctx: &ActivityContext",
    "_: &str",
    "(a, b): (u8, u8)",
    "impl Trait: impl Trait",
    "...",
    ",",
    "->",
    "-> R<()>",
    "-> Result<u8, E>",
    "-> !",
    "-> io::Result<()> + {}",
    "-> dyn Any",
    "-> impl Future",
    "{}",
    "{ [ }",
    ";",
    "<T>",
    "where T: Sized",
    "unsafe",
    "extern \"C\"",
    "const",
    "#[activity]",
    "#[cfg(unix)]",
    "/// Packs.\n",
    "struct S;",
    "impl S {}",
    "macro_rules! m {}",
];

fn attribute() -> impl Strategy<Value = String> {
    let keys = prop_oneof![
        9 => prop::sample::select(KEYS.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    let value = prop_oneof![
        9 => prop::sample::select(VALUES.to_vec()).prop_map(|value| format!(" = {value}")),
        2 => Just(String::new()),
        1 => "\\PC{0,8}",
        1 => Just(format!(" = \"{}\"", "ü".repeat(2_000))),
    ];
    let entry = (keys, value).prop_map(|(key, value)| key + &value);
    prop::collection::vec(entry, 0..4).prop_map(|entries| entries.join(", "))
}

fn item() -> impl Strategy<Value = String> {
    let whole = prop::sample::select(vec![
        "async fn pack(input: String, ctx: ActivityContext) -> Result<u8, E> { body }",
        "fn pack(&self) -> io::Result<()> {}",
        "async fn pack(self: &Arc<Self>, n: u8) -> R<()> {}",
    ]);
    let pieces = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12);
    prop_oneof![
        2 => whole.prop_map(str::to_owned),
        5 => pieces.prop_map(|pieces| pieces.join(" ")),
    ]
}

#[test]
fn a_return_type_that_is_a_sum_of_traits_is_an_error_and_breaks_nothing() {
    let item = TokenStream::from_str("fn sum(a: u8) -> io::Result<()> + {}").unwrap();
    let expanded = expand(TokenStream::from_str("blocking").unwrap(), &item);
    let file: syn::File = syn::parse2(expanded.clone()).unwrap();
    assert!(file.items.len() > 1);
    assert!(expanded.to_string().contains("compile_error"), "{expanded}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_item_comes_out_whole_with_an_activity_or_an_error_beside_it(
        (attribute, item) in (attribute(), item()),
    ) {
        // What is no tokens never reaches a macro.
        let (Ok(attribute), Ok(item)) =
            (TokenStream::from_str(&attribute), TokenStream::from_str(&item))
        else {
            return Ok(());
        };
        let expanded = expand(attribute, &item);
        let (before, after) = (item.to_string(), expanded.to_string());
        let generated = after.strip_prefix(&before);
        prop_assert!(generated.is_some_and(|it| !it.trim().is_empty()), "{}", after);
        // What could be read before can be read now: an error does not hide behind others.
        let items = |tokens| syn::parse2::<syn::File>(tokens).ok().map(|file| file.items.len());
        let one = |it: &syn::File| matches!(it.items[..], [syn::Item::Fn(_)]);
        if syn::parse2::<syn::File>(item).is_ok_and(|it| one(&it)) {
            prop_assert!(items(expanded).is_some_and(|count| count > 1), "{}", after);
        }
    }
}
