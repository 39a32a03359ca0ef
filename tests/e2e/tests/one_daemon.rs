//! One daemon for all: it holds the model once, however many ask and however they begin.

use std::time::Duration;

use inkstone_bench::lsp_client::ClientProfile;
use inkstone_e2e::editor::{Editor, at_end, start_client};
use inkstone_e2e::home;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::Wire;
use inkstone_test_support::{ENGLISH_MODEL, eventually};

use crate::sensible::HARBOUR;

/// Clients that begin at once.
const CLIENTS: usize = 20;

#[test]
fn two_language_servers_share_one_daemon_and_one_model() {
    let _turn = together();
    let home = home::english();
    let first = Editor::open(&home, &at_end(HARBOUR));
    let second = Editor::open(&home, &at_end(&format!("{HARBOUR} and")));
    assert_ne!(first.client.pid(), second.client.pid());
    assert!(first.suggestion().is_some());
    assert!(second.suggestion().is_some());
    let daemons = home.daemons();
    assert_eq!(daemons.len(), 1, "{daemons:?}");
    let status = Wire::greeted(&home.socket()).status();
    assert_eq!(status.pid, daemons[0].pid);
    assert!(status.clients >= 2, "{status:?}");
    let model = status
        .models
        .iter()
        .find(|model| model.name == ENGLISH_MODEL)
        .unwrap();
    assert_eq!(
        model.loads, 1,
        "the model was read into memory once: {model:?}"
    );
}

#[test]
fn twenty_language_servers_that_start_at_once_get_one_daemon() {
    let _turn = together();
    let home = home::english();
    let clients: Vec<_> = std::thread::scope(|scope| {
        let start = || {
            let client = start_client(&home, &ClientProfile::default());
            client
                .did_open("file:///twenty.md", "markdown", HARBOUR)
                .unwrap();
            client
        };
        let starting: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(start)).collect();
        starting
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    eventually(Duration::from_secs(30), "the socket", || {
        home.socket().exists().then_some(())
    });
    let mut daemon = Wire::greeted(&home.socket());
    let status = eventually(Duration::from_secs(30), "all clients in one daemon", || {
        let status = daemon.status();
        // Those that started, and this test's own connection.
        (status.clients as usize > clients.len()).then_some(status)
    });
    let daemons = home.daemons();
    assert_eq!(daemons.len(), 1, "{daemons:?}");
    assert_eq!(status.pid, daemons[0].pid);
    assert!(
        status.models.iter().all(|model| model.loads <= 1),
        "{status:?}"
    );
}

#[test]
fn twenty_commands_that_start_at_once_get_one_daemon() {
    let _turn = together();
    let home = home::english();
    std::thread::scope(|scope| {
        let starting: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| inkstone(&home, &["start"])))
            .collect();
        for thread in starting {
            thread.join().unwrap().ok();
        }
    });
    let daemons = home.daemons();
    assert_eq!(daemons.len(), 1, "{daemons:?}");
    assert_eq!(Wire::greeted(&home.socket()).status().pid, daemons[0].pid);
}
