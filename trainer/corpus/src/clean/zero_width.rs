//! Characters without width go, where no script and no emoji needs them.

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, other_same, zh, zh_same};
use super::words::{char_at, char_before};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("zero_width"),
    version: 1,
    title: "characters without width",
    why: "Byte order marks, soft hyphens, joiners and direction marks come along with copied text \
          and split words for a tokenizer. Joiners inside emoji, those that Persian and the \
          scripts of India need, and direction marks of right-to-left text stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en("\u{feff}The be\u{ad}gin\u{ad}ning.", "The beginning."),
        en("zero\u{200b}width\u{2060} space", "zerowidth space"),
        zh("今天\u{200b}天气\u{200d}很好", "今天天气很好"),
        zh("你好\u{200e}世界", "你好世界"),
        en_same("A family 👨\u{200d}👩\u{200d}👧 and ❤\u{fe0f}\u{200d}🔥"),
        zh_same("🏳\u{fe0f}\u{200d}🌈很好看"),
        other_same("می\u{200c}خواهم"),
        other_same("क\u{94d}\u{200d}ष"),
        other_same("\u{200f}שלום\u{200f}"),
    ],
    needs: Classes::ZERO_WIDTH,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    let has_rtl = text.chars().any(is_right_to_left);
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let goes = match c {
            '\u{200B}' | '\u{FEFF}' | '\u{2060}' | '\u{AD}' => true,
            '\u{200C}' => !joins_letters(text, at, end),
            '\u{200D}' => !joins_letters(text, at, end) && !joins_emoji(text, at, end),
            '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => !has_rtl,
            _ => false,
        };
        if goes {
            found.remove(at..end);
        }
    }
}

fn joins_letters(text: &str, start: usize, end: usize) -> bool {
    char_before(text, start).is_some_and(needs_joiners)
        && char_at(text, end).is_none_or(|c| needs_joiners(c) || c.is_whitespace())
}

fn joins_emoji(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start]
        .chars()
        .rev()
        .find(|c| !matches!(c, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}'));
    before.is_some_and(is_pictograph) && char_at(text, end).is_some_and(is_pictograph)
}

const fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Arabic, Syriac, and the scripts of India and its neighbours.
const fn needs_joiners(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{8FF}' | '\u{900}'..='\u{DFF}' | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}
