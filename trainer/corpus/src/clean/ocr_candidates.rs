//! Words that a scanner may have misread.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_flag, en_same, zh_flag, zh_same};
use super::words::{char_at, char_before, words};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("ocr_candidates"),
    version: 1,
    title: "misread characters",
    why: "0 for o, 1 for l, vv for w, 己 for 已: pointed out only, since nobody but the writer \
          knows.",
    default_on: true,
    kind: Kind::Flag,
    examples: &[
        en_flag("He had a c0mputer in the ki1chen."),
        en_flag("It was a vvonderful day, and tliat was all."),
        zh_flag("他己经走了。"),
        zh_flag("末来的日子还长。"),
        en_same("Use sha1sum, i18n, k8s, log1p, v1beta1 and utf8mb4."),
        zh_same("自己经历过的事\u{ff0c}知己经常来。"),
        en_same("A savvy skivvy revved the engine."),
        zh_same("周末来北京\u{ff0c}期末来了。"),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if subject.is_english() {
        for word in words(text) {
            let before = char_before(text, word.start);
            let after = char_at(text, word.end());
            let is_free = |c: Option<char>| {
                c.is_none_or(|c| {
                    c.is_whitespace() || matches!(c, ',' | '.' | '"' | '“' | '”' | ';' | '!' | '?')
                })
            };
            if is_misread(word.text) && is_free(before) && is_free(after) {
                found.mark(word.start..word.end());
            }
        }
    } else if subject.is_chinese() {
        for wrong in AUTOMATON.find_iter(text) {
            let (_, not_after) = CHINESE[wrong.pattern().as_usize()];
            if !char_before(text, wrong.start()).is_some_and(|c| not_after.contains(c)) {
                found.mark(wrong.range());
            }
        }
    }
}

static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // proof: the words are constants, far below the automaton's limits.
    #[allow(clippy::expect_used, reason = "constant words")]
    AhoCorasick::new(CHINESE.iter().map(|(wrong, _)| wrong)).expect("constant words")
});

/// Words, and characters before which they are something else.
const CHINESE: &[(&str, &str)] = &[
    ("己经", "自知异律克利体舍"),
    ("巳经", ""),
    ("末来", "周期月年季世岁学"),
    ("人囗", ""),
    ("囗", ""),
    ("入民", "收并归加进深纳列出融"),
    ("士壤", ""),
    ("曰期", ""),
    ("曰子", ""),
    ("千部", "上几数两三"),
];

fn is_misread(word: &str) -> bool {
    let bytes = word.as_bytes();
    if bytes.len() < 4 || !word.is_ascii() || KNOWN.contains(&word) {
        return false;
    }
    let lower = word.to_ascii_lowercase();
    has_digit_inside(bytes)
        || lower.starts_with("vv")
        || [
            "tliat", "tlie", "wliich", "wbich", "witb", "tbat", "tbis", "liave", "tbey", "wben",
        ]
        .contains(&lower.as_str())
}

const KNOWN: &[&str] = &["sha1sum", "sha0", "log1p", "expm1f"];

/// One 0 or 1 in the middle of a word of small letters.
fn has_digit_inside(bytes: &[u8]) -> bool {
    let Some(at) = bytes.iter().position(u8::is_ascii_digit) else {
        return false;
    };
    let is_small = |part: &[u8]| part.iter().all(u8::is_ascii_lowercase);
    matches!(bytes[at], b'0' | b'1')
        && at >= 1
        && bytes.len() - at > 3
        && is_small(&bytes[1..at])
        && bytes[0].is_ascii_alphabetic()
        && is_small(&bytes[at + 1..])
}
