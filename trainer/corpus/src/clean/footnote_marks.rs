//! References to notes that did not come along: `[12]` after a sentence, ⑴ after a word.

use std::sync::LazyLock;

use inkstone_prose::characters::{is_cjk_punctuation, is_han};
use regex::Regex;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};
use super::words::{char_at, char_before};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("footnote_marks"),
    version: 2,
    title: "marks of footnotes",
    why: "Copied encyclopaedia text keeps `[3]` and `[citation needed]`, and old books ⑴: they \
          point at nothing. Citations that are part of a sentence (`as [3] shows`), indices of \
          arrays and numbered lists stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "The bridge was built in 1932.[3][4] It still stands,[5] rusty.[citation needed]",
            "The bridge was built in 1932. It still stands, rusty.",
        ),
        zh(
            "大桥建于1932年[3]\u{ff0c}至今仍在使用。[4][来源请求]",
            "大桥建于1932年\u{ff0c}至今仍在使用。",
        ),
        zh(
            "他教我描红纸⑵上的字〔３〕\u{ff0c}和“国粹”⑶。",
            "他教我描红纸上的字\u{ff0c}和“国粹”。",
        ),
        zh(
            "谁都知道这是姜太公〔11〕的声音\u{ff0c}岂敢不听。〔12〕",
            "谁都知道这是姜太公的声音\u{ff0c}岂敢不听。",
        ),
        zh(
            "一件小事⑴\n这是他说的话⑵\u{ff0c}没有错。⑶",
            "一件小事\n这是他说的话\u{ff0c}没有错。",
        ),
        en("It was over.¹² He left.", "It was over. He left."),
        en_same("As [3] and [4] show, this is known [5]."),
        en_same("Take items[0] and rows[12] from the list."),
        zh_same("步骤如下\u{ff1a}⑴准备\u{ff1b}⑵搅拌"),
        en_same("An area of 5 m² or 10³ people."),
        zh_same("如文献 [3] 所述\u{ff0c}结果见 [4]。"),
        en_same("see the notes.[NOTE]"),
    ],
    needs: Classes::BRACKET
        .and(Classes::SMALL_DIGIT)
        .and(Classes::FULL_WIDTH),
    mends_addresses: false,
    apply,
};

static MARK: LazyLock<Regex> = LazyLock::new(|| {
    // proof: the pattern is a constant, and compiled by the examples.
    #[allow(clippy::expect_used, reason = "a constant pattern")]
    Regex::new(
        r"(?:\[(?:[1-9][0-9]{0,2}(?:[-–,，][0-9]{1,3})?|注\s?[0-9]{1,3}|note [0-9]{1,3})\])+|\[(?:citation needed|clarification needed|来源请求|來源請求|编辑|需要引用)\]|〔[0-9０-９]{1,3}〕|[\u{2474}-\u{2487}]|[¹²³\u{2070}\u{2074}-\u{2079}]{1,3}",
    )
    .expect("a constant pattern")
});

/// `as [3] shows`, `见 [4]`: here brackets are how the writer cites.
static CITES: LazyLock<Regex> = LazyLock::new(|| {
    // proof: the pattern is a constant, and compiled by the examples.
    #[allow(clippy::expect_used, reason = "a constant pattern")]
    Regex::new(
        r"(?:\b(?:in|as|see|by|of|and|from|to|than|ref\.?|refs\.?)|文献|参见|见|如)\s*\[[0-9]",
    )
    .expect("a constant pattern")
});

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if CITES.is_match(text) {
        return;
    }
    let small = small_marks(text);
    for mark in MARK.find_iter(text) {
        let before = char_before(text, mark.start());
        let after = char_at(text, mark.end());
        let goes = match mark.as_str().chars().next() {
            Some('[') if mark.as_str().contains(|c: char| c.is_ascii_digit()) => {
                follows_text(before) && ends_word(after)
            }
            Some('[') => before.is_some(),
            Some('〔') => before.is_some_and(ends_text),
            Some('\u{2474}'..='\u{2487}') => {
                before.is_some_and(ends_text)
                    && (small == SmallMarks::Notes || ends_clause(after))
                    && small != SmallMarks::Items
            }
            _ => before.is_some_and(ends_sentence) && after.is_none_or(char::is_whitespace),
        };
        if goes {
            found.remove(mark.range());
        }
    }
}

/// What ⑴ and its like are in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SmallMarks {
    /// One at least stands before a pause, or there is one only: they point at notes.
    Notes,
    /// The first stands at the beginning, or after a colon: they number items.
    Items,
    /// All stand before words.
    Unclear,
}

fn small_marks(text: &str) -> SmallMarks {
    let mut n = 0;
    let mut are_notes = false;
    for (at, mark) in text
        .char_indices()
        .filter(|(_, c)| matches!(c, '\u{2474}'..='\u{2487}'))
    {
        n += 1;
        if !char_before(text, at).is_some_and(ends_text) {
            return SmallMarks::Items;
        }
        are_notes |= ends_clause(char_at(text, at + mark.len_utf8()));
    }
    if are_notes || n == 1 {
        SmallMarks::Notes
    } else {
        SmallMarks::Unclear
    }
}

fn ends_text(c: char) -> bool {
    is_han(c) || ends_sentence(c) || matches!(c, '》' | '」' | '\u{FF0C}')
}

/// A mark stands right after a sentence, a clause or a Han character; after a Latin letter it may
/// be an index.
fn follows_text(before: Option<char>) -> bool {
    before.is_some_and(|c| {
        is_han(c)
            || is_cjk_punctuation(c) && !matches!(c, '\u{FF1A}' | '\u{FF08}')
            || matches!(c, '.' | ',' | ';' | '!' | '?' | '”' | '"' | '年')
    })
}

fn ends_word(after: Option<char>) -> bool {
    after.is_none_or(|c| {
        c.is_whitespace()
            || is_han(c)
            || is_cjk_punctuation(c)
            || matches!(c, '.' | ',' | ';' | '[' | '”' | '—')
    })
}

fn ends_clause(after: Option<char>) -> bool {
    after.is_none_or(|c| c.is_whitespace() || is_cjk_punctuation(c) || matches!(c, '”' | '…' | '—'))
}

fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '。' | '\u{FF01}' | '\u{FF1F}' | '”' | '"'
    )
}
