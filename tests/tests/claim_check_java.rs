//! The Java of the guide on large payloads, compiled and run: a decider in Java follows our references.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use workbeat_claim_check::{ObjectStorePayloads, Payloads};

const GUIDE: &str = include_str!("../../docs/large-payloads.md");

/// Where Debian's `libjackson2-databind-java` has its jars.
const JACKSON: [&str; 3] = [
    "/usr/share/java/jackson-annotations.jar",
    "/usr/share/java/jackson-core.jar",
    "/usr/share/java/jackson-databind.jar",
];

/// Reads texts from a file, and writes what they stand for.
const DECIDER: &str = r#"
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.*;
import com.fasterxml.jackson.databind.node.*;
import java.io.*;
import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

class Decider {
    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        ArrayNode said = JSON.createArrayNode();
        for (JsonNode text : JSON.readTree(read(Path.of(arguments[1])))) {
            ObjectNode one = said.addObject();
            try {
                one.put("payload", resolve(text.asText(), key -> read(folder.resolve(key))));
            } catch (Exception failed) {
                one.put("error", failed.getMessage());
            }
        }
        Files.writeString(Path.of(arguments[2]), said.toString());
    }
"#;

fn ran(command: &mut Command) -> Output {
    let ran = command.output().expect("it must run");
    let complaints = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{complaints}");
    ran
}

/// What the guide's Java makes of these; `None` where there is no compiler of Java, or no Jackson.
fn java(folder: &Path, texts: &[String]) -> Option<Value> {
    let has_java = Command::new("javac").arg("-version").output().is_ok();
    if !has_java || JACKSON.iter().any(|jar| !Path::new(jar).exists()) {
        return None;
    }
    let (_, code) = GUIDE.split_once("```java\n").expect("a block");
    let (code, _) = code.split_once("```").expect("its end");
    let scratch = tempfile::tempdir().expect("a folder");
    let [source, work, said] =
        ["Decider.java", "work.json", "said.json"].map(|name| scratch.path().join(name));
    std::fs::write(&source, format!("{DECIDER}\n{code}\n}}\n")).expect("it is written");
    let given = serde_json::to_string(texts).expect("JSON");
    std::fs::write(&work, given).expect("it is written");
    let jars = JACKSON.iter().map(PathBuf::from);
    let jars = std::env::join_paths(jars.chain([scratch.path().to_owned()])).expect("no `:`");
    ran(Command::new("javac").arg("-cp").arg(&jars).arg(&source));
    let mut decider = Command::new("java");
    decider.arg("-cp").arg(&jars).arg("Decider");
    ran(decider.arg(folder).arg(&work).arg(&said));
    let said = std::fs::read(said).expect("it is there");
    Some(serde_json::from_slice(&said).expect("JSON"))
}

#[tokio::test]
async fn a_decider_in_java_follows_references_and_no_bad_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let open =
        || Payloads::new(ObjectStorePayloads::in_folder(folder.path()).expect("it is there"));
    let large = "grüße 🦀 ".repeat(8_000);
    let plain = open().store(&large).await.expect("stored");
    let gzip = open().gzip().store(&large).await.expect("stored");
    let mut corrupt = open().store("another").await.expect("stored");
    corrupt.size += 1;
    let mut bomb = gzip.clone();
    bomb.size = 1_000;
    let whole = plain.to_text();
    let behind = format!("{whole} and more");
    let traversing = whole.replace(&plain.digest.to_string(), "../secret");
    let huge = whole.replace("\"size\":", "\"size\":9999");
    let cases: [(&str, Result<&str, &str>); 10] = [
        ("\"small\"", Ok("\"small\"")),
        (&whole, Ok(&large)),
        (&gzip.to_text(), Ok(&large)),
        (&behind, Ok(&behind)),
        (&corrupt.to_text(), Err("corrupt")),
        (&bomb.to_text(), Err("corrupt")),
        (&traversing, Err("a bad reference")),
        (&huge, Err("a bad reference")),
        ("{\"workbeat.claim-check\":\"1\"}", Err("of version \"1\"")),
        ("{\"workbeat.claim-check\":1}", Err("a bad reference")),
    ];
    let texts = cases.map(|(text, _)| text.to_owned());
    let Some(said) = java(folder.path(), &texts) else {
        return; // there is no Java
    };
    for ((text, expected), said) in cases.iter().zip(said.as_array().expect("ten")) {
        match expected {
            Ok(payload) => assert_eq!(said["payload"], *payload, "{text}"),
            Err(words) => {
                let error = said["error"].as_str().unwrap_or_default();
                assert!(error.contains(words), "{text}: {said}");
            }
        }
    }
}
