//! Letters and digits of full width where half was meant.

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("full_width"),
    version: 1,
    title: "letters and digits of full width",
    why: "Input methods left in full width write ２０２４ and ｉＰｈｏｎｅ. Runs of two and more become \
          half width; a single one (Ｓ门, 阿Ｑ) is typography and stays, as does punctuation.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        zh("我在２０２４年买了ｉＰｈｏｎｅ。", "我在2024年买了iPhone。"),
        en("Ｐｌｅａｓｅ read this", "Please read this"),
        en("Version Ａ is out", "Version A is out"),
        zh_same("车夫拉到Ｓ门去\u{ff0c}阿Ｑ也去\u{ff01}"),
        zh_same("你好\u{ff0c}世界\u{ff08}真的\u{ff09}"),
        en_same("Plain ASCII, 100%"),
    ],
    needs: Classes::FULL_WIDTH,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    // One digit alone beside longer numbers (2024年１月) is one of them.
    let has_numbers = text
        .as_bytes()
        .windows(6)
        .any(|pair| is_full_digit(&pair[..3]) && is_full_digit(&pair[3..]));
    let mut at = 0;
    while let Some(offset) = text[at..].find(is_full) {
        let start = at + offset;
        let rest = &text[start..];
        let len = rest.find(|c| !is_full(c)).unwrap_or(rest.len());
        let run = &rest[..len];
        at = start + len;
        let is_number = has_numbers && is_full_digit(run.as_bytes());
        if subject.is_english() || is_number || run.chars().nth(1).is_some() {
            found.replace(start..at, run.chars().map(half).collect::<String>());
        }
    }
}

fn is_full(c: char) -> bool {
    matches!(c, '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}')
}

/// U+FF10 to U+FF19 in UTF-8.
const fn is_full_digit(bytes: &[u8]) -> bool {
    matches!(bytes, [0xEF, 0xBC, 0x90..=0x99])
}

fn half(c: char) -> char {
    char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
}
