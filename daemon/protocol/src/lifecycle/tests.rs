//! Daemons of another protocol, played by the test: what it takes to replace an older one works
//! across versions, and a newer one is left alone.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::endpoint::{self, Listener};
use crate::error::WireError;
use crate::halves::{MessageReader, MessageWriter};
use crate::hello::Welcome;
use crate::lifecycle::login::tests::home;
use crate::message::{ClientMessage, DaemonMessage, Reply};

/// Speaks `protocol` until it is asked for its `end`; then ends as a daemon does. Returns the
/// protocols that clients offered.
async fn speak(
    protocol: u32,
    end: Call,
    listener: Listener,
    claim: Claim,
    directories: Directories,
) -> Vec<u32> {
    let mut offered = Vec::new();
    loop {
        let (input, output) = tokio::io::split(endpoint::accept(&listener).await.unwrap());
        let mut reader = MessageReader::new(input);
        let mut writer = MessageWriter::new(output);
        let Some(ClientMessage::Hello(hello)) = reader.next().await.unwrap() else {
            panic!("no hello")
        };
        offered.push(hello.protocol);
        if hello.protocol != protocol {
            let error = WireError::new(
                ErrorCode::ProtocolMismatch,
                format!("I speak protocol {protocol}"),
            );
            writer
                .send(&DaemonMessage::Error { id: None, error })
                .await
                .unwrap();
            continue;
        }
        let welcome = Welcome {
            protocol,
            version: "0.0.1".to_owned(),
            pid: std::process::id(),
        };
        writer.send(&DaemonMessage::Welcome(welcome)).await.unwrap();
        // A client that only looked says nothing more.
        let Ok(Some(ClientMessage::Request { id, call, .. })) = reader.next().await else {
            continue;
        };
        assert_eq!(call, end);
        drop(listener);
        endpoint::remove(&directories.socket()).unwrap();
        writer
            .send(&DaemonMessage::Result {
                id,
                reply: Reply::Done,
            })
            .await
            .unwrap();
        drop(claim);
        return offered;
    }
}

/// A launcher of protocol `ours` whose own daemon dies at once, so that a start can be seen.
fn launcher(folder: &tempfile::TempDir, directories: &Directories, ours: u32) -> Launcher {
    let binary = folder.path().join("inkstoned");
    std::fs::write(&binary, "#!/bin/sh\necho started >&2\nexit 3\n").unwrap();
    std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut launcher =
        Launcher::new(directories.clone(), "test", "0.1.0").with_daemon_binary(binary);
    launcher.hello.protocol = ours;
    launcher
}

#[tokio::test]
async fn a_daemon_of_an_older_protocol_is_asked_in_its_own_to_hand_over() {
    let (folder, directories) = home();
    let claim = Claim::try_take(&directories).unwrap().unwrap();
    let listener = endpoint::listen(&directories.socket()).unwrap();
    let daemon = tokio::spawn(speak(
        1,
        Call::HandOver,
        listener,
        claim,
        directories.clone(),
    ));
    let started = launcher(&folder, &directories, 3).connect_or_start().await;
    assert!(
        matches!(&started, Err(StartError::Died { message, .. }) if message == "started"),
        "{started:?}"
    );
    let offered = daemon.await.unwrap();
    assert_eq!(offered.first(), Some(&3), "its own protocol first");
    assert_eq!(offered.last(), Some(&1));
}

#[tokio::test]
async fn a_daemon_of_a_newer_protocol_is_left_alone() {
    let (folder, directories) = home();
    let claim = Claim::try_take(&directories).unwrap().unwrap();
    let listener = endpoint::listen(&directories.socket()).unwrap();
    let daemon = tokio::spawn(speak(
        9,
        Call::HandOver,
        listener,
        claim,
        directories.clone(),
    ));
    let error = launcher(&folder, &directories, 3)
        .connect_or_start()
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::NewerDaemon { .. }), "{error}");
    assert!(error.to_string().contains("I speak protocol 9"), "{error}");
    assert!(!daemon.is_finished());
    daemon.abort();
}

#[tokio::test]
async fn a_stop_waits_for_a_daemon_that_is_being_started_and_ends_it() {
    let (folder, directories) = home();
    let launcher = launcher(&folder, &directories, 1);
    let stopping = |launcher: Launcher| tokio::spawn(async move { launcher.stop().await.unwrap() });
    let outcome = StopOutcome::Stopped {
        pid: std::process::id(),
    };
    let speaking = |claim| {
        let listener = endpoint::listen(&directories.socket()).unwrap();
        speak(1, Call::Stop, listener, claim, directories.clone())
    };

    // Its client has the start lock; the daemon has no claim yet.
    let starting = StartLock::try_take(&directories).unwrap().unwrap();
    let stop = stopping(launcher.clone());
    marked(&directories).await;
    let claim = Claim::try_take(&directories).unwrap().unwrap();
    drop(starting);
    in_time(speaking(claim)).await;
    assert_eq!(in_time(stop).await.unwrap(), outcome);
    stopped::clear(&directories).unwrap();

    // It has its claim and does not listen yet; nobody has the start lock.
    let claim = Claim::try_take(&directories).unwrap().unwrap();
    let stop = stopping(launcher);
    marked(&directories).await;
    let has_the_lock = async {
        while StartLock::try_take(&directories).unwrap().is_some() {
            tokio::task::yield_now().await;
        }
    };
    in_time(has_the_lock).await;
    in_time(speaking(claim)).await;
    assert_eq!(in_time(stop).await.unwrap(), outcome);
}

/// Fails instead of hanging.
async fn in_time<T>(future: impl Future<Output = T>) -> T {
    let limit = std::time::Duration::from_secs(30);
    tokio::time::timeout(limit, future).await.unwrap()
}

/// Waits until a stop has left its mark.
async fn marked(directories: &Directories) {
    let is_marked = async {
        while !stopped::is_set(directories).unwrap() {
            tokio::task::yield_now().await;
        }
    };
    in_time(is_marked).await;
}

#[tokio::test]
async fn a_daemon_that_finds_itself_stopped_is_no_failed_start() {
    let (folder, directories) = home();
    let launcher = launcher(&folder, &directories, 1);
    let binary = launcher.binary().unwrap();
    std::fs::write(&binary, format!("#!/bin/sh\nexit {EXIT_STOPPED}\n")).unwrap();
    for _ in 0..3 {
        let error = launcher.connect_or_start().await.unwrap_err();
        assert!(matches!(error, StartError::Stopped { .. }), "{error}");
    }
    assert!(launcher.refusal().unwrap().is_none());
}
