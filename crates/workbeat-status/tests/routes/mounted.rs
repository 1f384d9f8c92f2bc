//! Served alone, and below a path.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get as answer;
use workbeat_status::Status;

use crate::kit::{Stage, get};

#[tokio::test(start_paused = true)]
async fn the_page_finds_its_files_wherever_it_is_mounted() {
    let stage = Stage::new().await;
    let routes = || Status::new().worker("video", stage.handle.clone()).router();
    for (app, page, base) in [
        (routes(), "/", "./"),
        (
            Router::new().nest("/a/worker", routes()),
            "/a/worker",
            "./worker/",
        ),
        (
            Router::new().nest_service("/worker", routes()),
            "/worker",
            "./worker/",
        ),
        (
            Router::new().nest_service("/worker", routes()),
            "/worker/",
            "./",
        ),
    ] {
        let told = get(&app, page).await;
        assert_eq!(told.status, StatusCode::OK, "{page}");
        assert_eq!(told.header("content-type"), "text/html; charset=utf-8");
        for file in ["page.css", "page.js", "parts.js", "icon.svg"] {
            assert!(
                told.text.contains(&format!("\"{base}{file}\"")),
                "{page} {file}"
            );
            let (folder, _) = page.rsplit_once('/').unwrap();
            let path = format!("{folder}/{}{file}", base.trim_start_matches("./"));
            assert_eq!(get(&app, &path).await.status, StatusCode::OK, "{path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_is_guarded_and_no_other_route_is() {
    let stage = Stage::new().await;
    let routes = Status::new().worker("video", stage.handle.clone()).router();
    let app = Router::new()
        .route("/own", answer(async || "own"))
        .fallback(async || "nothing")
        .merge(routes);
    for path in [
        "/",
        "/page.css",
        "/page.js",
        "/status.json",
        "/metrics",
        "/health/live",
    ] {
        let told = get(&app, path).await;
        let policy = told.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{path}"
        );
        assert!(policy.ends_with("frame-ancestors 'none'"), "{path}");
        assert_eq!(told.header("x-content-type-options"), "nosniff");
        assert_eq!(told.header("x-frame-options"), "DENY");
        assert_eq!(told.header("cache-control"), "no-store");
        assert!(
            !told
                .headers
                .keys()
                .any(|name| name.as_str().starts_with("access-control"))
        );
    }
    for path in ["/own", "/elsewhere"] {
        assert_eq!(get(&app, path).await.header("content-security-policy"), "");
    }
}
