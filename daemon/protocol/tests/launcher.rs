//! The launcher where the daemon's binary is missing, dies, or hangs: scripts stand in for a binary
//! that is broken. What a daemon that works does is tested with the real one, beside the daemon.
#![allow(clippy::unwrap_used)] // A test that fails panics.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use inkstone_protocol::lifecycle::claim::Claim;
use inkstone_protocol::lifecycle::{StopOutcome, stopped};
use inkstone_protocol::{Launcher, StartError};
use inkstone_settings::Directories;

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn directories(&self) -> Directories {
        let root = self.folder.path().join("home").into_os_string();
        Directories::from_lookup(|name| (name == "INKSTONE_HOME").then(|| root.clone())).unwrap()
    }

    /// An executable that runs `body`; each run leaves a line in `runs`.
    fn binary(&self, body: &str) -> PathBuf {
        let path = self.folder.path().join("inkstoned");
        let runs = self.runs_file();
        std::fs::write(
            &path,
            format!("#!/bin/sh\necho run >> '{}'\n{body}\n", runs.display()),
        )
        .unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn runs_file(&self) -> PathBuf {
        self.folder.path().join("runs")
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(self.runs_file())
            .unwrap_or_default()
            .lines()
            .count()
    }

    fn launcher(&self, binary: &Path) -> Launcher {
        Launcher::new(self.directories(), "test", "0.1.0").with_daemon_binary(binary.to_owned())
    }
}

#[tokio::test]
async fn a_daemon_that_dies_on_start_is_started_twice_and_then_only_reported() {
    let home = Home::new();
    let launcher = home.launcher(&home.binary("echo 'libllama.so: 找不到' >&2; exit 127"));
    for _ in 0..2 {
        match launcher.connect_or_start().await.unwrap_err() {
            StartError::Died { message, .. } => assert_eq!(message, "libllama.so: 找不到"),
            other => panic!("{other}"),
        }
    }
    for _ in 0..3 {
        let error = launcher.connect_or_start().await.unwrap_err();
        assert!(
            matches!(error, StartError::DiesOnStart { deaths: 2, .. }),
            "{error}"
        );
        let text = error.to_string();
        assert!(
            text.contains("找不到") && text.contains("run: inkstone doctor"),
            "{text}"
        );
    }
    assert_eq!(home.runs(), 2);
    // A start by hand tries again.
    assert!(matches!(
        launcher.start().await,
        Err(StartError::Died { .. })
    ));
    assert_eq!(home.runs(), 3);
}

#[tokio::test]
async fn twenty_clients_of_a_daemon_that_dies_start_it_twice() {
    let home = Home::new();
    let launcher = home.launcher(&home.binary("exit 3"));
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let launcher = launcher.clone();
            tokio::spawn(async move { launcher.connect_or_start().await.map(drop) })
        })
        .collect();
    for one in tries {
        let error = one.await.unwrap().unwrap_err();
        assert!(
            matches!(
                error,
                StartError::Died { .. } | StartError::DiesOnStart { .. }
            ),
            "{error}"
        );
    }
    assert_eq!(home.runs(), 2);
}

#[tokio::test]
async fn a_stop_by_hand_keeps_the_daemon_off_until_the_next_login_or_a_start_by_hand() {
    let home = Home::new();
    let launcher = home.launcher(&home.binary("exit 3"));
    assert_eq!(launcher.stop().await.unwrap(), StopOutcome::WasNotRunning);
    let error = launcher.connect_or_start().await.unwrap_err();
    assert!(matches!(error, StartError::Stopped { .. }), "{error}");
    assert!(error.to_string().contains("run: inkstone start"), "{error}");
    assert_eq!(home.runs(), 0);
    // The next login finds its run directory empty.
    std::fs::remove_dir_all(home.directories().run_dir()).unwrap();
    assert!(matches!(
        launcher.connect_or_start().await,
        Err(StartError::Died { .. })
    ));
    assert_eq!(home.runs(), 1);
    launcher.stop().await.unwrap();
    assert!(stopped::is_set(&home.directories()).unwrap());
    assert!(matches!(
        launcher.start().await,
        Err(StartError::Died { .. })
    ));
    assert!(!stopped::is_set(&home.directories()).unwrap());
}

#[tokio::test]
async fn a_missing_binary_is_named() {
    let home = Home::new();
    let error = home
        .launcher(Path::new("/nonexistent/inkstoned"))
        .connect_or_start()
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StartError::Spawn { path, .. } if path.ends_with("inkstoned")),
        "{error}"
    );
}

#[tokio::test]
async fn the_claim_of_a_killed_daemon_is_free() {
    let home = Home::new();
    let directories = home.directories();
    directories.ensure_private().unwrap();
    // A process that holds the lock as a daemon does, until it is killed.
    let lock = directories.lock();
    let mut holder = tokio::process::Command::new("flock")
        .args([
            lock.as_os_str(),
            "-c".as_ref(),
            "echo held; exec cat".as_ref(),
        ])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = [0; 5];
    let mut output = holder.stdout.take().unwrap();
    tokio::io::AsyncReadExt::read_exact(&mut output, &mut line)
        .await
        .unwrap();
    assert!(Claim::is_held(&directories).unwrap());
    drop(holder.stdin.take());
    holder.wait().await.unwrap();
    assert!(!Claim::is_held(&directories).unwrap());
}
