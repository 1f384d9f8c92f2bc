//! Whatever stands on a command line for the server, it is taken or refused in words.

use std::fmt::Display;
use std::str::FromStr;

use proptest::prelude::*;
use workbeat_server::{Denial, Faults, ListenAddress};

fn option() -> impl Strategy<Value = String> {
    let pieces = [
        "throttle",
        "latency",
        "lost-answer",
        "PollForActivityTask",
        "=",
        ":",
        ",",
        "0.5",
        "1",
        "NaN",
        "inf",
        "-1",
        "1e999",
        "50ms",
        "99999999999999999999 years",
        "18446744073709551615s",
        "..",
        "[::1]",
        "127.0.0.1",
        "localhost",
        "65536",
        "\0",
        "ü",
    ];
    let pieces = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..8);
    prop_oneof![4 => pieces.prop_map(|pieces| pieces.concat()), 1 => ".{0,60}"]
}

fn told<T: FromStr<Err: Display>>(text: &str) -> bool {
    match text.parse::<T>() {
        Ok(_) => true,
        Err(error) => !error.to_string().is_empty() && error.to_string().len() < 4_096,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_option_is_taken_or_refused_in_words(text in option()) {
        prop_assert!(told::<Faults>(&text));
        prop_assert!(told::<Denial>(&text));
        prop_assert!(told::<ListenAddress>(&text));
    }
}
