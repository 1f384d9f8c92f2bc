//! The page of the local server.

use std::time::Duration;

use aws_sdk_swf::types::EventType;
use serde_json::json;
use workbeat_server::{Faults, LocalServer};
use workbeat_tests::decider::{Decider, complete, request_cancel};

use crate::chromium::Browser;
use crate::scene::HOSTILE;

const LIVE: &str = "document.querySelector('#connection')?.textContent === 'live'";

/// A workflow id may hold everything but colons, slashes, bars and control characters.
const HOSTILE_ID: &str = "<img src=x onerror=\"window.harmed=1\">";

async fn stage() -> (LocalServer, Decider) {
    // Whatever goes wrong on purpose: the page sees none of it.
    let faults = Faults::default().throttle(1.0);
    let server = LocalServer::builder().poll_hold(Duration::from_millis(200));
    let server = server.start().await.expect("the server must start");
    let decider = Decider::register(&server.url()).await;
    for workflow in ["order-2", HOSTILE_ID] {
        decider.start_activity(workflow).await;
        let task = decider.poll().await;
        let details = json!({"done": 3, "total": 8, "file": HOSTILE});
        decider
            .heartbeat(task.task_token(), &details.to_string())
            .await;
    }
    server.set_faults(faults);
    (server, decider)
}

#[tokio::test]
async fn it_shows_what_is_open_and_requests_cancellation() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let (server, decider) = stage().await;
    let mut page = browser.open(&server.url()).await;
    page.until(LIVE).await;
    let bars = "[...document.querySelectorAll('td progress')].map((bar) => bar.value)";
    assert_eq!(page.value(bars).await, json!([0.375, 0.375]));
    let text = page
        .value("document.querySelector('main').textContent")
        .await;
    assert_eq!(text.as_str().unwrap().matches(HOSTILE).count(), 2);
    let name = "[...document.querySelectorAll('a.name')].map((link) => link.textContent)";
    let named = page.value(name).await;
    let hostile = named
        .as_array()
        .unwrap()
        .iter()
        .filter(|name| **name == HOSTILE_ID);
    assert_eq!(hostile.count(), 2);
    assert_eq!(page.value("typeof window.harmed").await, "undefined");
    assert_eq!(
        page.value("document.querySelectorAll('main img, main b').length")
            .await,
        0
    );

    // Its history, by the link of its name.
    page.value("document.querySelector('a.name').click()").await;
    page.until("document.querySelectorAll('.timeline li').length === 6")
        .await;
    let events =
        "[...document.querySelectorAll('.timeline .name')].map((name) => name.textContent)";
    let events = page.value(events).await;
    assert_eq!(events[0], "WorkflowExecutionStarted");
    assert_eq!(events[5], "ActivityTaskStarted");

    // Cancel it there, and see what the decider makes of it.
    let button = "document.querySelector('button[aria-label=\"request cancellation of order-2\"]')";
    page.value(&format!("{button}.click()")).await;
    page.until("document.querySelector('.timeline').textContent.includes('WorkflowExecutionCancelRequested')").await;
    server.set_faults(Faults::default());
    decider.decide(vec![request_cancel("order-2")]).await;
    page.until(
        "document.querySelector('.timeline').textContent.includes('ActivityTaskCancelRequested')",
    )
    .await;
    page.until(
        "document.querySelector('td .chip.warn:not([hidden])')?.textContent === 'requested'",
    )
    .await;
    page.is_content();
}

#[tokio::test]
async fn it_reads_well_in_dark_and_light_on_a_phone_and_on_a_desk_too() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let server = LocalServer::builder().start().await.unwrap();
    let mut page = browser.open(&server.url()).await;
    page.until(LIVE).await;
    assert!(page.text("main").await.contains("There is no execution."));
    let decider = Decider::register(&server.url()).await;
    for (workflow, details) in [
        ("order-1", None),
        (
            "order-2",
            Some("{\"done\":147,\"total\":250,\"file\":\"summer.mp4\"}"),
        ),
        ("order-3", Some("[9,12]")),
        ("order-4", Some("waiting for the search engine")),
    ] {
        let execution = decider.start_activity(workflow).await;
        let task = decider.poll().await;
        let Some(details) = details else {
            let respond = decider.client().respond_activity_task_completed();
            respond.task_token(task.task_token()).send().await.unwrap();
            decider.decide(vec![complete()]).await;
            let last = decider.last(&execution, 1).await;
            assert_eq!(last, [EventType::WorkflowExecutionCompleted]);
            continue;
        };
        decider.heartbeat(task.task_token(), details).await;
    }
    page.until("document.querySelectorAll('tbody tr').length === 7")
        .await;
    page.value("[...document.querySelectorAll('a.name')].at(-1).click()")
        .await;
    page.until("document.querySelectorAll('.timeline li').length > 6")
        .await;
    for scheme in ["light", "dark"] {
        page.prefer(scheme).await;
        for (width, height) in [(1_024, 720), (700, 760), (360, 740)] {
            page.wide(width, height).await;
            assert_eq!(page.overhang().await, 0, "{scheme}, {width}");
            let contrast = page.least_contrast().await;
            assert!(contrast >= 4.5, "{scheme}, {width}: {contrast}");
            page.value("scrollTo(0, 0)").await;
            if (scheme, width) == ("dark", 700) {
                page.picture("server.png").await;
            }
        }
    }
    page.is_content();
}

/// A file cannot lie in two packages, and the two pages are to look the same.
#[test]
fn what_the_pages_share_is_the_same() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    for file in ["page.css", "parts.js", "icon.svg"] {
        let read = |name: &str| std::fs::read(crates.join(name).join("src/page").join(file));
        let (one, other) = (read("workbeat-status"), read("workbeat-server"));
        assert!(one.unwrap() == other.unwrap(), "{file}");
    }
}
