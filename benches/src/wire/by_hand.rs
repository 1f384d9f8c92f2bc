//! What anybody would write by hand over the SDK.

use std::sync::Arc;

use aws_sdk_swf::Client;
use aws_sdk_swf::types::TaskList;
use tokio::sync::Semaphore;

use super::side::{Count, DOMAIN, LIST, echo};

/// One of the polls: each task that it brings is spawned, while it polls on.
pub(super) async fn poll(client: Client, slots: Arc<Semaphore>, count: Count) -> crate::Result<()> {
    let list = TaskList::builder().name(LIST).build()?;
    loop {
        let slot = Arc::clone(&slots).acquire_owned().await?;
        let poll = client.poll_for_activity_task().domain(DOMAIN);
        let task = poll
            .task_list(list.clone())
            .identity("bench")
            .send()
            .await?;
        if task.task_token().is_empty() {
            continue;
        }
        let (client, count) = (client.clone(), count.clone());
        tokio::spawn(async move {
            let input = task.input().unwrap_or("null");
            let Ok(input) = serde_json::from_str(input) else {
                return;
            };
            let Ok(output) = echo(input, &count).await else {
                return;
            };
            let Ok(result) = serde_json::to_string(&output) else {
                return;
            };
            let respond = client.respond_activity_task_completed();
            let respond = respond.task_token(task.task_token()).result(result);
            // A loop by hand logs it and goes on.
            let _ = respond.send().await;
            drop(slot);
        });
    }
}
