//! Typing into a document that the daemon knows, key by key, beside plain llama.cpp.
//!
//! After each key that the daemon answered, `raw-decode` reads the same text up to the caret, with
//! its own cache of the beginning, and decodes as many tokens: the two take turns, so that a machine
//! that grows slower does so for both. What the daemon counted is that of the key's own answer, as
//! the language server hands it on: asked again, the daemon would find the text in its cache.

use super::cold::FirstAsk;
use super::editor::{Editor, Source};
use super::raw::{RawDecoder, RawStep};
use super::text::TYPED;
use crate::error::BenchError;
use crate::stage::Stage;
use crate::typist::Cost;

/// The fewest keys on which percentiles are worth reporting.
const STEPS_MIN: usize = 20;
/// How far the prompts may differ in length: the daemon may leave the last token open.
const PROMPT_TOKENS_TOLERANCE: u32 = 4;
/// Keys between two words of progress.
const PROGRESS_KEYS: usize = 20;

/// One key that the daemon answered, and its counterpart.
#[derive(Debug, Clone)]
pub(super) struct WarmStep {
    /// From the key to the suggestion, as the editor sees it.
    pub(super) suggestion_ms: f64,
    /// What the daemon counts of it.
    pub(super) cost: Cost,
    pub(super) raw: RawStep,
    /// Whether plain decoding wrote the same.
    pub(super) is_same_text: bool,
}

/// All keys.
#[derive(Debug, Clone)]
pub(super) struct Warm {
    pub(super) steps: Vec<WarmStep>,
    /// What plain llama.cpp took for the first reading of the document.
    pub(super) raw_cold: RawStep,
    /// Keys that needed no answer of the daemon: typed as suggested, or silent by policy.
    pub(super) keys_without_daemon: usize,
    /// Keys after which the daemon and plain decoding did not come to the same number of tokens.
    pub(super) keys_not_comparable: usize,
}

/// Types the paragraph's continuation.
pub(super) fn measure(
    stage: &Stage,
    editor: &mut Editor,
    raw: &mut RawDecoder,
    first: &FirstAsk,
    progress: &mut dyn FnMut(&str),
) -> Result<Warm, BenchError> {
    let raw_cold = raw.decode(editor.text(), first.cost.tokens.decoded)?;
    let ours = first.cost.tokens.prompt;
    if ours.abs_diff(raw_cold.tokens_prefilled) > PROMPT_TOKENS_TOLERANCE {
        return Err(BenchError::PromptsDiffer {
            ours,
            raw: raw_cold.tokens_prefilled,
        });
    }
    let mut warm = Warm {
        steps: Vec::new(),
        raw_cold,
        keys_without_daemon: 0,
        keys_not_comparable: 0,
    };
    for (index, key) in TYPED.chars().enumerate() {
        if index > 0 && index % PROGRESS_KEYS == 0 {
            progress(&format!("typed {index} of {} keys", TYPED.len()));
        }
        let asked = editor.key(stage, key)?;
        let Source::Daemon(cost) = editor.source(stage)? else {
            warm.keys_without_daemon += 1;
            continue;
        };
        // The daemon holds spaces before the caret back, so that the model can begin a word.
        let prompt = editor.text().trim_end();
        let raw = raw.decode(prompt, cost.tokens.decoded)?;
        if raw.tokens_decoded != cost.tokens.decoded {
            warm.keys_not_comparable += 1;
            continue;
        }
        let suggestion = asked.suggestion.unwrap_or_default();
        let is_same_text = raw.text.trim_start().starts_with(suggestion.trim());
        warm.steps.push(WarmStep {
            suggestion_ms: asked.elapsed_ms,
            cost,
            raw,
            is_same_text,
        });
    }
    if warm.steps.len() < STEPS_MIN {
        let what = format!("only {} keys were answered by the daemon", warm.steps.len());
        return Err(BenchError::TooFew { what });
    }
    Ok(warm)
}
