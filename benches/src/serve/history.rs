//! A long history, read in pages.

use aws_sdk_swf::types::WorkflowExecution;
use tokio::time::Instant;

use super::cycles::{DOMAIN, register, start_execution};
use crate::figures::Figures;
use crate::measure::Spread;
use crate::sdk::{Server, client};
use crate::sides::{count, runtime};

/// How many events a page has at most.
const PAGE: i32 = 1_000;

/// Makes a history of so many events out of signals, and times its pages.
pub(super) fn run(server: &Server, events: u64) -> crate::Result<Figures> {
    runtime(1)?.block_on(async {
        let client = client(server.url());
        register(&client).await?;
        let run_id = start_execution(&client, "long").await?;
        // It was started, and a decision task was scheduled.
        for _ in 2..events {
            let signal = client.signal_workflow_execution().domain(DOMAIN);
            let signal = signal.workflow_id("long").run_id(&run_id);
            signal
                .signal_name("more")
                .input("\"hello world\"")
                .send()
                .await?;
        }
        let execution = WorkflowExecution::builder()
            .workflow_id("long")
            .run_id(&run_id)
            .build()?;
        let (mut read, mut pages, mut next) = (0, Vec::new(), None);
        loop {
            let began = Instant::now();
            let page = client.get_workflow_execution_history().domain(DOMAIN);
            let page = page.execution(execution.clone()).maximum_page_size(PAGE);
            let page = page.set_next_page_token(next.take()).send().await?;
            pages.push(began.elapsed().as_secs_f64() * 1000.0);
            read += page.events().len() as u64;
            next = page.next_page_token().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        if read != events {
            return Err(format!("{read} events were read, not {events}").into());
        }
        let part = (pages.len() / 3).max(1);
        let first = Spread::new(pages.iter().take(part).copied().collect()).median;
        let last = Spread::new(pages.iter().rev().take(part).copied().collect()).median;
        Ok(Figures::default()
            .with("history_events", count(read))
            .with("history_pages", count(pages.len() as u64))
            .with("first_pages_ms", first)
            .with("last_pages_ms", last)
            .with("paging_growth", last / first))
    })
}
