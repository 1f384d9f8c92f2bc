//! The Python of the guide on large payloads, run: a decider in another language follows our
//! references, and we follow its.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use workbeat_claim_check::{ObjectStorePayloads, PayloadErrorKind, Payloads, Reference};

const GUIDE: &str = include_str!("../../docs/large-payloads.md");

/// Reads texts and inputs from a file, and writes what they stand for and what to pass in.
const DECIDER: &str = r#"
import os, sys

folder, work = sys.argv[1], json.load(open(sys.argv[2]))

def fetch(key):
    return open(os.path.join(folder, key), "rb").read()

def store(key, data):
    open(os.path.join(folder, key), "wb").write(data)

def resolved(text):
    try:
        return {"payload": resolve(text, fetch)}
    except Exception as error:
        return {"error": str(error)}

print(json.dumps({
    "resolved": [resolved(text) for text in work["texts"]],
    "inputs": [check_in(text, store) for text in work["inputs"]],
}))
"#;

/// What the guide's Python makes of these; `None` where there is no Python.
fn python(folder: &Path, texts: &[String], inputs: &[String]) -> Option<serde_json::Value> {
    let (_, code) = GUIDE.split_once("```python\n").expect("a block");
    let (code, _) = code.split_once("```").expect("its end");
    let scratch = tempfile::tempdir().expect("a folder");
    let (script, work) = (scratch.path().join("d.py"), scratch.path().join("w.json"));
    std::fs::write(&script, format!("{code}\n{DECIDER}")).expect("it is written");
    let given = serde_json::json!({ "texts": texts, "inputs": inputs });
    std::fs::write(&work, given.to_string()).expect("it is written");
    let ran = Command::new("python3")
        .args([&script, folder, &work])
        .output();
    let ran = match ran {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        ran => ran.expect("it must run"),
    };
    let complaints = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{complaints}");
    Some(serde_json::from_slice(&ran.stdout).expect("JSON"))
}

#[tokio::test]
async fn a_decider_in_python_follows_references_and_writes_good_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let open =
        || Payloads::new(ObjectStorePayloads::in_folder(folder.path()).expect("it is there"));
    let large = "grüße 🦀 ".repeat(8_000);
    let plain = open().store(&large).await.expect("stored");
    let gzip = open().gzip().store(&large).await.expect("stored");
    let mut corrupt = open().store("another").await.expect("stored");
    corrupt.size += 1;
    let mistakable = r#"{"workbeat.claim-check": "mine"}"#;
    // A file beside the folder, which no reference may lead to.
    let beside = folder.path().with_extension("secret");
    std::fs::write(&beside, "secret").expect("it is written");
    let traversing = r#"{"workbeat.claim-check": 1, "sha256": "../NAME", "size": 6}"#;
    let name = beside.file_name().and_then(|name| name.to_str());
    let traversing = traversing.replace("NAME", name.expect("a name"));
    let huge = plain.to_text().replace("\"size\":", "\"size\":9999");
    // What decompresses to more than it should.
    let mut bomb = gzip.clone();
    bomb.size = 1_000;
    let texts = [
        "\"small\"".to_owned(),
        plain.to_text(),
        gzip.to_text(),
        corrupt.to_text(),
        mistakable.to_owned(),
        traversing,
        huge,
        bomb.to_text(),
    ];
    let inputs = ["[1]".to_owned(), large.clone(), mistakable.to_owned()];
    let Some(said) = python(folder.path(), &texts, &inputs) else {
        return; // there is no Python
    };
    let resolved = &said["resolved"];
    assert_eq!(resolved[0]["payload"], "\"small\"");
    assert_eq!(resolved[1]["payload"], large);
    assert_eq!(resolved[2]["payload"], large);
    let corrupt = resolved[3]["error"].as_str().unwrap_or_default();
    assert!(corrupt.contains("corrupt"), "{said}");
    let version = resolved[4]["error"].as_str().unwrap_or_default();
    assert!(version.contains("version mine"), "{said}");
    for bad in [5, 6] {
        assert_eq!(resolved[bad]["error"], "a bad reference", "{said}");
    }
    let bomb = resolved[7]["error"].as_str().unwrap_or_default();
    assert!(bomb.contains("corrupt"), "{said}");
    std::fs::remove_file(&beside).expect("it is removed");

    for (written, input) in said["inputs"]
        .as_array()
        .expect("three")
        .iter()
        .zip(&inputs)
    {
        let written = written.as_str().expect("a text");
        let read = open().resolve(written).await.expect("a good reference");
        assert_eq!(read, *input);
        let refers = Reference::read(written).expect("a good one").is_some();
        assert_eq!(refers, input != "[1]");
    }
    let error = open()
        .resolve(mistakable)
        .await
        .expect_err("it is no good one");
    assert_eq!(error.kind(), PayloadErrorKind::BadReference);
}
