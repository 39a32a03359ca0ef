//! Moves good messages from the editor to the library, repairs what can be, reports the rest.
//!
//! Not a parser of methods: any JSON-RPC message goes on as its bytes came. Started by `serve`;
//! ends when the editor closes its side.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tower_lsp_server::jsonrpc::{Request, Response};

use crate::event::Event;
use crate::intake::frames::{FrameProblem, FrameReader, framed};
use crate::intake::gate::UNREADABLE_METHOD;
use crate::intake::surrogates::repair_lone_surrogates;

/// How much is read at once.
const READ_BYTES: usize = 16 * 1024;

/// Runs until the editor's side ends, or the library's side no longer reads.
pub(crate) async fn pump(
    mut editor: impl AsyncRead + Unpin,
    mut library: impl AsyncWrite + Unpin,
    events: mpsc::Sender<Event>,
) {
    let mut reader = FrameReader::default();
    let mut piece = vec![0; READ_BYTES];
    'read: loop {
        let count = match editor.read(&mut piece).await {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) => {
                tracing::warn!(%error, "cannot read from the editor; ending");
                break;
            }
        };
        reader.push(&piece[..count]);
        while let Some(frame) = reader.next_frame() {
            let body = frame.and_then(checked_body);
            let body = body.unwrap_or_else(|problem| unreadable_body(&problem));
            // After `exit` the library reads no more.
            if !body.is_empty() && library.write_all(&framed(&body)).await.is_err() {
                break 'read;
            }
        }
    }
    // The loop may have ended first, at `exit`; then nobody needs to know.
    let _ = events.send(Event::InputClosed).await;
}

/// Stands for a message that cannot be read, in its place among the others: the documents opened
/// before it are affected, those opened after it are not.
fn unreadable_body(problem: &FrameProblem) -> Vec<u8> {
    let params = serde_json::json!({ "problem": problem.to_string() });
    let stand_in = Request::build(UNREADABLE_METHOD).params(params).finish();
    // A notification of strings; were it not to serialize, nothing would be sent.
    serde_json::to_vec(&stand_in).unwrap_or_default()
}

/// The body, repaired, if the library will be able to read it.
pub(crate) fn checked_body(mut body: Vec<u8>) -> Result<Vec<u8>, FrameProblem> {
    if body.is_empty() {
        return Ok(body);
    }
    if std::str::from_utf8(&body).is_err() {
        return Err(FrameProblem::NotJson("it is not UTF-8".into()));
    }
    let repaired = repair_lone_surrogates(&mut body);
    if repaired > 0 {
        tracing::debug!(repaired, "half characters replaced");
    }
    if serde_json::from_slice::<Request>(&body).is_ok()
        || serde_json::from_slice::<Response>(&body).is_ok()
    {
        return Ok(body);
    }
    match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(_) => Err(FrameProblem::NotJsonRpc),
        // serde_json names a line and a column, never the text.
        Err(error) => Err(FrameProblem::NotJson(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_notifications_and_responses_pass_unchanged() {
        for body in [
            r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":"a","method":"shutdown"}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}"#,
        ] {
            assert_eq!(checked_body(body.into()), Ok(body.into()));
        }
    }

    #[test]
    fn a_split_character_is_repaired_and_passes() {
        let body = br#"{"jsonrpc":"2.0","method":"x","params":["\ud83d"]}"#;
        let repaired = br#"{"jsonrpc":"2.0","method":"x","params":["\ufffd"]}"#;
        assert_eq!(checked_body(body.to_vec()), Ok(repaired.to_vec()));
    }

    #[test]
    fn what_the_library_cannot_read_is_named() {
        assert!(matches!(
            checked_body(b"{".to_vec()),
            Err(FrameProblem::NotJson(_))
        ));
        assert!(matches!(
            checked_body(vec![b'"', 0xff, b'"']),
            Err(FrameProblem::NotJson(_))
        ));
        assert_eq!(
            checked_body(b"[1,2]".to_vec()),
            Err(FrameProblem::NotJsonRpc)
        );
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        assert!(matches!(
            checked_body(deep.into()),
            Err(FrameProblem::NotJson(_))
        ));
    }
}
