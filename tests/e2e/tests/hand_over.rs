//! A newer build takes over: the older daemon ends in order, and is not kept off by it.

use std::time::Duration;

use inkstone_e2e::home;
use inkstone_e2e::shell::inkstone_with_input;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::{Wire, question, start_daemon};
use inkstone_protocol::{Call, DaemonMessage, ErrorCode, Reply};
use inkstone_test_support::eventually;
use inkstone_test_support::process::is_running;

use crate::sensible::HARBOUR;

#[test]
fn a_daemon_that_hands_over_finishes_its_request_and_the_next_client_starts_another() {
    let _turn = together();
    let home = home::english();
    let mut busy = start_daemon(&home);
    let pid = busy.status().pid;
    let request = busy.begin(Call::Complete(Box::new(question("d", 1, HARBOUR, 30))));
    let mut newer = Wire::greeted(&home.socket());
    eventually(Duration::from_secs(30), "the request at work", || {
        (newer.status().requests_active > 0).then_some(())
    });
    newer.begin(Call::HandOver);
    match busy.end_of(request).outcome {
        Ok(reply) => assert!(!reply.text.is_empty()),
        Err(error) => panic!("the request in hand was dropped: {error}"),
    }
    eventually(Duration::from_secs(30), "the older daemon's end", || {
        (!is_running(pid)).then_some(())
    });
    inkstone_with_input(&home, &["complete"], HARBOUR.as_bytes()).ok();
    assert_ne!(Wire::greeted(&home.socket()).status().pid, pid);
}

#[test]
fn a_daemon_that_is_ending_says_so_to_who_still_asks() {
    let _turn = together();
    let home = home::english();
    let mut wire = start_daemon(&home);
    let busy = wire.begin(Call::Complete(Box::new(question("d", 1, HARBOUR, 40))));
    let hand_over = wire.begin(Call::HandOver);
    let (mut late, mut refused, mut finished) = (None, None, false);
    while let Some(message) = wire.next_message() {
        match message {
            DaemonMessage::Result {
                id,
                reply: Reply::Done,
            } if id == hand_over => {
                // From here on it is known to be ending.
                late = Some(wire.begin(Call::Complete(Box::new(question("e", 1, HARBOUR, 1)))));
            }
            DaemonMessage::Error { id, error } if id.is_some() && id == late => {
                refused = Some(error.code);
            }
            DaemonMessage::Result { id, .. } if id == busy => finished = true,
            _ => {}
        }
    }
    assert_eq!(refused, Some(ErrorCode::ShuttingDown));
    assert!(finished, "the request in hand was dropped");
}
