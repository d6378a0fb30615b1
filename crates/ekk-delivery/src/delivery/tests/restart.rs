//! Streams that are closed, killed, opened again, removed.

use tempfile::TempDir;

use super::*;

/// A stack with a folder that is there for longer than it.
async fn scene(folder: &TempDir) -> Scene {
    Scene::with(|config| config.folder = Some(folder.path().to_owned())).await
}

/// Another stack on the same folder and the same outside.
fn again(scene: &Scene, folder: &TempDir) -> Delivery {
    let config = Config { folder: Some(folder.path().to_owned()), ..scene.outside.config() };
    Delivery::start(config, scene.clock.clone()).unwrap()
}

#[tokio::test]
async fn shutdown_delivers_what_is_buffered() {
    let folder = TempDir::new().unwrap();
    let scene = scene(&folder).await;
    let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
    stream.accept(&records(&["{\"a\":1}", "conflict"])).unwrap();
    let accounts = scene.delivery.shutdown(PATIENCE).await;
    let (name, account) = accounts.first().unwrap();
    check_sums(account);
    assert_eq!((name.as_str(), account.indexed, account.failed, account.backed_up), ("logging-test", 1, 1, 2));
    assert_eq!(stream.accept(&records(&["{}"])).unwrap_err().reason, "the stream is closed");
    assert!(matches!(scene.delivery.open(spec(|_| {})), Err(Error::Stopping)));
}

#[tokio::test]
async fn what_shutdown_cannot_deliver_is_delivered_after_the_restart_with_the_same_ids() {
    let folder = TempDir::new().unwrap();
    let scene = scene(&folder).await;
    scene.outside.answer(|answers| {
        answers.bulk_status = Some(503);
        answers.object_status = Some(503);
    });
    let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
    let mut numbers = stream.accept(&records(&["{\"a\":1}", "{\"a\":2}"])).unwrap();
    let accounts = scene.delivery.shutdown(Duration::from_millis(50)).await;
    assert_eq!(accounts.first().unwrap().1.queued, 2);
    let Scene { delivery, outside, clock } = scene;
    drop((delivery, stream));
    let scene = Scene { delivery: again_on(&outside, &clock, &folder), outside, clock };

    scene.outside.answer(|answers| *answers = Answers::default());
    let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
    let account = stream.account();
    assert_eq!((account.accepted, account.queued, account.backup_queued, account.accepted_bytes), (2, 2, 2, 14));
    numbers.extend(stream.accept(&records(&["{\"a\":3}"])).unwrap());
    assert!(numbers.is_sorted(), "{numbers:?}");
    stream.settled(PATIENCE).await.unwrap();
    let given = scene.outside.given();
    let ids: Vec<String> = given.documents.keys().map(|(_, id)| id.clone()).collect();
    assert_eq!(ids, numbers.iter().map(|number| format!("{number}.0")).collect::<Vec<_>>());
    assert_eq!(stream.account().backed_up, 3);
}

fn again_on(outside: &Outside, clock: &Clock, folder: &TempDir) -> Delivery {
    let config = Config { folder: Some(folder.path().to_owned()), ..outside.config() };
    Delivery::start(config, clock.clone()).unwrap()
}

#[tokio::test]
async fn a_stack_that_was_killed_comes_back_with_its_records_and_its_account() {
    let folder = TempDir::new().unwrap();
    let scene = scene(&folder).await;
    let stream = scene.open(|_| {});
    stream.accept(&records(&["{\"a\":1}", "conflict"])).unwrap();
    stream.settled(PATIENCE).await.unwrap();
    stream.accept(&records(&["{\"a\":3}"])).unwrap();
    // A copy of the folder at this moment is what a killed process would leave.
    let killed = TempDir::new().unwrap();
    let queue = stream_folder(killed.path(), "logging-test");
    fs::create_dir(&queue).unwrap();
    for entry in fs::read_dir(stream_folder(folder.path(), "logging-test")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), queue.join(entry.file_name())).unwrap();
    }
    let delivery = again(&scene, &killed);
    let stream = delivery.open(spec(|_| {})).unwrap();
    let account = stream.account();
    check_sums(&account);
    assert_eq!((account.accepted, account.indexed, account.failed, account.queued), (3, 1, 1, 1));
    stream.settled(PATIENCE).await.unwrap();
    assert_eq!(stream.account().indexed, 2);
    assert_eq!(scene.outside.given().documents.len(), 2);
}

#[tokio::test]
async fn a_folder_serves_one_stack_at_a_time() {
    let folder = TempDir::new().unwrap();
    let scene = scene(&folder).await;
    let config = Config { folder: Some(folder.path().to_owned()), ..scene.outside.config() };
    let error = Delivery::start(config, scene.clock.clone()).unwrap_err();
    assert!(matches!(error, Error::FolderInUse(path) if path == folder.path()));
}

#[tokio::test]
async fn a_removed_stream_is_forgotten_and_its_name_can_be_used_again() {
    let folder = TempDir::new().unwrap();
    let scene = scene(&folder).await;
    let first = scene.open(|_| {});
    let old = first.accept(&records(&["{\"a\":1}"])).unwrap();
    scene.delivery.remove("logging-test").await;
    assert!(scene.delivery.stream("logging-test").is_none());
    assert!(first.accept(&records(&["{}"])).is_err());
    assert!(!stream_folder(folder.path(), "logging-test").exists());

    let second = scene.open(|_| {});
    let new = second.accept(&records(&["{\"a\":2}"])).unwrap();
    assert!(old < new, "{old:?} {new:?}");
    second.settled(PATIENCE).await.unwrap();
    assert_eq!(scene.outside.given().texts(), [("log-2026-11-23-09", "{\"a\":2}")]);
}

#[tokio::test]
async fn a_disk_that_does_not_take_the_records_refuses_the_put() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("logging-test.queue"), "in the way").unwrap();
    let scene = scene(&folder).await;
    let error = scene.delivery.open(spec(|_| {})).unwrap_err();
    assert!(matches!(error, Error::Folder { path, .. } if path.ends_with("logging-test.queue")));
}

#[tokio::test]
async fn records_that_a_damaged_file_cannot_give_back_are_counted_and_hold_nothing_up() {
    for damaged in ["one", "two", "three"] {
        let folder = TempDir::new().unwrap();
        let scene = scene(&folder).await;
        let stream = scene.open(|destination| destination.backup_mode = S3BackupMode::AllDocuments);
        scene.outside.answer(|answers| {
            answers.bulk_status = Some(503);
            answers.object_status = Some(503);
        });
        for text in ["one", "two", "three"] {
            stream.accept(&records(&[text])).unwrap();
        }
        scene.delivery.shutdown(Duration::ZERO).await;
        let Scene { delivery, outside, clock } = scene;
        drop((delivery, stream));
        damage(&stream_folder(folder.path(), "logging-test"), damaged);
        let delivery = again_on(&outside, &clock, &folder);
        outside.answer(|answers| *answers = Answers::default());
        let stream = delivery.open(spec(|_| {})).unwrap();
        stream.accept(&records(&["four"])).unwrap();
        stream.settled(PATIENCE).await.unwrap();
        let account = stream.account();
        check_sums(&account);
        assert_eq!((account.accepted, account.queued), (4, 0), "{damaged} is damaged");
        assert_eq!((account.lost, account.indexed), (1, 3), "{damaged} is damaged");
    }
}

/// Changes one byte of the record `text` in the queue file that holds it.
fn damage(folder: &Path, text: &str) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut content = fs::read(&path).unwrap();
        if let Some(position) = content.windows(text.len()).position(|window| window == text.as_bytes()) {
            *content.get_mut(position).unwrap() ^= 1;
            fs::write(path, content).unwrap();
        }
    }
}
