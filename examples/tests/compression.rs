//! The example with a codec, as a person sees it.

mod program;

use program::screen_of;

#[tokio::test]
async fn what_does_not_fit_as_json_fits_deflated() {
    let screen = screen_of(env!("CARGO_BIN_EXE_compression")).await;
    let (plain, rest) = screen.split_once("2. ").expect("three parts");
    let (deflated, refused) = rest.split_once("3. ").expect("three parts");
    let number = |part: &str, before: &str| -> usize {
        let (_, rest) = part.split_once(before).expect(&screen);
        let word = rest.split_whitespace().next().unwrap_or_default();
        word.parse().expect(&screen)
    };
    assert!(plain.contains("WORKBEAT_RESULT_TOO_LARGE"), "{screen}");
    assert!(number(deflated, "the input has ") < number(plain, "the input has "));
    assert!(number(deflated, "the result has ") < 32_768, "{screen}");
    assert!(number(deflated, "which are ") > 100_000, "{screen}");
    assert_eq!(number(deflated, "of JSON: "), 2_500, "{screen}");
    assert!(refused.contains("WORKBEAT_INPUT_INVALID"), "{screen}");
    assert!(refused.contains("details: it is no base64"), "{screen}");
}
