//! Letters of other scripts inside English words and between them, without sense.

use inkstone_prose::characters::{is_han, is_kana};

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same};
use super::words::{Word, is_stop_word, words};
use crate::left_out::Reason;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("garbage_han"),
    version: 2,
    title: "senseless letters of other scripts in English",
    why: "Han characters or Cyrillic letters in the middle of a word, or single letters of several \
          scripts strewn about, are damage or disguise. Whole words of another language stay, in \
          brackets or not.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::Garbage),
    examples: &[
        en_out("The wea鑾ther is ni鐨ce today."),
        en_out("Your P\u{430}yp\u{430}l account was limited."),
        en_out("It is ж a 鎷 good ใ day."),
        en_same("The word 中文 means Chinese, and 爱 (love) has ten strokes."),
        en_same("Привет means hello; α and β are constants, 5 µm and Δt too."),
        en_same("中文, Русский, العربية and עברית are on the list."),
        en_same("We met at the 7-Eleven in 新宿."),
        en_same("Today we用React写the frontend and用Go写the backend of our project."),
    ],
    needs: Classes::HAN.and(Classes::OTHER_LETTER),
    mends_addresses: false,
    apply,
};

/// Single letters of other scripts, and of how many.
const STREWN_MIN: usize = 3;
const STREWN_SCRIPTS_MIN: usize = 2;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    if subject.is_english() && (is_inside_word(subject.text) || is_strewn(subject.text)) {
        found.refuse();
    }
}

/// Other letters in the middle of a word: twice for Han (te的st may be a slip of an input method), once
/// for Cyrillic, which looks like Latin and is put there to deceive.
fn is_inside_word(text: &str) -> bool {
    has_cyrillic_inside(text) || han_inside(text) > 1
}

fn has_cyrillic_inside(text: &str) -> bool {
    let mut before = None;
    let mut is_inside = false;
    for c in text.chars() {
        let script = Script::of(c);
        if script == Some(Script::Cyrillic) {
            is_inside |= before == Some(Script::Latin);
        } else if script == Some(Script::Latin) && is_inside {
            return true;
        } else {
            is_inside = false;
        }
        before = script;
    }
    false
}

/// How many runs of Han part a word. Who writes two languages without spaces has whole words on both
/// sides (`we用React写the`): a little one, and beside it a name or a longer one.
fn han_inside(text: &str) -> usize {
    let mut count = 0;
    let mut before: Option<Word<'_>> = None;
    for word in words(text) {
        if let Some(first) = before {
            let between = &text[first.end()..word.start];
            let parts_letters = first.text.ends_with(|c: char| c.is_ascii_lowercase())
                && word.text.starts_with(|c: char| c.is_ascii_alphabetic())
                && !between.is_empty()
                && between.chars().all(is_han);
            let is_whole = |word: &Word<'_>| {
                is_stop_word(word.text)
                    || word.text.len() >= WHOLE_WORD_BYTES_MIN
                    || word.text.starts_with(|c: char| c.is_ascii_uppercase())
            };
            let are_words = is_stop_word(first.text) && is_whole(&word)
                || is_stop_word(word.text) && is_whole(&first);
            count += usize::from(parts_letters && !are_words);
        }
        before = Some(word);
    }
    count
}

/// Halves of broken words are mostly shorter.
const WHOLE_WORD_BYTES_MIN: usize = 4;

fn is_strewn(text: &str) -> bool {
    let mut singles: Vec<Script> = text
        .split_whitespace()
        .filter_map(|word| {
            let mut chars = word.chars();
            let first = chars.next()?;
            let is_single = chars.next().is_none();
            Script::of(first)
                .filter(|script| is_single && !matches!(script, Script::Latin | Script::Greek))
        })
        .collect();
    let n = singles.len();
    singles.sort_unstable();
    singles.dedup();
    n >= STREWN_MIN && singles.len() >= STREWN_SCRIPTS_MIN
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    Hangul,
    Kana,
    Han,
}

impl Script {
    fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z' | 'A'..='Z' => Self::Latin,
            '\u{370}'..='\u{3FF}' => Self::Greek,
            '\u{400}'..='\u{52F}' => Self::Cyrillic,
            '\u{590}'..='\u{5FF}' => Self::Hebrew,
            '\u{600}'..='\u{6FF}' => Self::Arabic,
            '\u{900}'..='\u{DFF}' => Self::Indic,
            '\u{E00}'..='\u{E7F}' => Self::Thai,
            '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}' => Self::Hangul,
            _ if is_kana(c) => Self::Kana,
            _ if is_han(c) => Self::Han,
            _ => return None,
        })
    }
}
