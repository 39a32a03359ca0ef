//! What the two processes hold in memory with one long document open.

use super::editor::Editor;
use super::text;
use crate::error::BenchError;
use crate::rss::rss_mb;
use crate::stage::Stage;

/// Tokens of the document; the contract's figure.
const DOCUMENT_TOKENS: usize = 4_000;

/// Resident memory in MiB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    pub(super) lsp_mb: Option<f64>,
    pub(super) daemon_mb: f64,
    /// How much of the document the model read.
    pub(super) prompt_tokens: u32,
}

/// Opens the document, asks at its end, and looks.
pub(super) fn measure(stage: &Stage) -> Result<Memory, BenchError> {
    let editor = Editor::open(stage, "memory.md", &text::document(DOCUMENT_TOKENS))?;
    editor.ask(stage)?;
    let prompt_tokens = editor.cost(stage)?.tokens.prompt;
    let daemon = stage.observer()?.status()?;
    // The same measure for both where the system has one; the daemon's own word elsewhere.
    let daemon_mb = rss_mb(daemon.pid).unwrap_or(daemon.rss_mb);
    let lsp_mb = rss_mb(stage.client()?.pid());
    Ok(Memory {
        lsp_mb,
        daemon_mb,
        prompt_tokens,
    })
}
