//! A newer request ends an older one of its document at once; nobody computes what nobody wants.

use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::prose::sentences;
use inkstone_e2e::turn::{alone, together};
use inkstone_e2e::wire::{Ended, Wire, question, start_daemon};
use inkstone_protocol::{Call, ClientMessage, DaemonMessage, ErrorCode};
use inkstone_test_support::Home;
use inkstone_test_support::eventually;
use std::time::{Duration, Instant};

use crate::sensible::{HARBOUR, Script, assert_sensible};

/// Tries; the machine may hold this process up in one of them.
const TRIES: u64 = 5;
/// Tokens of the older request: far more than can pass before the newer one is seen.
const LONG_TOKENS: u32 = 200;
/// The most tokens of one prefill chunk, by the contract.
const CHUNK_TOKENS: f64 = 64.0;

fn daemon(home: &Home) -> Wire {
    let mut wire = start_daemon(home);
    // Loads the model, so that the tests below meet a daemon at work.
    wire.complete(question("warm", 1, HARBOUR, 1))
        .outcome
        .unwrap();
    wire
}

/// Begins a long suggestion and returns once its text comes.
fn begin_and_see_text(wire: &mut Wire, document: &str) -> inkstone_protocol::RequestId {
    let id = wire.begin(Call::Complete(Box::new(question(
        document,
        1,
        HARBOUR,
        LONG_TOKENS,
    ))));
    loop {
        match wire.next_message() {
            Some(DaemonMessage::Text { .. }) => return id,
            Some(DaemonMessage::Loading { .. }) => {}
            other => panic!("no text came: {other:?}"),
        }
    }
}

fn pieces_after(ended: &Ended, code: ErrorCode) -> usize {
    let error = ended.outcome.as_ref().unwrap_err();
    assert_eq!(error.code, code, "{error}");
    ended.pieces.len()
}

#[test]
fn a_newer_request_ends_an_older_one_within_one_decode_step() {
    let _turn = alone();
    let home = home::english();
    let mut wire = daemon(&home);
    let mut least = usize::MAX;
    for attempt in 0..TRIES {
        let document = format!("document {attempt}");
        let older = begin_and_see_text(&mut wire, &document);
        let newer = question(&document, 2, &format!("{HARBOUR} and"), 4);
        let newer = wire.begin(Call::Complete(Box::new(newer)));
        least = least.min(pieces_after(&wire.end_of(older), ErrorCode::Superseded));
        assert!(!wire.end_of(newer).outcome.unwrap().text.is_empty());
    }
    // One token was on its way when the newer request was sent, one more may have been begun.
    assert!(least <= 2, "{least} more tokens came after a newer request");
}

#[test]
fn a_cancelled_request_ends_within_one_decode_step() {
    let _turn = alone();
    let home = home::english();
    let mut wire = daemon(&home);
    let mut least = usize::MAX;
    for attempt in 0..TRIES {
        let id = begin_and_see_text(&mut wire, &format!("document {attempt}"));
        wire.send(&ClientMessage::Cancel(id));
        least = least.min(pieces_after(&wire.end_of(id), ErrorCode::Cancelled));
    }
    assert!(
        least <= 2,
        "{least} more tokens came after the cancellation"
    );
    let wait = Duration::from_secs(30);
    let at_rest = eventually(wait, "the daemon at rest", || {
        let status = wire.status();
        (status.requests_active == 0 && status.cancelled == TRIES).then_some(status)
    });
    assert_eq!(
        at_rest.completions, 1,
        "only the first request of all was answered"
    );
}

#[test]
fn a_newer_request_ends_an_older_one_within_one_prefill_chunk() {
    let _turn = alone();
    let home = home::english();
    let mut wire = daemon(&home);
    let novel = sentences(120);
    let begin = |wire: &mut Wire, document: &str, version, text: &str| {
        wire.begin(Call::Complete(Box::new(question(
            document, version, text, 1,
        ))))
    };
    // How long the machine takes for a token of a prompt.
    let whole = wire
        .complete(question("measure", 1, &novel, 1))
        .outcome
        .unwrap();
    let chunk_ms = whole.timing.prefill_ms * CHUNK_TOKENS / f64::from(whole.tokens.prefilled);
    assert!(whole.tokens.prefilled > 1_000, "{whole:?}");
    let mut least_ms = f64::INFINITY;
    for attempt in 0..TRIES {
        let document = format!("novel {attempt}");
        let older = begin(
            &mut wire,
            &document,
            1,
            &format!("Chapter {attempt}. {novel}"),
        );
        let mut observer = Wire::greeted(&home.socket());
        eventually(Duration::from_secs(30), "the older request at work", || {
            (observer.status().requests_active > 0).then_some(())
        });
        let sent = Instant::now();
        let newer = begin(&mut wire, &document, 2, HARBOUR);
        pieces_after(&wire.end_of(older), ErrorCode::Superseded);
        least_ms = least_ms.min(sent.elapsed().as_secs_f64() * 1_000.0);
        assert!(wire.end_of(newer).outcome.is_ok());
    }
    // One chunk, and as much again for the two processes to speak with each other.
    assert!(
        least_ms <= 2.0 * chunk_ms,
        "{least_ms} ms where a chunk takes {chunk_ms} ms"
    );
}

#[test]
fn a_key_in_the_editor_ends_the_request_of_the_key_before() {
    let _turn = together();
    let home = home::english();
    let long = sentences(80);
    let mut editor = Editor::open(&home, &at_end(&format!("{long}{HARBOUR}")));
    let older = editor.begin_suggestion();
    editor.type_text(" and");
    let newer = editor.suggestion().unwrap();
    assert_sensible(&newer, Script::Latin);
    // The older one was answered before: with nothing, or with a refusal, never with a stale text.
    assert_eq!(Editor::taken(older).ok().flatten(), None);
}
