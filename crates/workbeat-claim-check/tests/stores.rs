//! Payloads in the stores of `object_store`.

use workbeat::service::{ServiceError, ServiceErrorKind};
use workbeat_claim_check::{
    Encoding, ObjectStorePayloads, PayloadErrorKind, Payloads, StoreErrorKind,
};

#[tokio::test]
async fn a_folder_holds_each_payload_under_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    for (payloads, key) in [
        (
            Payloads::new(ObjectStorePayloads::in_folder(folder.path()).unwrap()),
            "",
        ),
        (
            Payloads::new(ObjectStorePayloads::in_folder(folder.path()).unwrap()).gzip(),
            ".gz",
        ),
    ] {
        let text = "ü".repeat(40_000);
        let reference = payloads.store(&text).await.unwrap();
        let file = folder.path().join(format!("{}{key}", reference.digest));
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(bytes.len() as u64 == reference.size, key.is_empty());
        assert_eq!(payloads.fetch(&reference).await.unwrap(), text);
        // A longer file is not read as a whole, and is no payload.
        std::fs::write(&file, [bytes, vec![0; 100_000]].concat()).unwrap();
        let error = payloads.fetch(&reference).await.unwrap_err();
        assert_eq!(error.kind(), PayloadErrorKind::Corrupt);
        std::fs::remove_file(&file).unwrap();
        let error = payloads.fetch(&reference).await.unwrap_err();
        assert_eq!(error.kind(), PayloadErrorKind::Missing);
    }
    let nowhere = ObjectStorePayloads::in_folder(folder.path().join("nowhere"));
    assert_eq!(nowhere.unwrap_err().kind(), StoreErrorKind::Refused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stores_the_same_at_once_leaves_one_whole_payload_and_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = "the same ".repeat(50_000);
    let stores = (0..8).map(|_| {
        // Each as if it were another process.
        let payloads = Payloads::new(ObjectStorePayloads::in_folder(folder.path()).unwrap());
        let text = text.clone();
        tokio::spawn(async move {
            let reference = payloads.store(&text).await.unwrap();
            // Whole, also while others write it.
            assert_eq!(payloads.fetch(&reference).await.unwrap(), text);
        })
    });
    for stored in stores.collect::<Vec<_>>() {
        stored.await.unwrap();
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_payload_of_no_bytes_is_one_and_a_file_without_its_bytes_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    for store in [
        ObjectStorePayloads::in_memory(),
        ObjectStorePayloads::in_folder(folder.path()).unwrap(),
    ] {
        let payloads = Payloads::new(store);
        let reference = payloads.store("").await.unwrap();
        assert_eq!(payloads.fetch(&reference).await.unwrap(), "");
    }
    let payloads = Payloads::new(ObjectStorePayloads::in_folder(folder.path()).unwrap());
    let reference = payloads.store("[1]").await.unwrap();
    std::fs::write(folder.path().join(reference.key()), "").unwrap();
    let error = payloads.fetch(&reference).await.unwrap_err();
    assert_eq!(error.kind(), PayloadErrorKind::Corrupt);
}

#[tokio::test]
async fn a_payload_with_more_characters_than_the_largest_is_not_read() {
    let payloads = Payloads::new(ObjectStorePayloads::in_memory());
    let small = payloads.clone().largest(1_000);
    for (text, reads) in [
        ("x".repeat(1_000), true),
        ("€".repeat(1_000), true),
        ("x".repeat(1_001), false),
        ("x".repeat(2_500), false),
    ] {
        let reference = payloads.store(&text).await.unwrap();
        let fetched = small.fetch(&reference).await;
        let kind = fetched.map_err(|error| error.kind());
        let expected = if reads {
            Ok(text)
        } else {
            Err(PayloadErrorKind::TooLarge)
        };
        assert_eq!(kind, expected);
    }
}

#[tokio::test]
async fn a_prefix_keeps_stores_apart_and_a_name_is_written_into_references() {
    let store = ObjectStorePayloads::in_memory();
    let one = Payloads::new(store.clone().under("teams/one")).named("memory://one");
    let two = Payloads::new(store.under("teams/two"));
    let reference = one.store("[1]").await.unwrap();
    assert_eq!(reference.encoding, Encoding::Identity);
    assert_eq!(reference.store.as_deref(), Some("memory://one"));
    let error = two.fetch(&reference).await.unwrap_err();
    assert_eq!(error.kind(), PayloadErrorKind::Missing);
    let error = ServiceError::from(error);
    assert_eq!(error.kind(), ServiceErrorKind::Invalid);
}
