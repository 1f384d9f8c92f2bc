//! The status page of a worker.

use axum::Router;
use serde_json::json;
use workbeat::prelude::*;
use workbeat::worker::{TaskSource, WorkerBuilder};
use workbeat_local::LocalService;
use workbeat_status::Status;
use workbeat_tests::{Fault, FaultyService, LIST, Operation, eventually};

use crate::chromium::Browser;
use crate::scene::{HOSTILE, HOSTILE_NAME, Scene, Served};

const LIVE: &str = "document.querySelector('#connection')?.textContent === 'live'";

/// A worker of two services of these names.
fn of_two(names: [&'static str; 2], services: [&LocalService; 2]) -> WorkerBuilder {
    let named = |at: usize| FaultyService::new(services[at].clone()).named(names[at]);
    Worker::builder(named(0)).source(TaskSource::new(named(1)).task_list(LIST))
}

#[tokio::test]
async fn what_runs_stands_as_text_and_in_bars_whatever_it_says() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let (first, second) = (LocalService::new(), LocalService::new());
    let worker = of_two([HOSTILE, HOSTILE], [&first, &second]);
    let scene = Scene::on(first, worker).await;
    scene
        .hold(
            HOSTILE_NAME,
            "one",
            json!({"done": 3, "total": 8, "file": HOSTILE}),
        )
        .await;
    scene.hold("index", "two", json!(HOSTILE)).await;
    let status = Status::new().worker(HOSTILE, scene.handle.clone());
    let served = Served::new(status.router());
    let mut page = browser.open(&served.url).await;
    page.until("document.querySelectorAll('tbody tr').length === 4")
        .await;
    let text = page.value("document.body.textContent").await;
    assert_eq!(text.as_str().unwrap().matches(HOSTILE).count(), 7);
    assert!(text.as_str().unwrap().contains(HOSTILE_NAME));
    let bars = page.value(
        "[...document.querySelectorAll('td progress')].filter((bar) => bar.checkVisibility())\
         .map((bar) => [bar.value, bar.max, bar.getAttribute('aria-label')])",
    );
    assert_eq!(bars.await, json!([[0.375, 1, "progress of one"]]));
    let name = page
        .value("document.querySelector('td .name').textContent")
        .await;
    assert_eq!(name, HOSTILE_NAME);
    let services = page.value(
        "[...document.querySelectorAll('table[aria-label=services] td:first-child')]\
         .map((cell) => cell.textContent)",
    );
    assert_eq!(services.await, json!([HOSTILE, format!("{HOSTILE} 2")]));
    let made = "[...document.querySelectorAll('main *')].map((made) => made.localName)\
                .filter((name) => ['img', 'b', 'script', 'iframe'].includes(name))";
    assert_eq!(page.value(made).await, json!([]));
    assert_eq!(page.value("typeof window.harmed").await, "undefined");
    page.is_content();
}

#[tokio::test]
async fn it_keeps_itself_up_to_date_to_the_end() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let scene = Scene::new().await;
    let status = Status::new().worker("video", scene.handle.clone());
    // Below a path, as an application has it.
    let served = Served::new(Router::new().nest("/a/worker", status.router()));
    let mut page = browser.open(&format!("{}/a/worker", served.url)).await;
    page.until(LIVE).await;
    assert_eq!(
        page.value("document.title").await,
        "video: running – Workbeat"
    );
    assert!(page.text("main").await.contains("Nothing runs."));
    // Polls hold slots, and are no work.
    page.until("document.querySelector('dd').textContent === '0 tasks + 2 polls of 16'")
        .await;
    scene.hold("transcode", "grows", json!([0, 8])).await;
    page.until("document.querySelector('td progress')?.value === 1")
        .await;
    scene.end("publish", "1.0", "publish-1").await;
    page.until("document.querySelector('td .chip.bad')?.textContent === 'failed'")
        .await;
    // There is no way to act on it: nobody turned that on.
    let buttons =
        "[...document.querySelectorAll('button')].filter((made) => made.checkVisibility())";
    assert_eq!(page.value(&format!("{buttons}.length")).await, 0);
    scene.handle.stop();
    page.until("document.querySelector('#connection').textContent === 'the worker has ended'")
        .await;
    page.until("document.querySelector('h2 + .chip').textContent === 'ended'")
        .await;
    page.is_content();
}

#[tokio::test]
async fn a_worker_out_of_reach_is_told_and_one_that_is_back_too() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let scene = Scene::new().await;
    let routes = || Status::new().worker("video", scene.handle.clone()).router();
    let served = Served::new(routes());
    let again = routes();
    let address = served.url.trim_start_matches("http://").to_owned();
    let mut page = browser.open(&served.url).await;
    page.until(LIVE).await;
    drop(served);
    page.until("document.querySelector('#connection').className.includes('lost')")
        .await;
    assert!(
        page.text("#connection")
            .await
            .starts_with("not connected since")
    );
    let _served = Served::at(&address, again);
    page.until(LIVE).await;
}

#[tokio::test]
async fn it_is_paused_resumed_and_drained_by_keyboard() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let scene = Scene::new().await;
    scene.hold("transcode", "holds", json!([1, 2])).await;
    let status = Status::new().worker("video", scene.handle.clone());
    let served = Served::new(status.allow_actions().router());
    let mut page = browser.open(&served.url).await;
    page.until(LIVE).await;
    let state =
        |word: &str| format!("document.querySelector('h2 + .chip').textContent === '{word}'");
    let focused = |word: &str| format!("document.activeElement.textContent === '{word}'");
    page.press("Tab", "").await;
    page.until(&focused("Pause")).await;
    page.press("Enter", "\r").await;
    page.until(&state("paused")).await;
    // The same button, so that the focus stays.
    page.until(&focused("Resume")).await;
    page.press("Enter", "\r").await;
    page.until(&state("running")).await;
    page.press("Tab", "").await;
    page.until(&focused("Drain")).await;
    page.press("Enter", "\r").await;
    page.until(&focused("Drain for good?")).await;
    page.until(&state("running")).await;
    page.press("Enter", "\r").await;
    page.until(&state("draining")).await;
    eventually("it drains", || scene.handle.state().as_str() == "draining").await;
    page.is_content();
}

#[tokio::test]
async fn it_reads_well_in_dark_and_light_on_a_phone_and_on_a_desk() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let scene = Scene::new().await;
    scene.usual_day().await;
    let long = "a-name-without-a-break-".repeat(10);
    let status = Status::new().worker("video", scene.handle.clone());
    let served = Served::new(status.allow_actions().router());
    let mut page = browser.open(&served.url).await;
    page.until("document.querySelectorAll('tbody tr').length === 12")
        .await;
    let mut backs = Vec::new();
    for scheme in ["light", "dark"] {
        page.prefer(scheme).await;
        backs.push(
            page.value("getComputedStyle(document.body).backgroundColor")
                .await,
        );
        for (width, height) in [(1_024, 720), (700, 900), (360, 740)] {
            page.wide(width, height).await;
            assert_eq!(page.overhang().await, 0, "{scheme}, {width}");
            let contrast = page.least_contrast().await;
            assert!(contrast >= 4.5, "{scheme}, {width}: {contrast}");
            match (scheme, width) {
                ("light", 1_024) => page.picture("status.png").await,
                ("dark", 360) => page.picture("status-phone.png").await,
                _ => {}
            }
        }
    }
    assert_ne!(backs[0], backs[1]);
    // Its rows are no rows to the eye, and still are to a screen reader.
    let row = "document.querySelector('tbody tr')";
    assert_eq!(
        page.value(&format!("getComputedStyle({row}).display"))
            .await,
        "block"
    );
    assert_eq!(
        page.value(&format!("{row}.getAttribute('role')")).await,
        "row"
    );
    let waits = "[...document.querySelectorAll('.chip')].map((chip) => chip.textContent)\
                 .includes('waits for its limit')";
    assert_eq!(page.value(waits).await, true);
    scene.hold("index", &long, json!(long)).await;
    page.until("document.querySelectorAll('tbody tr').length === 13")
        .await;
    assert_eq!(page.overhang().await, 0);
    page.is_content();
}

#[tokio::test]
async fn which_of_several_services_is_told_in_dark_and_light_on_a_phone_and_on_a_desk() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let alone = Scene::new().await;
    let (swf, states) = (LocalService::new(), LocalService::new());
    let down = FaultyService::new(LocalService::new()).named("AWS Step Functions");
    down.always(Operation::Register, Fault::Hang);
    let worker = of_two(["Amazon SWF", "AWS Step Functions"], [&swf, &states]);
    let worker = worker.source(
        TaskSource::new(down)
            .task_list("archive")
            .task_list("video"),
    );
    let mut scene = Scene::on(swf, worker).await;
    scene.end("probe", "2.1", "probe-1").await;
    scene.hold("transcode", "clip-17", json!([147, 250])).await;
    scene.service = states;
    scene.end("publish", "1.0", "publish-1").await;
    scene.hold("index", "index-2", json!("searching")).await;
    scene
        .hold("upload", "backup", json!({"percent": 88.5}))
        .await;
    let status = Status::new().worker("video", scene.handle.clone());
    let served = Served::new(status.worker("alone", alone.handle.clone()).router());
    let mut page = browser.open(&served.url).await;
    page.until(LIVE).await;
    page.until("document.querySelectorAll('tbody tr').length === 8")
        .await;
    let rows = |table: &str, cell: &str| {
        format!(
            "[...document.querySelectorAll('table[aria-label=\"{table}\"] tbody tr')]\
             .map((row) => row.querySelector({cell:?}).innerText)"
        )
    };
    let names = page.value(&rows("services", "td:nth-child(1)")).await;
    let two = "AWS Step Functions";
    assert_eq!(names, json!(["Amazon SWF", two, format!("{two} 2")]));
    let lists = page.value(&rows("services", "td:nth-child(2)")).await;
    assert_eq!(lists, json!([LIST, LIST, "archive, video"]));
    page.until(&format!(
        "String({}) === 'polled,polled,not polled yet'",
        rows("services", ".chip")
    ))
    .await;
    let ran = page
        .value(&rows("running activities", "td:nth-child(2) .soft"))
        .await;
    let (one, two) = ("in Amazon SWF", format!("in {two}"));
    assert_eq!(ran, json!([one, two, two]));
    let ended = page
        .value(&rows("activities that ended last", "td:nth-child(2) .soft"))
        .await;
    assert_eq!(ended, json!([two, one]));

    // Of one alone nothing is said, and its heartbeats are where they were.
    let shown = "[...document.querySelectorAll('.card')].map((card) => [\
                 [...card.querySelectorAll('h3')].filter((made) => made.checkVisibility())[0].textContent,\
                 [...card.querySelectorAll('dt')].filter((made) => made.checkVisibility()).length])";
    let shown = page.value(shown).await;
    assert_eq!(shown, json!([["Services", 5], ["Running now: 0", 6]]));

    for scheme in ["light", "dark"] {
        page.prefer(scheme).await;
        for (width, height) in [(1_024, 720), (740, 900), (700, 900), (360, 740)] {
            page.wide(width, height).await;
            assert_eq!(page.overhang().await, 0, "{scheme}, {width}");
            let contrast = page.least_contrast().await;
            assert!(contrast >= 4.5, "{scheme}, {width}: {contrast}");
        }
    }
    scene.handle.pause();
    page.until(&format!(
        "String({}) === ',,not polled yet'",
        rows("services", ".chip")
    ))
    .await;
    scene.handle.stop();
    page.until(&format!(
        "String({}) === ',,not polled'",
        rows("services", ".chip")
    ))
    .await;
    page.is_content();
}
