//! The table and the plot of the guide on capacity are what the plan says.
//! `WORKBEAT_PAGES=renew` makes them anew.

use std::fmt::Write;
use std::path::PathBuf;

use super::plan::tests::question;
use super::{HEARTBEATS, Plan};

const ACTIVITIES: [u64; 8] = [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000];

/// Heartbeat timeouts in seconds, and how they are written.
const TIMEOUTS: [(u64, &str); 7] = [
    (10, "10 s"),
    (30, "30 s"),
    (60, "1 min"),
    (120, "2 min"),
    (360, "6 min"),
    (900, "15 min"),
    (3_600, "1 h"),
];

fn renew() -> bool {
    std::env::var_os("WORKBEAT_PAGES").is_some_and(|it| it == "renew")
}

fn docs(name: &str) -> PathBuf {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    docs.join(name)
}

fn thousands(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => format!("{},{:03}", number / 1_000, number % 1_000),
        _ => format!("{} million", number / 1_000_000),
    }
}

/// For each number of activities and each timeout what the quota of 160 does, or which would do.
fn table() -> String {
    let mut table = "| activities |".to_owned();
    for (_, timeout) in TIMEOUTS {
        write!(table, " {timeout} |").unwrap();
    }
    table.push_str("\n|--:|");
    table.push_str(&":-:|".repeat(TIMEOUTS.len()));
    for activities in ACTIVITIES {
        write!(table, "\n| {} |", thousands(activities)).unwrap();
        for (timeout, _) in TIMEOUTS {
            let plan = Plan::of(&question(&[(activities, timeout)]));
            if plan.fits() && plan.heartbeats.demand <= HEARTBEATS {
                table.push_str(" **fits** |");
            } else if plan.fits() {
                let interval = plan.heartbeats.intervals[0].unwrap().as_secs_f64();
                write!(table, " fits, {interval:.0} s |").unwrap();
            } else {
                write!(table, " {} |", thousands(plan.quotas[0].smallest_quota)).unwrap();
            }
        }
    }
    table
}

#[test]
fn the_table_of_the_guide_is_what_the_plan_says() {
    let page = std::fs::read_to_string(docs("capacity.md")).unwrap();
    let start = page.find("| activities | 10 s").expect("the table");
    let end = start + page[start..].find("\n\n").expect("its end");
    let renewed = format!("{}{}{}", &page[..start], table(), &page[end..]);
    if renew() {
        std::fs::write(docs("capacity.md"), &renewed).unwrap();
    } else {
        assert_eq!(page, renewed, "WORKBEAT_PAGES=renew renews it");
    }
}

/// Where the plot's inside is, in its own units.
const LEFT: f64 = 80.0;
const RIGHT: f64 = 600.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 380.0;

/// From 10 s to an hour.
fn x(timeout: u64) -> f64 {
    let part = (timeout as f64 / 10.0).log10() / 360_f64.log10();
    LEFT + part * (RIGHT - LEFT)
}

/// From 100 activities to ten million.
fn y(activities: f64) -> f64 {
    BOTTOM - (activities / 100.0).log10() / 5.0 * (BOTTOM - TOP)
}

const STYLE: &str = "\
  <style>
    text { font: 13px sans-serif; fill: #333 }
    .grid { stroke: #ddd }
    .limit { stroke: #1f6feb; stroke-width: 2; fill: none }
    .normal { stroke: #1a7f37; stroke-width: 2; stroke-dasharray: 6 4; fill: none }
    rect { fill: #fff }
    @media (prefers-color-scheme: dark) {
      text { fill: #ccc }
      .grid { stroke: #444 }
      .limit { stroke: #79b8ff }
      .normal { stroke: #56d364 }
      rect { fill: #161616 }
    }
  </style>
";

fn plot() -> String {
    let mut svg = String::new();
    let title = "Activities that fit a quota of heartbeats, by their heartbeat timeout";
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 750 440\" role=\"img\">\n  \
         <title>{title}</title>\n{STYLE}  <rect width=\"750\" height=\"440\" rx=\"6\"/>"
    )
    .unwrap();
    for (timeout, words) in TIMEOUTS {
        let x = x(timeout);
        writeln!(
            svg,
            "  <line class=\"grid\" x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{BOTTOM}\"/>\n  \
             <text x=\"{x:.1}\" y=\"400\" text-anchor=\"middle\">{words}</text>"
        )
        .unwrap();
    }
    for activities in [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
        let y = y(activities as f64);
        writeln!(
            svg,
            "  <line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\"/>\n  \
             <text x=\"74\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            y + 4.0,
            thousands(activities)
        )
        .unwrap();
    }
    svg.push_str("  <text x=\"340\" y=\"426\" text-anchor=\"middle\">heartbeat timeout</text>\n");
    svg.push_str("  <text x=\"88\" y=\"37\">activities at once</text>\n");
    for quota in [160, 500, 2_000] {
        line(
            &mut svg,
            "limit",
            quota as f64,
            &format!("{} a second", thousands(quota)),
            |plan| plan.activities_that_fit as f64,
        );
    }
    // With activities enough to be stretched: how many would not be.
    line(
        &mut svg,
        "normal",
        HEARTBEATS,
        "160, normal interval",
        |plan| HEARTBEATS * plan.activities as f64 / plan.heartbeats.demand,
    );
    svg.push_str("</svg>\n");
    svg
}

/// A line through what the plan says for each timeout.
fn line(svg: &mut String, class: &str, quota: f64, label: &str, at: impl Fn(&Plan) -> f64) {
    let mut points = Vec::new();
    let mut last = 0.0;
    // From three minutes on the normal interval is a minute: there the line bends.
    for timeout in [10, 30, 60, 120, 180, 360, 900, 3_600] {
        let mut asked = question(&[(1_000_000, timeout)]);
        asked.heartbeats.rate = quota;
        last = y(at(&Plan::of(&asked)));
        points.push(format!("{:.1},{last:.1}", x(timeout)));
    }
    writeln!(
        svg,
        "  <polyline class=\"{class}\" points=\"{}\"/>\n  <text x=\"606\" y=\"{:.1}\">{label}</text>",
        points.join(" "),
        last + 4.0
    )
    .unwrap();
}

#[test]
fn the_plot_of_the_guide_is_what_the_plan_says() {
    let path = docs("images/capacity.svg");
    if renew() {
        std::fs::write(&path, plot()).unwrap();
    }
    let drawn = std::fs::read_to_string(&path).unwrap();
    assert_eq!(drawn, plot(), "WORKBEAT_PAGES=renew renews it");
}
