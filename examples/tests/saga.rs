//! The example with a saga, as a person sees it. What is decided is tested in its `decide.rs`.

mod program;

use program::screen_of;

#[tokio::test]
async fn one_order_is_shipped_in_the_end_and_the_other_is_undone() {
    let screen = screen_of(env!("CARGO_BIN_EXE_saga")).await;
    let (shipped, undone) = screen.split_once("Order 2").expect("two orders");
    let decided = |screen: &str| -> Vec<String> {
        let decisions = screen.lines().filter_map(|line| line.split_once(" -> "));
        decisions.map(|(_, decided)| decided.to_owned()).collect()
    };
    assert_eq!(
        decided(shipped),
        [
            "schedule reserve-1",
            "schedule pay-1",
            "schedule ship-1",
            "ship again in 100ms",
            "schedule ship-2",
            "ship again in 200ms",
            "schedule ship-3",
            "complete the workflow",
        ],
        "{screen}"
    );
    assert_eq!(
        decided(undone),
        [
            "schedule reserve-1",
            "schedule pay-1",
            "schedule ship-1",
            "schedule refund-1",
            "schedule release-1",
            "fail the workflow: ship: NO_SUCH_ADDRESS",
        ],
        "{screen}"
    );
    assert!(
        undone.contains("order 1, reserved, paid, shipped"),
        "{screen}"
    );
    assert!(
        undone.contains("order 2, not reserved, not paid, not shipped"),
        "{screen}"
    );
}
