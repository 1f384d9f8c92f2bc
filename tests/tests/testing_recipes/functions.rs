use workbeat::prelude::*;
use workbeat::testing::ActivityTest;

async fn greet(name: String) -> Result<String, ActivityError> {
    Ok(format!("Hello, {name}!"))
}

/// For names that are known only at run time: text in, text out.
async fn script(
    input: Option<String>,
    ctx: ActivityContext,
) -> Result<Option<String>, ActivityError> {
    match &*ctx.activity_type().name {
        "echo" => Ok(input),
        name => Err(ActivityError::failed(format!("no script for {name}"))),
    }
}

#[tokio::test]
async fn a_plain_function_is_an_activity_with_a_name() {
    let greet = workbeat::activity_fn("greet", "1.0", greet);
    ActivityTest::new(greet).input("Ishmael").run().await.assert_completed("Hello, Ishmael!");
}

#[tokio::test]
async fn a_handler_is_tested_with_the_name_of_its_task() {
    let echo = ActivityTest::untyped("echo", "1.0", script).input_text("as it is");
    echo.run().await.assert_result_text("as it is");
    let other = ActivityTest::untyped("pack", "1.0", script);
    other.run().await.assert_failed("no script for pack");
}
