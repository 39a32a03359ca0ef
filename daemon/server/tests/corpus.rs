//! What the daemon does for the trainer: it remembers what was not typed, and keeps the process that
//! watches folders.
#![allow(clippy::unwrap_used)] // A test that fails panics.
#![cfg(unix)]

mod stage;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use inkstone_protocol::{
    Call, Client, ClientError, ErrorCode, INSERTED_SHINGLES_MAX, InsertedOrigin, Reply,
    TrainerReport, TrainerState,
};
use inkstone_store::{Origin, Store};
use inkstoned::{EndReason, TrainerProgram};
use stage::{Stage, WAIT, within};

async fn call(client: &Client, call: Call) -> Result<Reply, ClientError> {
    within("an answer", client.call(call, WAIT)).await
}

fn inserted(origin: InsertedOrigin, shingles: Vec<u64>) -> Call {
    Call::Inserted { origin, shingles }
}

#[tokio::test]
async fn what_was_inserted_is_in_the_database_when_its_message_is_answered() {
    let stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    for (origin, shingles) in [
        (InsertedOrigin::Suggested, vec![1, u64::MAX]),
        (InsertedOrigin::Pasted, vec![2, 1]),
        (InsertedOrigin::Pasted, vec![]),
    ] {
        let answer = call(&client, inserted(origin, shingles)).await;
        assert_eq!(answer.unwrap(), Reply::Done);
    }
    let store = Store::open(&stage.directories.database()).unwrap();
    let marks = store.inserted(&[1, 2, 3, u64::MAX]).unwrap();
    let origin = |shingle| marks.get(&shingle).map(|mark| mark.origin);
    assert_eq!(
        [1, 2, 3, u64::MAX].map(origin),
        [
            Some(Origin::Suggested),
            Some(Origin::Pasted),
            None,
            Some(Origin::Suggested)
        ]
    );
    assert!(marks[&1].at_s > 1_700_000_000);
}

#[tokio::test]
async fn too_many_shingles_and_paths_that_are_none_are_refused_and_the_next_is_not() {
    let stage = Stage::new();
    let client = stage.launcher().connect().await.unwrap();
    let many = (0..=INSERTED_SHINGLES_MAX as u64)
        .map(|_| u64::MAX)
        .collect();
    let mut wrong = vec![inserted(InsertedOrigin::Pasted, many)];
    for path in ["notes.md", "/notes\nsaved /etc/passwd", "", "/\u{0}"] {
        let path = path.to_owned();
        wrong.push(Call::Saved { path });
    }
    for wrong in wrong {
        match call(&client, wrong.clone()).await {
            Err(ClientError::Refused(error)) => {
                assert_eq!(error.code, ErrorCode::InvalidMessage);
            }
            other => panic!("{other:?} to {wrong:?}"),
        }
    }
    let full = vec![u64::MAX; INSERTED_SHINGLES_MAX];
    let answer = call(&client, inserted(InsertedOrigin::Pasted, full)).await;
    assert_eq!(answer.unwrap(), Reply::Done);
    let path = "/笔记/港口 notes.md".to_owned();
    // Nobody watches: a hint like any other.
    assert_eq!(
        call(&client, Call::Saved { path }).await.unwrap(),
        Reply::Done
    );
}

/// A trainer made of a few lines of shell, and a database that makes it needed.
fn script(home: &Path, lines: &str) -> TrainerProgram {
    let path = home.join("inkstone-trainer");
    let text = format!("#!/bin/sh\ncd '{}'\n{lines}\n", home.display());
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let database = stage::directories_of(home).database();
    drop(Store::open(&database).unwrap());
    TrainerProgram {
        path,
        restart_wait: Duration::from_millis(10),
    }
}

/// Asks until the trainer is as wanted.
async fn trainer(client: &Client, is_it: impl Fn(&TrainerReport) -> bool) -> TrainerReport {
    let asking = async {
        loop {
            let report = client.status().await.unwrap().trainer;
            if is_it(&report) {
                return report;
            }
            tokio::task::yield_now().await;
        }
    };
    within("the trainer to be as wanted", asking).await
}

const WATCHING: &str = r#"echo "$1" > argument
echo 'no report'
echo '{"state":"watching","folders":3,"notice":"polling","more":1}'
while read -r line; do
  echo "$line" >> lines
  echo '{"state":"watching","folders":4}'
done
echo ended > end"#;

#[tokio::test]
async fn the_trainer_is_told_of_saved_documents_and_ends_with_the_daemon() {
    let mut stage = Stage::with_trainer("", |home| Some(script(home, WATCHING)));
    let client = stage.launcher().connect().await.unwrap();
    let report = trainer(&client, |report| report.folders == 3).await;
    assert_eq!(report.state, TrainerState::Watching);
    assert_eq!(report.notice.as_deref(), Some("polling"));
    let path = "/笔记/港口 notes.md".to_owned();
    call(&client, Call::Saved { path }).await.unwrap();
    trainer(&client, |report| report.folders == 4).await;
    let home = stage.folder.path().to_owned();
    let read = |name: &str| std::fs::read_to_string(home.join(name)).unwrap();
    assert_eq!(read("lines"), "saved /笔记/港口 notes.md\n");
    assert_eq!(read("argument"), "watch\n");
    drop(client);
    let folder = std::mem::replace(&mut stage.folder, tempfile::tempdir().unwrap());
    stage.tell_to_end();
    assert_eq!(stage.ended().await, EndReason::ShutDown);
    let end = std::fs::read_to_string(folder.path().join("end")).unwrap();
    assert_eq!(end, "ended\n");
}

#[tokio::test]
async fn a_trainer_that_fails_is_started_again_and_one_with_nothing_to_do_is_not() {
    let failing = "echo once >> starts\n\
                   [ $(wc -l < starts) -lt 3 ] && exit 7\n\
                   echo '{\"state\":\"some news\"}'\nread -r line";
    let stage = Stage::with_trainer("", |home| Some(script(home, failing)));
    let client = stage.launcher().connect().await.unwrap();
    trainer(&client, |report| report.state == TrainerState::Other).await;
    let starts = std::fs::read_to_string(stage.folder.path().join("starts")).unwrap();
    assert_eq!(starts.lines().count(), 3);

    let stage = Stage::with_trainer("", |home| Some(script(home, "echo once >> starts\nexit 0")));
    let client = stage.launcher().connect().await.unwrap();
    let starts = stage.folder.path().join("starts");
    let has_started = async {
        while !starts.exists() {
            tokio::task::yield_now().await;
        }
    };
    within("the first start", has_started).await;
    trainer(&client, |report| report.state == TrainerState::Off).await;
    // Who adds a folder has the daemon look again.
    call(&client, Call::Reload).await.unwrap();
    let started_again = async {
        while std::fs::read_to_string(&starts).unwrap().lines().count() < 2 {
            tokio::task::yield_now().await;
        }
    };
    within("the second start", started_again).await;
}

#[tokio::test]
async fn a_trainer_that_cannot_start_says_why_and_one_that_is_not_wanted_does_not_start() {
    let missing = |home: &Path| {
        let program = script(home, "");
        std::fs::remove_file(&program.path).unwrap();
        Some(program)
    };
    let stage = Stage::with_trainer("", missing);
    let client = stage.launcher().connect().await.unwrap();
    let report = trainer(&client, |report| report.state == TrainerState::Failed).await;
    let notice = report.notice.unwrap();
    assert!(
        notice.contains("inkstone-trainer cannot be started"),
        "{notice}"
    );

    let off = "[corpus]\nwatch = false\n";
    let stage = Stage::with_trainer(off, |home| Some(script(home, WATCHING)));
    let client = stage.launcher().connect().await.unwrap();
    trainer(&client, |report| report.state == TrainerState::Off).await;
    std::fs::write(stage.directories.config_file(), "").unwrap();
    call(&client, Call::Reload).await.unwrap();
    trainer(&client, |report| report.state == TrainerState::Watching).await;
    std::fs::write(stage.directories.config_file(), off).unwrap();
    call(&client, Call::Reload).await.unwrap();
    trainer(&client, |report| report.state == TrainerState::Off).await;
    assert!(stage.folder.path().join("end").exists());
}
