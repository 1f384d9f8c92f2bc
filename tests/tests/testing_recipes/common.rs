use workbeat::prelude::*;

/// Counts the words of a book, page by page.
#[activity(heartbeat_timeout = "30s")]
pub(crate) async fn count_words(pages: Vec<String>, ctx: ActivityContext) -> Result<usize, ActivityError> {
    let mut words = 0;
    for (done, page) in pages.iter().enumerate() {
        words += ctx.until_stopped(read(page)).await?;
        ctx.report(done + 1);
    }
    Ok(words)
}

/// Stands for work that takes a minute a page.
async fn read(page: &str) -> usize {
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    page.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use workbeat::testing::ActivityTest;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_words_of_all_pages_are_counted() {
        let outcome = ActivityTest::new(CountWords).input(["Call me", "Ishmael."]).run().await;
        outcome.assert_completed(3);
    }
}
