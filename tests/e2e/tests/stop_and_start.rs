//! `inkstone stop` means stop: no keystroke undoes it. `inkstone start` brings everything back.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::shell::{inkstone, inkstone_with_input};
use inkstone_e2e::turn::together;
use inkstone_test_support::eventually;

use crate::sensible::{HARBOUR, Script, assert_sensible};

#[test]
fn a_stopped_daemon_stays_off_for_an_editor_until_it_is_started() {
    let _turn = together();
    let home = home::english();
    let mut editor = Editor::open(&home, &at_end(HARBOUR));
    assert!(editor.suggestion().is_some());
    editor.client.clear_messages();
    inkstone(&home, &["stop"]).ok();
    // The process gives its socket and lock back before the system has cleared it away.
    eventually(Duration::from_secs(10), "the daemon's end", || {
        home.daemons().is_empty().then_some(())
    });
    for word in [" and", " they", " waited"] {
        editor.type_text(word);
        assert_eq!(editor.suggestion(), None);
    }
    assert_eq!(home.daemons(), [], "a key does not undo a stop");
    let (_, message) = editor.decision();
    assert!(message.contains("inkstone start"), "{message}");
    let told = editor.client.messages();
    let told = told
        .iter()
        .filter(|message| message.method == "window/showMessage")
        .count();
    assert_eq!(told, 1, "the editor is told once");
    inkstone(&home, &["start"]).ok();
    let suggestion = eventually(Duration::from_secs(30), "the editor's return", || {
        editor.type_text(" and");
        editor.suggestion()
    });
    assert_sensible(&suggestion, Script::Latin);
}

#[test]
fn a_command_does_not_undo_a_stop_either() {
    let _turn = together();
    let home = home::english();
    inkstone(&home, &["start"]).ok();
    inkstone(&home, &["stop"]).ok();
    let refused = inkstone_with_input(&home, &["complete"], HARBOUR.as_bytes());
    assert_eq!(refused.code, 4, "{refused:?}");
    assert_eq!(refused.stdout, "");
    assert!(refused.stderr.contains("inkstone start"), "{refused:?}");
    eventually(Duration::from_secs(10), "the daemon's end", || {
        home.daemons().is_empty().then_some(())
    });
    inkstone(&home, &["start"]).ok();
    inkstone_with_input(&home, &["complete"], HARBOUR.as_bytes()).ok();
}

#[test]
fn stopping_twice_and_starting_twice_are_no_errors() {
    let _turn = together();
    let home = home::english();
    inkstone(&home, &["start"]).ok();
    let first = home.daemons();
    inkstone(&home, &["start"]).ok();
    assert_eq!(home.daemons(), first, "a second start changes nothing");
    inkstone(&home, &["stop"]).ok();
    inkstone(&home, &["stop"]).ok();
    assert_eq!(home.daemons(), []);
}

#[test]
fn a_stop_while_a_command_starts_the_daemon_wins() {
    let _turn = together();
    // The moments that matter are between the process and its socket: each round hits another.
    for _ in 0..5 {
        let home = home::english();
        let text = home.scratch().join("harbour.txt");
        fs::write(&text, HARBOUR).unwrap();
        let mut command = home.command("inkstone");
        command.arg("complete").arg(&text);
        let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut starting = quiet.spawn().unwrap();
        eventually(Duration::from_secs(30), "the daemon's process", || {
            (!home.daemons().is_empty()).then_some(())
        });
        inkstone(&home, &["stop"]).ok();
        // Whether it was served before or not: it leaves no daemon behind.
        starting.wait().unwrap();
        eventually(Duration::from_secs(10), "the daemon's end", || {
            home.daemons().is_empty().then_some(())
        });
        assert!(!home.socket().exists());
        let refused = inkstone_with_input(&home, &["complete"], HARBOUR.as_bytes());
        assert_eq!(refused.code, 4, "{refused:?}");
    }
}
