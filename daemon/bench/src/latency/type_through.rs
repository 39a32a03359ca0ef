//! Typing what a suggestion says: answered by the language server alone.

use super::editor::{Editor, Source};
use crate::error::BenchError;
use crate::stage::Stage;

/// Keys to measure.
const KEYS_WANTED: usize = 60;
/// Suggestions to try for them: each is good for some dozens of keys.
const SUGGESTIONS_MAX: usize = 12;
/// Typed between two suggestions, so that the next one is another.
const BETWEEN: &str = ", and then the people of the village";

/// Microseconds of each key, as the editor sees it.
#[derive(Debug, Clone)]
pub(super) struct TypeThrough {
    pub(super) keys_us: Vec<f64>,
    /// Whether the daemon was asked meanwhile: no, if all is well.
    pub(super) asked_daemon: bool,
}

/// Types suggestions until there are enough keys.
pub(super) fn measure(stage: &Stage, editor: &mut Editor) -> Result<TypeThrough, BenchError> {
    let mut measured = TypeThrough {
        keys_us: Vec::new(),
        asked_daemon: false,
    };
    for _ in 0..SUGGESTIONS_MAX {
        let Some(suggestion) = editor.ask(stage)?.suggestion else {
            editor.paste(stage, BETWEEN)?;
            continue;
        };
        type_all_but_last(stage, editor, &suggestion, &mut measured)?;
        if measured.keys_us.len() >= KEYS_WANTED {
            return Ok(measured);
        }
        editor.paste(stage, BETWEEN)?;
    }
    if measured.keys_us.is_empty() {
        let what = "no suggestion was long enough to be typed".to_owned();
        return Err(BenchError::TooFew { what });
    }
    Ok(measured)
}

/// The last key would leave nothing of the suggestion, so the daemon would rightly be asked.
fn type_all_but_last(
    stage: &Stage,
    editor: &mut Editor,
    suggestion: &str,
    measured: &mut TypeThrough,
) -> Result<(), BenchError> {
    // Columns are counted in bytes here, and a line break would end what is shown as one line.
    let typed = suggestion
        .chars()
        .take_while(|key| key.is_ascii() && !key.is_ascii_control());
    let typed: Vec<char> = typed.collect();
    let keys = typed
        .len()
        .min(suggestion.chars().count().saturating_sub(1));
    for key in &typed[..keys] {
        measured
            .keys_us
            .push(editor.key(stage, *key)?.elapsed_ms * 1_000.0);
        measured.asked_daemon |= editor.source(stage)? != Source::EarlierSuggestion;
    }
    Ok(())
}
