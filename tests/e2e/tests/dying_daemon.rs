//! A daemon that cannot start is reported with its own last words, and not started in a loop.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use inkstone_bench::lsp_client::{ClientProfile, LspClient};
use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::turn::together;
use inkstone_test_support::{Home, bin};

use crate::sensible::HARBOUR;

/// What the daemon of these tests says before it dies.
const LAST_WORDS: &str = "libllama.so is gone";
/// Deaths after which a further try would only repeat them.
const STARTS_MAX: usize = 2;

/// Our binary in a folder of its own, beside a daemon that dies at once and counts its starts.
fn beside_a_dying_daemon(home: &Home, name: &str) -> (Command, PathBuf) {
    let folder = home.scratch().join("bin");
    let starts = home.scratch().join("starts");
    fs::create_dir(&folder).unwrap();
    fs::copy(bin(name), folder.join(name)).unwrap();
    let daemon = folder.join("inkstoned");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *version*) exit 1 ;; esac\n\
         echo start >> '{}'\necho '{LAST_WORDS}' >&2\nexit 127\n",
        starts.display()
    );
    fs::write(&daemon, script).unwrap();
    fs::set_permissions(&daemon, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(folder.join(name));
    command.envs(
        home.command(name)
            .get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    (command, starts)
}

fn count(starts: &Path) -> usize {
    fs::read_to_string(starts)
        .unwrap_or_default()
        .lines()
        .count()
}

#[test]
fn an_editor_is_told_once_and_the_daemon_is_not_started_again_and_again() {
    let _turn = together();
    let home = home::english();
    let (command, starts) = beside_a_dying_daemon(&home, "inkstone-lsp");
    let client = Arc::new(LspClient::start(command, &ClientProfile::default()).unwrap());
    let mut editor = Editor::in_client(&home, &client, &at_end(HARBOUR));
    for word in [" and", " they", " waited", " for", " the", " wind"] {
        assert_eq!(editor.suggestion(), None);
        editor.type_text(word);
    }
    let (_, message) = editor.decision();
    assert!(message.contains(LAST_WORDS), "{message}");
    assert!(
        (1..=STARTS_MAX).contains(&count(&starts)),
        "{} starts",
        count(&starts)
    );
    let told = client.messages();
    let told = told
        .iter()
        .filter(|message| message.method == "window/showMessage")
        .count();
    assert_eq!(told, 1);
}

#[test]
fn a_command_says_why_no_daemon_starts() {
    let _turn = together();
    let home = home::english();
    let (command, starts) = beside_a_dying_daemon(&home, "inkstone");
    for _ in 0..4 {
        let mut again = Command::new(command.get_program());
        again.envs(
            command
                .get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        let output = again.arg("complete").stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert!(said.contains(LAST_WORDS), "{said}");
    }
    assert!(
        (1..=STARTS_MAX).contains(&count(&starts)),
        "{} starts",
        count(&starts)
    );
}
