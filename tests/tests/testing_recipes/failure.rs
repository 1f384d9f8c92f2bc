use std::collections::HashMap;
use std::sync::Arc;

use workbeat::FailureCode;
use workbeat::prelude::*;
use workbeat::testing::ActivityTest;

/// What the activities share; in the test it stands for a real store.
struct Shop {
    prices: HashMap<String, u32>,
}

impl Shop {
    #[activity]
    async fn price(&self, article: String) -> Result<u32, ActivityError> {
        let price = self.prices.get(&article);
        let unknown = || ActivityError::failed("UNKNOWN_ARTICLE").with_details(&article);
        price.copied().ok_or_else(unknown)
    }
}

fn shop() -> Arc<Shop> {
    let prices = HashMap::from([("pen".to_owned(), 2)]);
    Arc::new(Shop { prices })
}

#[tokio::test]
async fn an_article_that_is_not_known_is_a_failure_of_its_own() {
    let outcome = ActivityTest::new(shop().price_activity()).input("ink").run().await;
    outcome.assert_failed("UNKNOWN_ARTICLE");
    assert_eq!(outcome.details(), Some("ink"));
}

#[tokio::test]
async fn what_is_no_article_does_not_decode() {
    let outcome = ActivityTest::new(shop().price_activity()).input(7).run().await;
    outcome.assert_failed_with(FailureCode::InputInvalid);
}
