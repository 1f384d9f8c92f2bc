use workbeat::codec::FlowJava;
use workbeat::middleware::middleware_fn;
use workbeat::prelude::*;
use workbeat::testing::ActivityTest;

#[activity]
async fn list(folders: Vec<String>, ctx: ActivityContext) -> Result<Vec<String>, ActivityError> {
    let user = ctx.extension::<String>().ok_or("nobody says who asks")?;
    Ok(folders.iter().map(|folder| format!("{user}/{folder}")).collect())
}

/// The input of a task, out of a history: a decider in Java wrote it.
const RECORDED: &str = r#"["[Ljava.lang.Object;",[["java.util.ArrayList",["photos"]]]]"#;

#[tokio::test]
async fn it_reads_and_writes_what_the_decider_does() {
    let ann = middleware_fn(async |call, next| {
        call.ctx.set_extension("ann".to_owned());
        next.run(call).await
    });
    let test = ActivityTest::new(List).middleware(ann).codec(FlowJava::new());
    let outcome = test.input_text(RECORDED).run().await;
    outcome.assert_result_text(r#"["java.util.ArrayList",["ann/photos"]]"#);
    assert_eq!(outcome.into_output().unwrap(), ["ann/photos"]);
}
