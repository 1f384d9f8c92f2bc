//! What `#[activity]` accepts, and what it says of each mistake.
//!
//! Read every `.stderr` as the person who made the mistake: its first lines must say what to
//! do. Write them anew with `TRYBUILD=overwrite cargo test -p workbeat-tests-macros`.

#[test]
fn every_accepted_form_compiles_and_every_mistake_says_what_to_do() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
