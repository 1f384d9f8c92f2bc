//! What a person reads when a test of an activity fails.

use std::future::{Future, pending};
use std::sync::mpsc::channel;

use serde_json::json;
use tokio::time::sleep;
use workbeat::prelude::*;
use workbeat::testing::{ActivityTest, TestOutcome, When};
use workbeat::{FailureCode, activity_fn};
use workbeat_tests::seconds;

/// What a test panics with.
async fn message(test: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(test).await.expect_err("a panic").into_panic();
    let said = panic.downcast_ref::<String>().cloned();
    said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()))
        .expect("a text")
}

#[activity]
async fn pack(folder: String, ctx: ActivityContext) -> Result<u32, ActivityError> {
    for file in 1..=3 {
        ctx.until_stopped(sleep(seconds(1))).await?;
        ctx.report(json!({ "packed": file }));
    }
    if folder == "full" {
        return Err(ActivityError::failed("DISK_FULL").with_details("0 bytes left"));
    }
    Ok(3)
}

async fn packed(folder: &str) -> TestOutcome<u32> {
    ActivityTest::new(Pack).input(folder).run().await
}

#[tokio::test(start_paused = true)]
async fn an_assert_shows_what_was_expected_and_what_came() {
    let said = message(async {
        packed("full").await.assert_completed(3);
    });
    assert_eq!(
        said.await,
        r#"`pack 1.0` ended otherwise
  expected: completed with 3
       was: failed with the reason "DISK_FULL"
   details: 0 bytes left
     input: "full"
  progress: 3 reports, the last: {"packed":3}
      took: 3s"#
    );
    let said = message(async {
        let test = ActivityTest::new(Pack).cancel_when(When::Progress(1));
        let outcome = test.input("photos").run().await;
        outcome.assert_failed("DISK_FULL");
    });
    assert_eq!(
        said.await,
        r#"`pack 1.0` ended otherwise
  expected: failed with the reason "DISK_FULL"
       was: canceled
     input: "photos"
  progress: {"packed":1}
      took: 1s
   stopped: cancel requested"#
    );
    let said = message(async {
        ActivityTest::new(Pack).run().await.assert_canceled();
    });
    assert_eq!(
        said.await,
        r#"`pack 1.0` ended otherwise
  expected: canceled
       was: failed with the reason "WORKBEAT_INPUT_MISSING: the task has no input, the activity needs a alloc::string::String"
     input: none
  progress: none
      took: 0ns"#
    );
}

#[tokio::test(start_paused = true)]
async fn every_assert_fails_where_it_should() {
    type Assert = fn(&TestOutcome<u32>);
    let asserts: [(&str, Assert); 7] = [
        ("completed with 4", |it| {
            it.assert_completed(4);
        }),
        ("completed with 3.0", |it| {
            it.assert_result_text("3.0");
        }),
        ("failed with the reason \"no\"", |it| {
            it.assert_failed("no");
        }),
        ("failed with WORKBEAT_PANIC", |it| {
            it.assert_failed_with(FailureCode::Panic);
        }),
        ("canceled", |it| {
            it.assert_canceled();
        }),
        ("handed on", |it| {
            it.assert_handed_on();
        }),
        ("nothing sent", |it| {
            it.assert_nothing_sent();
        }),
    ];
    for (expected, assert) in asserts {
        let said = message(async move { assert(&packed("photos").await) }).await;
        let expected = format!("  expected: {expected}\n       was: completed with 3\n");
        assert!(said.contains(&expected), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_output_that_is_not_there_tells_the_whole_story() {
    let said = message(async {
        packed("full").await.into_output().unwrap();
    });
    let said = said.await;
    assert!(
        said.contains("DISK_FULL") && said.contains("input: \"full\""),
        "{said}"
    );
}

#[activity]
async fn stubborn(ctx: ActivityContext) -> Result<(), ActivityError> {
    ctx.report("working");
    pending().await
}

#[tokio::test(start_paused = true)]
async fn an_activity_that_ignores_its_cancellation_ends_the_test_with_a_message() {
    let said = message(async {
        let test = ActivityTest::new(Stubborn).cancel_when(When::Elapsed(seconds(2)));
        let outcome = test.give_up_after(seconds(10)).run().await;
        outcome.assert_canceled();
    });
    let line = line!() - 3;
    let file = file!();
    let said = said.await;
    let (story, at) = said.rsplit_once('\n').unwrap();
    assert_eq!(
        story,
        r#"`stubborn 1.0`: waited for the end of it, and gave up after 10s (`give_up_after` sets another limit)
      told: to stop, 8s ago (cancel requested)
  activity: it still runs; does it look at `ctx.until_stopped` or `ctx.check_stopped`?
     input: none
  progress: "working""#
    );
    assert!(at.contains(&format!("test at: {file}:{line}:")), "{at}");
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_of_ones_own_it_ends_too_also_where_progress_is_awaited() {
    let said = message(async {
        let mut run = ActivityTest::new(Stubborn).start();
        let _first = run.next_progress().await;
        let _none = run.next_progress().await;
    });
    let said = said.await;
    assert!(
        said.starts_with("`stubborn 1.0`: waited for report no. 2, and gave up after 86400s (`give_up_after` sets another limit)\n  activity: it still runs\n"),
        "{said}"
    );
}

#[tokio::test]
async fn blocking_code_that_does_not_end_is_named() {
    let (let_go, wait) = channel::<()>();
    let wait = std::sync::Mutex::new(Some(wait));
    let said = message(async move {
        let blocks = activity_fn("blocks", "1.0", move |ctx: ActivityContext| {
            let wait = wait.lock().unwrap().take();
            async move {
                let blocking = move |ctx: ActivityContext| {
                    ctx.report("blocking");
                    wait.map(|wait| wait.recv().is_ok())
                };
                Ok::<_, ActivityError>(ctx.run_blocking(blocking).await)
            }
        });
        let options = ActivityOptions::new().cancel_grace(seconds(0));
        let mut run = ActivityTest::new(blocks.with_options(options))
            .give_up_after(seconds(1))
            .start();
        let _ = run.next_progress().await;
        run.cancel();
        let _ = run.next_progress().await;
    });
    let said = said.await;
    assert!(
        said.contains(
            "\n     ended: canceled, details: the activity did not end within its cancel grace"
        ),
        "{said}"
    );
    assert!(
        said.contains("\n  activity: blocking code of it still runs\n"),
        "{said}"
    );
    drop(let_go);
}

#[test]
fn outside_of_a_runtime_it_says_what_to_do() {
    let panic = std::panic::catch_unwind(|| ActivityTest::new(Stubborn).start()).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap();
    assert!(said.contains("use #[tokio::test]"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_no_worker_takes_is_refused_with_the_workers_words() {
    let said = message(async {
        let nameless = activity_fn("a:b", "1.0", async |()| Ok::<_, ActivityError>(()));
        let _ = ActivityTest::new(nameless).run().await;
    });
    let said = said.await;
    assert!(
        said.contains("a:b") && said.contains("no worker would take"),
        "{said}"
    );
}
