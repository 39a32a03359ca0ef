//! How soon the daemon stops working on what nobody wants any more.
//!
//! Measured until the daemon reports that nothing runs, not until the language server answers:
//! the answer to a cancelled request is easy, the freed processor is what counts.

use super::editor::Editor;
use crate::error::BenchError;
use crate::lsp_client::requests::InlineTrigger;
use crate::observer::Observer;
use crate::stage::Stage;

/// Requests to cancel.
const CANCELS: u32 = 10;
/// Attempts for them: one may be over before it is seen running.
const ATTEMPTS_MAX: u32 = 40;
/// Typed at the document's start, so that the whole of it must be read again: a second of work.
const PREPENDED: &str = "Well. ";

/// Milliseconds from `$/cancelRequest` to an idle daemon, of each request.
pub(super) fn measure(
    stage: &Stage,
    observer: &Observer,
    editor: &mut Editor,
) -> Result<Vec<f64>, BenchError> {
    let mut measured = Vec::new();
    for _ in 0..ATTEMPTS_MAX {
        if let Some(cancel_ms) = cancel_one(stage, observer, editor)? {
            measured.push(cancel_ms);
        }
        if measured.len() >= CANCELS as usize {
            return Ok(measured);
        }
    }
    if measured.is_empty() {
        return Err(BenchError::NeverRunning {
            attempts: ATTEMPTS_MAX,
        });
    }
    Ok(measured)
}

/// None when the request was over before it was seen running.
fn cancel_one(
    stage: &Stage,
    observer: &Observer,
    editor: &mut Editor,
) -> Result<Option<f64>, BenchError> {
    editor.paste_at_start(stage, PREPENDED)?;
    let client = stage.client()?;
    let pending = client.begin_inline(editor.uri(), editor.caret(), InlineTrigger::Invoked)?;
    observer.idle_after(|| Ok(client.cancel(&pending)?))
}
