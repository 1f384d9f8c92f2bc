//! A headless Chromium, spoken to over a pair of pipes in its DevTools protocol.

#![expect(
    clippy::unwrap_used,
    reason = "a test has nothing better to do with an error"
)]

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(120);

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// One browser of a test.
pub(crate) struct Browser {
    // Killed when it is dropped.
    _process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    calls: u64,
    /// What scripts threw and what the browser complained of, in all pages.
    complaints: Vec<String>,
    _profile: TempDir,
}

/// A page in it.
pub(crate) struct Page {
    browser: Browser,
    session: String,
}

impl Browser {
    /// None where there is no Chromium, which is said.
    pub(crate) async fn start() -> Option<Self> {
        let Some(program) = program() else {
            let said = "SKIPPED: there is no chromium to look at the page with\n";
            // Not by the macro: what that prints is shown only where a test fails.
            std::io::stderr().write_all(said.as_bytes()).unwrap();
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // The browser speaks through the files 3 and 4.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args(["--headless", "--remote-debugging-pipe", "--no-sandbox"])
            .args([
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
            ])
            .args(["--no-first-run", "--no-default-browser-check"])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Some(Self {
            to: process.stdin.take().unwrap(),
            from: BufReader::new(process.stdout.take().unwrap()),
            _process: process,
            calls: 0,
            complaints: Vec::new(),
            _profile: profile,
        })
    }

    /// Opens a page at this address.
    pub(crate) async fn open(mut self, url: &str) -> Page {
        let target = json!({"url": "about:blank"});
        let target = self.call(None, "Target.createTarget", target).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call(None, "Target.attachToTarget", attach).await;
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        let mut page = Page {
            browser: self,
            session,
        };
        for domain in ["Runtime.enable", "Log.enable", "Page.enable"] {
            page.call(domain, json!({})).await;
        }
        page.wide(1_280, 900).await;
        page.call("Page.navigate", json!({"url": url})).await;
        page
    }

    async fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut call = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        let mut text = call.to_string().into_bytes();
        text.push(0);
        self.to.write_all(&text).await.unwrap();
        loop {
            let mut message = Vec::new();
            let read = self.from.read_until(0, &mut message);
            let read = timeout(LIMIT, read).await;
            let read = read.unwrap_or_else(|_| panic!("no answer to {method}"));
            assert!(read.unwrap() > 0, "the browser ended at {method}");
            message.pop();
            let message: Value = serde_json::from_slice(&message).unwrap();
            if message["id"] == self.calls {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.hear(&message);
        }
    }

    fn hear(&mut self, event: &Value) {
        let params = &event["params"];
        let complaint = match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => &params["exceptionDetails"],
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => &params["entry"],
            _ => return,
        };
        self.complaints.push(complaint.to_string());
    }
}

impl Page {
    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.browser.call(Some(&self.session), method, params).await
    }

    /// The value of an expression in the page.
    pub(crate) async fn value(&mut self, expression: &str) -> Value {
        let evaluate = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let evaluated = self.call("Runtime.evaluate", evaluate).await;
        let thrown = &evaluated["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        evaluated["result"]["value"].clone()
    }

    /// Waits until an expression in the page is true.
    pub(crate) async fn until(&mut self, expression: &str) {
        let waiting = async {
            while self.value(expression).await != true {
                sleep(Duration::from_millis(20)).await;
            }
        };
        if timeout(LIMIT, waiting).await.is_err() {
            let text = self.text("body").await;
            panic!("it never came true that {expression}; the page says: {text}");
        }
    }

    /// The text that is shown in the first element of this kind.
    pub(crate) async fn text(&mut self, selector: &str) -> String {
        let text = format!("document.querySelector({selector:?})?.innerText ?? ''");
        let text = self.value(&text).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Makes the window so large.
    pub(crate) async fn wide(&mut self, width: u32, height: u32) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.call("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Sets what the reader prefers.
    pub(crate) async fn prefer(&mut self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", features).await;
    }

    /// Presses a key.
    pub(crate) async fn press(&mut self, key: &str, text: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "code": key});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
                event["windowsVirtualKeyCode"] = 13.into();
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// How many pixels the page is wider than its window.
    pub(crate) async fn overhang(&mut self) -> i64 {
        let overhang =
            "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.value(overhang).await.as_i64().unwrap()
    }

    /// The least contrast of any text with what is behind it.
    pub(crate) async fn least_contrast(&mut self) -> f64 {
        self.value(include_str!("contrast.js"))
            .await
            .as_f64()
            .unwrap()
    }

    /// Takes a picture for the guides, if that was asked for.
    pub(crate) async fn picture(&mut self, name: &str) {
        let Some(folder) = env::var_os("WORKBEAT_SCREENSHOTS") else {
            return;
        };
        let taken = self
            .call("Page.captureScreenshot", json!({"format": "png"}))
            .await;
        let picture = BASE64_STANDARD
            .decode(taken["data"].as_str().unwrap())
            .unwrap();
        // A test runs in the folder of its package.
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), picture).unwrap();
    }

    /// Nothing went wrong in the page: no exception, nothing refused by its policy.
    pub(crate) fn is_content(&self) {
        let complaints = &self.browser.complaints;
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

fn program() -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let mut programs = NAMES.iter().flat_map(|name| {
        let paths = env::split_paths(&folders).map(|folder| folder.join(name));
        paths.collect::<Vec<_>>()
    });
    programs.find(|program| program.is_file())
}
