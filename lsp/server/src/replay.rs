//! Any bytes as an editor's messages, applied to a session without input or output.
//!
//! Not the server: nothing is sent, started or read. The entry for fuzzing and for the replay of
//! its corpus; panics are findings, and so is a request that nobody answers.

use std::time::Duration;

use inkstone_protocol::{CompleteReply, Timing, TokenUse};
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;
use tower_lsp_server::jsonrpc::Request;
use tower_lsp_server::ls_types as lsp;

use crate::event::{Answered, Event};
use crate::intake::frames::FrameReader;
use crate::intake::gate::malformed_sync;
use crate::intake::pump::checked_body;
use crate::session::Session;
use crate::session::effect::Effect;
use crate::wire::document_text::DOCUMENT_TEXT_METHOD;
use crate::wire::editor_state::EDITOR_STATE_METHOD;
use inkstone_text::PositionEncoding;

/// Time between two messages: a writer who types fast.
const KEY_EVERY: Duration = Duration::from_millis(60);

/// Messages taken of one input; more would only make a fuzzer slow.
const MESSAGES_MAX: usize = 256;

/// Applies `bytes` to a fresh session: framed messages, or bodies one a line. The first byte's
/// value chooses the position encoding.
pub fn run(bytes: &[u8]) {
    let mut session = Session::new([0; 16], None);
    let encodings = PositionEncoding::PREFERRED;
    let choice = usize::from(bytes.first().copied().unwrap_or_default());
    session.features.encoding = encodings[choice % encodings.len()];

    let mut reader = FrameReader::default();
    reader.push(bytes);
    let framed = std::iter::from_fn(|| reader.next_frame());
    let lines = bytes
        .split(|&byte| byte == b'\n')
        .map(|line| Ok(line.to_vec()));
    for body in framed.chain(lines).take(MESSAGES_MAX) {
        match body.and_then(checked_body) {
            Ok(body) => {
                if let Ok(request) = serde_json::from_slice::<Request>(&body) {
                    take(&mut session, request);
                }
            }
            Err(problem) => turn(&mut session, Event::Unreadable(problem.to_string())),
        }
    }
}

/// One message, as gate, library and mailbox would pass it on.
fn take(session: &mut Session, request: Request) {
    if let Some(malformed) = malformed_sync(&request) {
        return turn(session, Event::Malformed(malformed));
    }
    match request.method() {
        "initialize" => asked(session, request, |params, reply| {
            Event::Initialize(Box::new(params), reply)
        }),
        "shutdown" => asked(session, request, |(), reply| Event::Shutdown(reply)),
        "textDocument/inlineCompletion" => {
            asked(session, request, |params, reply| {
                Event::InlineCompletion(Box::new(params), reply)
            });
        }
        "textDocument/completion" => {
            asked(session, request, |params, reply| {
                Event::Completion(Box::new(params), reply)
            });
        }
        "workspace/executeCommand" => asked(session, request, Event::ExecuteCommand),
        DOCUMENT_TEXT_METHOD => asked(session, request, Event::DocumentText),
        "initialized" => told(session, request, |_: lsp::InitializedParams, ack| {
            Event::Initialized(ack)
        }),
        "textDocument/didOpen" => told(session, request, Event::DidOpen),
        "textDocument/didChange" => told(session, request, Event::DidChange),
        "textDocument/didSave" => told(session, request, Event::DidSave),
        "textDocument/didClose" => told(session, request, Event::DidClose),
        EDITOR_STATE_METHOD => told(session, request, Event::EditorState),
        "workspace/didChangeConfiguration" => told(session, request, Event::DidChangeConfiguration),
        _ => {}
    }
}

fn asked<P: DeserializeOwned, T>(
    session: &mut Session,
    request: Request,
    event: impl FnOnce(P, crate::event::Reply<T>) -> Event,
) {
    let (_, _, params) = request.into_parts();
    let Ok(params) = serde_json::from_value(params.unwrap_or_default()) else {
        return;
    };
    let (reply, mut answer) = oneshot::channel();
    turn(session, event(params, reply));
    assert!(
        answer.try_recv().is_ok(),
        "a request was left without an answer"
    );
}

fn told<P: DeserializeOwned>(
    session: &mut Session,
    request: Request,
    event: impl FnOnce(P, crate::event::Ack) -> Event,
) {
    let (_, _, params) = request.into_parts();
    let Ok(params) = serde_json::from_value(params.unwrap_or_default()) else {
        return;
    };
    let (ack, mut done) = oneshot::channel();
    turn(session, event(params, ack));
    assert!(
        done.try_recv().is_ok(),
        "a notification was left without its end"
    );
}

/// Takes a turn and answers each question to the daemon at once, with the text it was asked about.
fn turn(session: &mut Session, event: Event) {
    let now = session.now + KEY_EVERY;
    for effect in session.turn(event, now) {
        if let Effect::Ask(ask, _) = effect {
            let reply = CompleteReply {
                text: format!(" 继续 {}", ask.params.suffix),
                word_ends: Vec::new(),
                alternatives: Vec::new(),
                silence: None,
                finish: None,
                model: None,
                adapter: None,
                notice: None,
                mean_logprob: None,
                confidence: None,
                timing: Timing::default(),
                tokens: TokenUse::default(),
            };
            let answered = Answered {
                ask: *ask,
                outcome: Ok(reply),
            };
            // An answer asks nothing, so this does not recurse.
            drop(session.turn(Event::Answered(Box::new(answered)), now));
        }
    }
}
