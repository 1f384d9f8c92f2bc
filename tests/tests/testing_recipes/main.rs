//! The recipes of `docs/testing.md`: each module is one of them, and the guide has the same text.
//!
//! Not doctests, as those of other guides: there a function with `#[tokio::test]` neither runs nor
//! is it looked at.

#![allow(
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "the functions are written as users write them"
)]

// As wide as is good to read in the guide.
#[rustfmt::skip]
mod blocking;
#[rustfmt::skip]
mod by_hand;
#[rustfmt::skip]
mod cancel;
#[rustfmt::skip]
mod common;
#[rustfmt::skip]
mod facts;
#[rustfmt::skip]
mod failure;
#[rustfmt::skip]
mod functions;
#[rustfmt::skip]
mod method;
#[rustfmt::skip]
mod more;
#[rustfmt::skip]
mod reasons;
#[rustfmt::skip]
mod surroundings;

use std::fs;
use std::path::Path;

use workbeat::testing::ActivityTest;

fn guide() -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(tests.join("../docs/testing.md")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_guide_shows_what_a_failed_assert_says() {
    let failed = tokio::spawn(async {
        let test = ActivityTest::new(common::CountWords).input("Call me Ishmael.");
        test.run().await.assert_completed(3);
    });
    let panic = failed.await.unwrap_err().into_panic();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(guide().contains(&format!("\n{said}\n")), "{said}");
}

#[test]
fn the_guide_shows_these_recipes_and_no_other_code() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut recipes: Vec<_> = fs::read_dir(tests.join("tests/testing_recipes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("main.rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for block in guide().split("\n```rust\n").skip(1) {
        let (code, _) = block.split_once("```\n").expect("the end of the block");
        let recipe = recipes.iter().position(|recipe| recipe == code);
        recipes.remove(recipe.unwrap_or_else(|| panic!("no recipe is this code:\n{code}")));
    }
    assert!(
        recipes.is_empty(),
        "not in the guide:\n{}",
        recipes.join("\n")
    );
}
