//! A language server ends with its editor, however the editor ends; the daemon stays for others.

use std::process::{Command, Stdio};
use std::time::Duration;

use inkstone_bench::lsp_client::ClientProfile;
use inkstone_e2e::editor::start_client;
use inkstone_e2e::home;
use inkstone_e2e::turn::together;
use inkstone_test_support::eventually;
use inkstone_test_support::process::is_running;
use serde_json::{Value, json};

/// How soon a language server must be gone.
const GONE_WAIT_S: u64 = 15;

#[test]
fn a_language_server_ends_when_its_input_closes() {
    let _turn = together();
    let home = home::english();
    let mut client = start_client(&home, &ClientProfile::default());
    let pid = client.pid();
    assert!(is_running(pid));
    client.close_input();
    assert!(
        client.wait_exit(Duration::from_secs(GONE_WAIT_S)).is_some(),
        "it still runs"
    );
    assert!(!is_running(pid));
}

#[test]
fn a_language_server_ends_when_its_editor_dies_though_its_input_stays_open() {
    let _turn = together();
    let home = home::english();
    // Stands for the editor: the input is held open by this test, as by a forgotten child.
    let mut editor = Command::new("sleep")
        .arg("600")
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let parent_pid = Some(editor.id());
    let mut client = start_client(
        &home,
        &ClientProfile {
            parent_pid,
            ..ClientProfile::default()
        },
    );
    assert!(
        client
            .request("inkstone/documentText", &json!({ "uri": "file:///no" }))
            .is_err()
    );
    editor.kill().unwrap();
    editor.wait().unwrap();
    assert!(
        client.wait_exit(Duration::from_secs(GONE_WAIT_S)).is_some(),
        "it still runs"
    );
}

#[test]
fn a_language_server_told_to_exit_says_whether_it_was_asked_to_shut_down() {
    let _turn = together();
    let home = home::english();
    let client = start_client(&home, &ClientProfile::default());
    assert_eq!(
        client.shut_down().unwrap().and_then(|status| status.code()),
        Some(0)
    );
    // As the protocol has it: an exit without a shutdown is a failure.
    let mut client = start_client(&home, &ClientProfile::default());
    client.notify("exit", &Value::Null).unwrap();
    let status = client.wait_exit(Duration::from_secs(GONE_WAIT_S));
    assert_eq!(status.and_then(|status| status.code()), Some(1));
}

#[test]
fn the_daemon_outlives_the_editor_that_started_it() {
    let _turn = together();
    let home = home::english();
    let client = start_client(&home, &ClientProfile::default());
    client
        .did_open("file:///a.md", "markdown", "The harbour ")
        .unwrap();
    let daemon = eventually(Duration::from_secs(30), "a daemon", || home.daemons().pop());
    eventually(Duration::from_secs(30), "the socket", || {
        home.socket().exists().then_some(())
    });
    client.shut_down().unwrap();
    assert!(is_running(daemon.pid));
    assert_eq!(home.daemons(), [daemon]);
}
