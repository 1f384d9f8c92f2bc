//! The data file, as far as it shows at the start and at the end of a server.

use workbeat_server::{LocalServer, Options, ServerErrorKind};

use crate::client::register;

fn with_data(folder: &tempfile::TempDir) -> Options {
    LocalServer::builder().data(folder.path().join("state.redb"))
}

#[tokio::test]
async fn two_servers_cannot_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let first = with_data(&folder).start().await.unwrap();
    register(&first).await;
    let error = with_data(&folder).start().await.unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::DataInUse);
    assert!(error.to_string().contains("state.redb"), "{error}");
    first.stop().await;
    with_data(&folder).start().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_dropped_leaves_its_file_free() {
    let folder = tempfile::tempdir().unwrap();
    drop(with_data(&folder).start().await.unwrap());
    with_data(&folder).start().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("state.redb"), "notes").unwrap();
    let error = with_data(&folder).start().await.unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::DataFormat);
    let text = std::fs::read_to_string(folder.path().join("state.redb")).unwrap();
    assert_eq!(text, "notes");
}

#[tokio::test]
async fn what_a_kill_left_of_a_file_that_was_being_made_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let unfinished = folder.path().join("state.redb.new");
    std::fs::write(&unfinished, [0; 73_728]).unwrap();
    let server = with_data(&folder).start().await.unwrap();
    register(&server).await;
    assert!(!unfinished.exists());
    let error = with_data(&folder).start().await.unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::DataInUse);
}

#[tokio::test]
async fn rows_that_no_engine_wrote_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(with_data(&folder).start().await.unwrap());
    let rows: redb::TableDefinition<'_, (&str, &str, &str), &str> =
        redb::TableDefinition::new("rows");
    let file = redb::Database::open(folder.path().join("state.redb")).unwrap();
    let transaction = file.begin_write().unwrap();
    let mut table = transaction.open_table(rows).unwrap();
    table.insert(("us-east-1", "coffee", "1"), "{}").unwrap();
    drop(table);
    transaction.commit().unwrap();
    drop(file);
    let error = with_data(&folder).start().await.unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::DataFormat);
    assert!(std::error::Error::source(&error).is_some());
    // The file is free all the same, for whoever repairs it.
    redb::Database::open(folder.path().join("state.redb")).unwrap();
}

#[tokio::test]
async fn a_file_that_was_cut_is_said_to_be_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let first = with_data(&folder).start().await.unwrap();
    register(&first).await;
    first.stop().await;
    let path = folder.path().join("state.redb");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..8_192]).unwrap();
    let error = with_data(&folder).start().await.unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::DataFormat);
    assert!(error.to_string().contains("damaged"), "{error}");
}

#[tokio::test]
async fn time_that_was_skipped_stays_skipped_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    let server = with_data(&folder).start().await.unwrap();
    let skipped = server.advance(day).await.unwrap();
    drop(server);
    let server = with_data(&folder).start().await.unwrap();
    let now = server.advance(std::time::Duration::ZERO).await.unwrap();
    assert!(now >= skipped);
}

#[tokio::test]
async fn an_address_in_use_is_said() {
    let server = LocalServer::builder().start().await.unwrap();
    let address = server.local_addr().into();
    let error = Options::default()
        .listen(address)
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ServerErrorKind::AddressInUse);
    assert!(error.to_string().contains("in use"), "{error}");
}

#[tokio::test]
async fn a_server_that_others_can_reach_says_so() {
    let local = LocalServer::builder().start().await.unwrap();
    assert_eq!(local.warning(), None);
    let options = Options::default().listen("0.0.0.0:0".parse().unwrap());
    let open = options.start().await.unwrap();
    assert!(open.warning().unwrap().contains("other machines"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_the_server_makes_is_its_users_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let server = with_data(&folder).start().await.unwrap();
    register(&server).await;
    let file = std::fs::metadata(folder.path().join("state.redb")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}
