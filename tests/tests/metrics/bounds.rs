//! No task can make a label.

use std::collections::BTreeSet;

use workbeat::metrics::ALL;
use workbeat::prelude::*;
use workbeat_tests::{Ended, Stage, rest, run, start};

use crate::figures::Figures;

/// The values of a label in all series.
fn values(figures: &mut Figures, label: &str) -> BTreeSet<String> {
    let series = figures.series().keys();
    series
        .filter_map(|(_, labels)| labels.get(label).cloned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn tasks_of_unknown_types_share_one_value() {
    let mut figures = Figures::record();
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    for name in 0..50 {
        stage
            .start(start(&format!("invented {name}")))
            .ended()
            .await;
    }
    let _ = worker.drain().await;
    let failed = [("activity_type", "unknown"), ("outcome", "failed")];
    assert_eq!(figures.sum("workbeat_tasks_total", &failed), 50.0);
    let types = values(&mut figures, "activity_type");
    assert_eq!(types, ["rest", "unknown"].map(String::from).into());
    assert_eq!(
        values(&mut figures, "version"),
        ["", "1.0"].map(String::from).into()
    );
}

#[tokio::test(start_paused = true)]
async fn tasks_of_the_untyped_handler_share_one_value() {
    let mut figures = Figures::record();
    let stage = Stage::new();
    let worker = stage
        .worker()
        .activity_fn("rest", "1.0", rest)
        .untyped_activity_fn(async |input, _| Ok::<_, ActivityError>(input));
    let worker = run(worker);
    for name in 0..50 {
        stage
            .start(start(&format!("invented {name}")))
            .ended()
            .await;
    }
    let _ = worker.drain().await;
    let completed = [("activity_type", "untyped"), ("outcome", "completed")];
    assert_eq!(figures.sum("workbeat_tasks_total", &completed), 50.0);
    let types = values(&mut figures, "activity_type");
    assert_eq!(types, ["rest", "untyped"].map(String::from).into());
}

#[tokio::test(start_paused = true)]
async fn all_series_of_a_worker_are_there_when_it_begins_to_run() {
    let mut figures = Figures::record();
    let stage = Stage::new();
    let worker = run(stage.worker().activity_fn("rest", "1.0", rest));
    worker.handle.ready().await;
    let at_first: BTreeSet<_> = figures.series().keys().cloned().collect();
    let names: BTreeSet<_> = at_first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ALL.iter().map(|metric| metric.name).collect());
    for (name, labels) in &at_first {
        let metric = ALL.iter().find(|metric| metric.name == name).unwrap();
        let declared = metric.labels.iter().map(|label| label.name);
        // Which service is said only where there are several.
        let declared: BTreeSet<_> = declared.filter(|label| *label != "service").collect();
        let told: BTreeSet<_> = labels.keys().map(String::as_str).collect();
        assert_eq!(told, declared, "{name}");
    }
    stage
        .start(start("rest").input(&100).unwrap())
        .ended()
        .await;
    let _ = worker.drain().await;
    let at_last: BTreeSet<_> = figures.series().keys().cloned().collect();
    assert_eq!(at_last, at_first);
}
