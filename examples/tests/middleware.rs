//! The example with middleware, as a person sees it.

mod program;

use program::screen_of;

#[tokio::test]
async fn one_call_comes_through_and_two_are_stopped_where_they_should_be() {
    let screen = screen_of(env!("CARGO_BIN_EXE_middleware")).await;
    let (first, rest) = screen.split_once("2. ").expect("three parts");
    let (second, third) = rest.split_once("3. ").expect("three parts");
    // Each part in its order: who is inside speaks first, but for the decider.
    let inside = |part: &str, lines: &[&str]| {
        let mut rest = part;
        for line in lines {
            (_, rest) = rest
                .split_once(line)
                .unwrap_or_else(|| panic!("{line}\n{screen}"));
        }
    };
    inside(
        first,
        &[
            "authentication: it is Ann",
            "decryption:     33 characters of JSON",
            "timing:         pay completed, after ",
            "the decider:    it completed: Ann paid 1995 cents to the printer",
        ],
    );
    inside(
        second,
        &[
            "authentication: nobody has this key",
            "timing:         pay failed: NOT_AUTHENTICATED, after ",
            "the decider:    it failed: NOT_AUTHENTICATED",
        ],
    );
    assert!(!second.contains("decryption"), "{screen}");
    inside(
        third,
        &[
            "authentication: it is Bob",
            "decryption:     it was not sealed for Bob",
            "timing:         pay failed: CANNOT_DECRYPT, after ",
            "the decider:    it failed: CANNOT_DECRYPT",
        ],
    );
    assert!(screen.contains("1 completed, 2 failed"), "{screen}");
}
