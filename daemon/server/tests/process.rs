//! The real binary: one daemon whoever asks, clean after a kill, off after a stop, replaced by a
//! newer build.
#![allow(clippy::unwrap_used)] // A test that fails panics.
#![cfg(target_os = "linux")]

mod stage;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use inkstone_protocol::lifecycle::claim::Claim;
use inkstone_protocol::lifecycle::{EXIT_ALREADY_RUNNING, EXIT_STOPPED, StopOutcome, stopped};
use inkstone_protocol::{Launcher, StartError};
use inkstone_test_support::{Home, HomeProcess, process};
use inkstoned::EndReason;
use stage::{Stage, VERSION, directories_of, params, within};

fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_inkstoned"))
}

fn launcher(home: &Home) -> Launcher {
    Launcher::new(
        directories_of(home.root()),
        "test",
        env!("CARGO_PKG_VERSION"),
    )
    .with_daemon_binary(binary())
    .with_environment("INKSTONE_HOME", home.root())
    .with_environment("INKSTONE_MODELS", home.models())
}

fn process_of(pid: u32) -> HomeProcess {
    HomeProcess {
        pid,
        name: "inkstoned".to_owned(),
    }
}

#[tokio::test]
async fn twenty_clients_that_start_at_once_get_one_daemon() {
    let home = Home::with_models(&[]);
    let launcher = launcher(&home);
    let starting: Vec<_> = (0..20)
        .map(|_| {
            let launcher = launcher.clone();
            tokio::spawn(async move { launcher.connect_or_start().await.unwrap() })
        })
        .collect();
    let mut clients = Vec::new();
    for one in starting {
        clients.push(within("a client", one).await.unwrap());
    }
    let pid = clients[0].welcome().pid;
    assert!(clients.iter().all(|client| client.welcome().pid == pid));
    let running: Vec<u32> = home.daemons().iter().map(|daemon| daemon.pid).collect();
    assert_eq!(running, [pid]);
    let status = clients[0].status().await.unwrap();
    assert_eq!(
        (status.pid, status.clients, status.version.as_str()),
        (pid, 20, env!("CARGO_PKG_VERSION"))
    );
    assert!(status.rss_mb > 1.0);
}

#[tokio::test]
async fn after_a_kill_the_stale_socket_is_replaced_and_the_lock_is_free() {
    let home = Home::with_models(&[]);
    let launcher = launcher(&home);
    let first = launcher.connect_or_start().await.unwrap();
    let killed = first.welcome().pid;
    process_of(killed).kill();
    within("the connection to be lost", first.lost()).await;
    assert!(home.socket().exists(), "a killed daemon cannot clean up");
    let second = launcher.connect_or_start().await.unwrap();
    assert_ne!(second.welcome().pid, killed);
    second.status().await.unwrap();
    assert_eq!(home.daemons().len(), 1);
    assert!(
        !process::is_running(killed),
        "the killed daemon is no zombie of its client"
    );
}

#[tokio::test]
async fn a_stopped_daemon_ends_in_order_and_stays_off_until_a_start() {
    let home = Home::with_models(&[]);
    let launcher = launcher(&home);
    let pid = launcher.connect_or_start().await.unwrap().welcome().pid;
    assert_eq!(launcher.stop().await.unwrap(), StopOutcome::Stopped { pid });
    assert!(!home.socket().exists());
    assert!(!Claim::is_held(launcher.directories()).unwrap());
    assert!(matches!(
        launcher.connect_or_start().await,
        Err(StartError::Stopped { .. })
    ));
    assert_eq!(launcher.stop().await.unwrap(), StopOutcome::WasNotRunning);
    let started = launcher.start().await.unwrap();
    assert_ne!(started.welcome().pid, pid);
    assert!(!stopped::is_set(launcher.directories()).unwrap());
}

#[tokio::test]
async fn a_terminated_daemon_ends_in_order_and_may_be_started_again() {
    let home = Home::with_models(&[]);
    let launcher = launcher(&home);
    for _ in 0..2 {
        let client = launcher.connect_or_start().await.unwrap();
        process_of(client.welcome().pid).terminate();
        within("the connection to be lost", client.lost()).await;
        let ended = async {
            while Claim::is_held(launcher.directories()).unwrap() {
                tokio::task::yield_now().await;
            }
        };
        within("the daemon to end", ended).await;
        assert!(!home.socket().exists());
    }
    assert!(
        !launcher
            .directories()
            .state_dir()
            .join("start-attempts.json")
            .exists()
    );
}

#[tokio::test]
async fn a_second_daemon_gives_way_to_the_first() {
    let home = Home::with_models(&[]);
    let client = launcher(&home).connect_or_start().await.unwrap();
    let second = tokio::process::Command::new(binary())
        .env("INKSTONE_HOME", home.root())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert_eq!(second.status.code(), Some(EXIT_ALREADY_RUNNING.into()));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains(&client.welcome().pid.to_string()), "{said}");
    client.status().await.unwrap();
}

#[tokio::test]
async fn a_daemon_that_was_stopped_while_it_was_being_started_does_not_come_up() {
    let home = Home::with_models(&[]);
    let directories = directories_of(home.root());
    directories.ensure_private().unwrap();
    stopped::set(&directories).unwrap();
    // As a client starts it that had looked for the mark a moment before.
    let output = tokio::process::Command::new(binary())
        .arg("--detached")
        .env("INKSTONE_HOME", home.root())
        .stdin(Stdio::null())
        .output();
    let output = within("the daemon to end", output).await.unwrap();
    assert_eq!(output.status.code(), Some(EXIT_STOPPED.into()));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("run: inkstone start"), "{said}");
    assert!(!home.socket().exists() && !Claim::is_held(&directories).unwrap());
}

#[tokio::test]
async fn a_daemon_whose_run_directory_is_removed_ends_and_leaves_the_next_one_alone() {
    let home = Home::with_models(&[]);
    let launcher = launcher(&home);
    let orphan = launcher.connect_or_start().await.unwrap();
    // As at a logout; the next login starts another.
    std::fs::remove_dir_all(home.root().join("run")).unwrap();
    let next = launcher.connect_or_start().await.unwrap();
    assert_ne!(next.welcome().pid, orphan.welcome().pid);
    within("the orphan to end", orphan.lost()).await;
    let ended = async {
        while process::is_running(orphan.welcome().pid) {
            tokio::task::yield_now().await;
        }
    };
    within("the orphan's process to end", ended).await;
    assert!(next.is_connected());
    let again = launcher.connect().await.unwrap();
    assert_eq!(again.welcome().pid, next.welcome().pid);
}

#[tokio::test]
async fn a_binary_written_over_that_of_the_running_daemon_takes_over_once() {
    let home = Home::with_models(&[]);
    let copy = beside_its_libraries(&home);
    let launcher = launcher(&home).with_daemon_binary(copy.clone());
    let older = launcher.connect_or_start().await.unwrap();
    let same = launcher.connect_or_start().await.unwrap();
    assert_eq!(same.welcome().pid, older.welcome().pid);
    drop(same);
    // As an installation does it: another file under the same name.
    let rebuilt = copy.with_extension("new");
    copy_binary(&rebuilt);
    std::fs::rename(&rebuilt, &copy).unwrap();
    let newer = launcher.connect_or_start().await.unwrap();
    assert_ne!(newer.welcome().pid, older.welcome().pid);
    let same = launcher.connect_or_start().await.unwrap();
    assert_eq!(same.welcome().pid, newer.welcome().pid);
    // Another installation of the same version leaves it alone.
    let other = self::launcher(&home).connect_or_start().await.unwrap();
    assert_eq!(other.welcome().pid, newer.welcome().pid);
}

/// A copy of the daemon that finds llama.cpp's libraries as the original does.
fn beside_its_libraries(home: &Home) -> PathBuf {
    let folder = home.scratch().join("installed");
    std::fs::create_dir(&folder).unwrap();
    let libraries = binary().with_file_name("inkstone-native");
    std::os::unix::fs::symlink(libraries, folder.join("inkstone-native")).unwrap();
    let copy = folder.join("inkstoned");
    copy_binary(&copy);
    copy
}

/// By a process of its own: a child that another test starts meanwhile would inherit our open
/// descriptor, and a file that somebody may write cannot be executed.
fn copy_binary(to: &Path) {
    let copied = std::process::Command::new("cp")
        .arg(binary())
        .arg(to)
        .status();
    assert!(copied.unwrap().success());
}

#[tokio::test]
async fn a_newer_build_takes_over_from_an_older_daemon_which_finishes_first() {
    let mut stage = Stage::new();
    let directories = stage.directories.clone();
    let claim = Claim::try_take(&directories).unwrap().unwrap();
    let older = stage.launcher().connect().await.unwrap();
    let asked = older.complete(params("a"), None).unwrap();
    let submitted = stage.submitted().await;
    let newer = Launcher::new(directories.clone(), "test", env!("CARGO_PKG_VERSION"))
        .with_daemon_binary(binary())
        .with_environment("INKSTONE_HOME", stage.folder.path());
    let taking_over: Vec<_> = (0..3)
        .map(|_| {
            let newer = newer.clone();
            tokio::spawn(async move { newer.connect_or_start().await.unwrap() })
        })
        .collect();
    // What is in hand is finished by the older one.
    let ending = async {
        while directories.socket().exists() {
            tokio::task::yield_now().await;
        }
    };
    within("the older daemon to stop listening", ending).await;
    submitted.answer("by the older one").await;
    assert_eq!(asked.result().await.unwrap().text, "by the older one");
    let folder = std::mem::replace(&mut stage.folder, tempfile::tempdir().unwrap());
    assert_eq!(stage.ended().await, EndReason::HandOver);
    drop(claim);
    let mut pids = Vec::new();
    for one in taking_over {
        let client = within("the newer daemon", one).await.unwrap();
        assert_eq!(client.welcome().version, env!("CARGO_PKG_VERSION"));
        pids.push(client.welcome().pid);
    }
    pids.dedup();
    assert_eq!(pids.len(), 1);
    assert_ne!(pids[0], std::process::id());
    newer.stop().await.unwrap();
    drop(folder);
}

#[tokio::test]
async fn a_client_that_is_newer_than_every_daemon_uses_the_one_that_runs() {
    let home = Home::with_models(&[]);
    let client = launcher(&home).connect_or_start().await.unwrap();
    // As after half an update: the client is new, the daemon's binary is not.
    let newer = Launcher::new(launcher(&home).directories().clone(), "test", "999.0.0")
        .with_daemon_binary(binary())
        .with_environment("INKSTONE_HOME", home.root());
    let same = newer.connect_or_start().await.unwrap();
    assert_eq!(same.welcome().pid, client.welcome().pid);
    assert_ne!(VERSION, env!("CARGO_PKG_VERSION"));
}
