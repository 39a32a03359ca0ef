//! Whatever is written to the socket, the daemon answers with an error or hangs up, and serves on.

use inkstone_e2e::home;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::{Wire, start_daemon};
use inkstone_protocol::{DaemonMessage, ErrorCode, PROTOCOL_VERSION, WireError};
use inkstone_test_support::Home;

/// Longer than any line the daemon takes.
const HUGE_BYTES: usize = 32 * 1024 * 1024;
/// Connections that say nothing.
const SILENT_CLIENTS: usize = 40;

fn started() -> (Home, u32) {
    let home = home::english();
    let pid = start_daemon(&home).status().pid;
    (home, pid)
}

fn assert_serves(home: &Home, pid: u32, after: &str) {
    let status = Wire::greeted(&home.socket()).status();
    assert_eq!(status.pid, pid, "the daemon was replaced after {after}");
}

/// The error that ends a connection or answers a line; none when it was only closed.
fn error_of(wire: &mut Wire) -> Option<WireError> {
    match wire.next_message() {
        Some(DaemonMessage::Error { error, .. }) => Some(error),
        None => None,
        Some(other) => panic!("a hostile line was answered with {other:?}"),
    }
}

/// A connection, before or after its greeting.
fn connected(home: &Home, greeted: bool) -> Wire {
    let socket = home.socket();
    if greeted {
        Wire::greeted(&socket)
    } else {
        Wire::connect(&socket)
    }
}

#[test]
fn a_first_line_that_is_no_greeting_is_refused() {
    let _turn = together();
    let (home, pid) = started();
    let nested = [b"[".repeat(200_000), b"]".repeat(200_000)].concat();
    let open = br#"{"hello":"#.repeat(50_000);
    for (name, line) in [
        ("bytes that are not UTF-8", b"\xff\xfe\x00\xc3\x28".to_vec()),
        ("deep nesting", nested),
        ("deep nesting that never closes", open),
        ("half an object", br#"{"hello":{"protocol":1"#.to_vec()),
        ("another value", b"42".to_vec()),
        ("nothing", b"null".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("an unknown message", br#"{"goodbye":{}}"#.to_vec()),
        (
            "a number too large",
            br#"{"hello":{"protocol":1e400,"client":"x","version":"1"}}"#.to_vec(),
        ),
        ("NUL bytes", vec![0; 1_000]),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r".to_vec()),
        (
            "a request before the greeting",
            br#"{"request":{"id":1,"call":{"method":"status"}}}"#.to_vec(),
        ),
    ] {
        let mut wire = Wire::connect(&home.socket());
        // In one piece: the daemon hangs up after the first line, and the HTTP request has several.
        wire.send_bytes(&[line, b"\n".to_vec()].concat()).unwrap();
        let error = error_of(&mut wire).unwrap_or_else(|| panic!("{name} got no error"));
        assert_eq!(error.code, ErrorCode::InvalidMessage, "{name}: {error}");
        assert!(!error.message.is_empty(), "{name}");
        assert_serves(&home, pid, name);
    }
}

#[test]
fn another_version_of_the_protocol_is_told_so() {
    let _turn = together();
    let (home, pid) = started();
    for version in [0, PROTOCOL_VERSION + 1, u32::MAX] {
        let mut wire = Wire::connect(&home.socket());
        wire.hello(version);
        let error = error_of(&mut wire).expect("a mismatch is answered");
        assert_eq!(error.code, ErrorCode::ProtocolMismatch, "{error}");
        assert_serves(&home, pid, "another version");
    }
}

#[test]
fn a_line_without_end_is_cut_off() {
    let _turn = together();
    let (home, pid) = started();
    for greeted in [false, true] {
        let mut wire = connected(&home, greeted);
        let chunk = vec![b'a'; 1 << 20];
        let mut sent = 0;
        // The daemon hangs up before all of it is sent.
        while sent < HUGE_BYTES && wire.send_bytes(&chunk).is_ok() {
            sent += chunk.len();
        }
        assert!(
            sent < HUGE_BYTES,
            "the daemon took {sent} bytes of one line"
        );
        if let Some(error) = error_of(&mut wire) {
            assert_eq!(error.code, ErrorCode::MessageTooLarge, "{error}");
        }
        assert_serves(&home, pid, "a huge line");
    }
}

#[test]
fn a_client_that_goes_in_the_middle_of_a_line_harms_nobody() {
    let _turn = together();
    let (home, pid) = started();
    for greeted in [false, true] {
        let mut wire = connected(&home, greeted);
        wire.send_bytes(br#"{"request":{"id":1,"call":{"method":"sta"#)
            .unwrap();
        wire.close_sending();
        if let Some(error) = error_of(&mut wire) {
            assert_eq!(error.code, ErrorCode::InvalidMessage, "{error}");
        }
        drop(wire);
        assert_serves(&home, pid, "a truncated line");
    }
}

#[test]
fn a_bad_request_of_a_good_client_is_answered_and_the_connection_lives() {
    let _turn = together();
    let (home, pid) = started();
    let mut wire = Wire::greeted(&home.socket());
    for line in [
        r#"{"request":{"id":7,"call":{"method":"fly"}}}"#,
        r#"{"request":{"id":8,"call":{"method":"complete","params":{"document":"d"}}}}"#,
        r#"{"request":{"id":-1,"call":{"method":"status"}}}"#,
        "not json",
        "",
    ] {
        wire.send_bytes(format!("{line}\n").as_bytes()).unwrap();
    }
    // However many of them were worth an answer, the status is one of the next messages.
    let status = loop_status(&mut wire);
    assert_eq!(status, pid);
}

fn loop_status(wire: &mut Wire) -> u32 {
    wire.begin(inkstone_protocol::Call::Status);
    loop {
        match wire.next_message() {
            Some(DaemonMessage::Error { error, .. }) => {
                assert_eq!(error.code, ErrorCode::InvalidMessage, "{error}");
            }
            Some(DaemonMessage::Result {
                reply: inkstone_protocol::Reply::Status(status),
                ..
            }) => {
                return status.pid;
            }
            other => panic!("no status: {other:?}"),
        }
    }
}

#[test]
fn clients_that_say_nothing_do_not_keep_others_out() {
    let _turn = together();
    let (home, pid) = started();
    let silent: Vec<Wire> = (0..SILENT_CLIENTS)
        .map(|_| Wire::connect(&home.socket()))
        .collect();
    assert_serves(&home, pid, "silent clients");
    drop(silent);
    assert_serves(&home, pid, "silent clients that left");
}
