//! One spelling for each character: Unicode's form NFC.

use inkstone_prose::characters::is_han;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("unicode_form"),
    version: 1,
    title: "one spelling for each character",
    why: "An e with a combining accent and é look alike and are different tokens. Composed form \
          (NFC), plain ideographs for compatibility ideographs and radicals, letters for the \
          ligatures of old typesetting. Width is not touched (that is `full_width`), nor are ½, \
          ² and ™, which people write.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en("The cafe\u{301} is closed.", "The café is closed."),
        en("The \u{fb01}rst o\u{fb03}ce", "The first office"),
        en("5 k\u{2126} and 300 \u{212a}", "5 kΩ and 300 K"),
        zh("⼀个⼈的\u{f9e8}", "一个人的裡"),
        en_same("½ of 5 m², 中文 and 👨\u{200d}👩\u{200d}👧™"),
        zh_same("\u{ff21}\u{ff22}\u{ff23}\u{ff0c}①②③"),
    ],
    needs: Classes::COMPOSABLE,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    for (at, c) in text.char_indices() {
        if matches!(c, '\u{2F00}'..='\u{2FD5}' | '\u{FB00}'..='\u{FB06}') {
            found.replace(at..at + c.len_utf8(), c.nfkc().collect::<String>());
        }
    }
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return;
    }
    // From one character that nothing composes with to the next.
    let mut start = 0;
    let starts = text
        .char_indices()
        .filter(|(_, c)| c.is_ascii() || matches!(c, '\u{4E00}'..='\u{9FFF}'))
        .map(|(at, _)| at);
    for end in starts.chain([text.len()]) {
        compose(text, start, end, found);
        start = end;
    }
}

fn compose(text: &str, start: usize, end: usize, found: &mut Findings<'_>) {
    let part = &text[start..end];
    if part.is_ascii() || part.chars().all(|c| is_han(c) && c < '\u{F900}') {
        return;
    }
    let composed: String = part.nfc().collect();
    if composed != part {
        found.replace(start..end, composed);
    }
}
