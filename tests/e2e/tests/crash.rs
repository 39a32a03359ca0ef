//! The daemon may be killed at any instant: the request in flight fails cleanly, the next succeeds.

use std::time::Duration;

use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::prose::sentences;
use inkstone_e2e::shell::inkstone_with_input;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::{Wire, question, start_daemon};
use inkstone_protocol::{Call, DaemonMessage};
use inkstone_test_support::process::is_running;
use inkstone_test_support::{Home, HomeProcess, eventually};

use crate::sensible::{HARBOUR, Script, assert_sensible};

fn only_daemon(home: &Home) -> HomeProcess {
    let daemons = home.daemons();
    let [daemon] = daemons.as_slice() else {
        panic!("one daemon expected: {daemons:?}")
    };
    daemon.clone()
}

fn kill(daemon: &HomeProcess) {
    daemon.kill();
    let wait = Duration::from_secs(10);
    eventually(wait, "the daemon's end", || {
        (!is_running(daemon.pid)).then_some(())
    });
}

#[test]
fn a_daemon_killed_while_streaming_closes_the_stream_and_the_next_one_serves() {
    let _turn = together();
    let home = home::english();
    let mut wire = start_daemon(&home);
    wire.begin(Call::Complete(Box::new(question("a", 1, HARBOUR, 500))));
    loop {
        match wire.next_message() {
            Some(DaemonMessage::Text { .. }) => break,
            Some(_) => {}
            None => panic!("the daemon closed the connection before it began"),
        }
    }
    let killed = only_daemon(&home);
    kill(&killed);
    // What was written before comes, then the end; never half a line, never a false answer.
    while let Some(message) = wire.next_message() {
        assert!(matches!(message, DaemonMessage::Text { .. }), "{message:?}");
    }
    assert!(
        home.socket().exists(),
        "a killed daemon leaves its socket behind"
    );
    let next = inkstone_with_input(&home, &["complete"], HARBOUR.as_bytes()).ok();
    assert_sensible(next.stdout.trim_end_matches('\n'), Script::Latin);
    assert_ne!(only_daemon(&home).pid, killed.pid);
}

#[test]
fn an_editors_request_survives_the_death_of_the_daemon() {
    let _turn = together();
    let home = home::english();
    let long = sentences(120);
    let mut editor = Editor::open(&home, &at_end(&format!("{long}{HARBOUR}")));
    let pending = editor.begin_suggestion();
    let wait = Duration::from_secs(30);
    eventually(wait, "the socket", || home.socket().exists().then_some(()));
    let mut daemon = Wire::greeted(&home.socket());
    eventually(wait, "the request at work", || {
        (daemon.status().requests_active > 0).then_some(())
    });
    let killed = only_daemon(&home);
    kill(&killed);
    // It ends, with nothing or with a refusal; the language server goes on.
    assert_eq!(Editor::taken(pending).ok().flatten(), None);
    editor.type_text(" and");
    let next = editor.suggestion();
    assert_sensible(
        &next.unwrap_or_else(|| panic!("{:?}", editor.decision())),
        Script::Latin,
    );
    assert_ne!(only_daemon(&home).pid, killed.pid);
}
