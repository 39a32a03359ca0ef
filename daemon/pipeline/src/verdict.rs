//! Offers a suggestion or drops it, with the reason.
//!
//! Not the model's confidence, which is not known here. The daemon's last step before it answers;
//! the reason goes to its trace and to `inkstone logs --why`.

use inkstone_prose::Language;
use inkstone_prose::characters::{is_han, is_kana, is_latin, is_word_joiner};

use crate::repetition::is_loop;
use crate::trim::{Surroundings, trim};
use crate::written::Written;

/// What becomes of a generated text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Insert this at the caret.
    Offer(String),
    /// Show nothing.
    Drop(DropReason),
}

/// Why a generated text is not offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// There is no text, or only space.
    Empty,
    /// It says what follows the caret.
    RepeatsFollowing,
    /// It says a line or sentence again that stands before the caret.
    RepeatsPreceding,
    /// It goes round in circles.
    Loop,
    /// It is not in the language of the text around the caret.
    WrongScript,
    /// It has no letter and no digit.
    OnlyPunctuation,
    /// It has characters that belong in no text, or the markers of a model's own format.
    InvalidText,
    /// It goes on with a word that the writer has ended with a space.
    BreaksWord,
    /// It begins with the end of a quotation or bracket that is not open.
    UnbalancedMarks,
    /// It refers to something that the document does not hold.
    InventedReference,
    /// It is a heading that the document has already.
    RepeatsHeading,
}

impl DropReason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::Empty,
        Self::RepeatsFollowing,
        Self::RepeatsPreceding,
        Self::Loop,
        Self::WrongScript,
        Self::OnlyPunctuation,
        Self::InvalidText,
        Self::BreaksWord,
        Self::UnbalancedMarks,
        Self::InventedReference,
        Self::RepeatsHeading,
    ];

    /// A short stable name for logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::RepeatsFollowing => "repeats_following",
            Self::RepeatsPreceding => "repeats_preceding",
            Self::Loop => "loop",
            Self::WrongScript => "wrong_script",
            Self::OnlyPunctuation => "only_punctuation",
            Self::InvalidText => "invalid_text",
            Self::BreaksWord => "breaks_word",
            Self::UnbalancedMarks => "unbalanced_marks",
            Self::InventedReference => "invented_reference",
            Self::RepeatsHeading => "repeats_heading",
        }
    }
}

/// How models mark turns and ends in their training text. A document about models may hold them;
/// any other has no use for them.
const MODEL_MARKERS: [&str; 9] = [
    "<|",
    "|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<bos>",
    "<eos>",
    "</s>",
    "[INST]",
    "[/INST]",
];

/// So many words of another script are not a name or a quotation.
const FOREIGN_WORDS_MAX: usize = 4;

/// Judges a generated text, and fits it to the caret on the way.
pub fn judge<'a>(
    generated: impl Into<Written<'a>>,
    around: &Surroundings<'_>,
    language: Language,
) -> Verdict {
    let generated = generated.into();
    if is_invalid(generated.text, around.prefix) {
        return Verdict::Drop(DropReason::InvalidText);
    }
    let text = match trim(generated, around) {
        Ok(text) => text,
        Err(reason) => return Verdict::Drop(reason),
    };
    if !text.chars().any(char::is_alphanumeric) {
        return Verdict::Drop(DropReason::OnlyPunctuation);
    }
    if is_loop(&text) {
        return Verdict::Drop(DropReason::Loop);
    }
    if is_wrong_script(&text, language) {
        return Verdict::Drop(DropReason::WrongScript);
    }
    Verdict::Offer(text)
}

fn is_invalid(text: &str, prefix: &str) -> bool {
    let invalid = |c: char| match c {
        '\n' | '\r' | '\t' => false,
        // Private use, and what stands for a character that could not be decoded.
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. | '\u{FFF9}'..='\u{FFFF}' => true,
        c => c.is_control(),
    };
    let marked = |marker: &str| text.contains(marker) && !prefix.contains(marker);
    text.chars().any(invalid) || MODEL_MARKERS.into_iter().any(marked)
}

fn is_wrong_script(text: &str, language: Language) -> bool {
    let han = text.chars().filter(|&c| is_han(c)).count();
    let kana = text.chars().filter(|&c| is_kana(c)).count();
    let words = text
        .split(|c: char| !is_latin(c) && !is_word_joiner(c))
        .filter(|word| word.contains(is_latin))
        .count();
    let known = |c: &char| is_han(*c) || is_kana(*c) || is_latin(*c) || !c.is_alphabetic();
    let other = text.chars().filter(|c| !known(c)).count();
    // Letters of an alphabet make words of about five.
    let foreign = kana + other / 5;
    match language {
        Language::English => han + foreign > words.max(FOREIGN_WORDS_MAX / 2),
        Language::Chinese => foreign > han / 4 + 1 || (han == 0 && words >= FOREIGN_WORDS_MAX),
        Language::Other => false,
    }
}
