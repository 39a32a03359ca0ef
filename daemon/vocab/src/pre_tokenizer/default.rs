//! The rules for models that name none: four patterns, each inside the words of the one before:
//! `[\p{P}\$\+<=>\^~\|]+`, GPT-2's words, `\p{N}+`, `[0-9][0-9][0-9]`.

use super::classes::CharClass;
use super::gpt2;
use super::scan::{CharAt, Chars, run_end};

/// Where each word ends, in characters.
pub(super) fn word_ends(chars: &Chars) -> Vec<usize> {
    let ends = chars.split(&[chars.len()], |chars, start| run_of(chars, start, is_sign));
    let ends = chars.split(&ends, gpt2::word_end);
    let ends = chars.split(&ends, |chars, start| {
        run_of(chars, start, |at| at.class == CharClass::Number)
    });
    chars.split(&ends, three_digits_end)
}

/// The run of those that `belongs` or of those that do not, whichever begins at `start`.
fn run_of(chars: &[CharAt], start: usize, belongs: impl Fn(&CharAt) -> bool) -> usize {
    let kind = belongs(&chars[start]);
    run_end(chars, start, |at| belongs(at) == kind)
}

fn is_sign(at: &CharAt) -> bool {
    at.class == CharClass::Punctuation
        || matches!(at.character, '$' | '+' | '<' | '=' | '>' | '^' | '~' | '|')
}

/// Three ASCII digits alone; what comes before the next three together.
fn three_digits_end(chars: &[CharAt], start: usize) -> usize {
    let is_three = |window: &[CharAt]| window.iter().all(|at| at.character.is_ascii_digit());
    match chars[start..].windows(3).position(is_three) {
        Some(0) => start + 3,
        Some(before) => start + before,
        None => chars.len(),
    }
}
