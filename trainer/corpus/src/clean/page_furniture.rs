//! Page numbers and running headers that stand alone.

use std::sync::LazyLock;

use regex::Regex;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_out, en_same, zh, zh_out, zh_same};
use crate::left_out::Reason;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("page_furniture"),
    version: 1,
    title: "page numbers and running headers",
    why: "They are the page's, not the text's.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::Navigation),
    examples: &[
        en_out("- 12 -"),
        en_out("Page 3 of 210"),
        en_out("Chapter 4 ........ 57"),
        en_out("12 | Walden"),
        zh_out("第 3 页 共 12 页"),
        zh_out("·45·"),
        zh_out("第一章 绪论……………………12"),
        en_same("In 1984 we met."),
        en_same("Chapter 12"),
        zh_same("第三章 春天"),
        zh_same("请看第 3 页的图。"),
        en_same("1984"),
    ],
    needs: Classes::DIGIT,
    mends_addresses: false,
    apply: leave_out,
};

pub(super) const LINES: Rule = Rule {
    id: RuleId::new("page_number_lines"),
    version: 1,
    title: "page numbers between lines",
    why: "A page break in the middle of a paragraph leaves its number on a line of its own.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "and so the whole party went on to the\n- 12 -\nend of the road.",
            "and so the whole party went on to the\nend of the road.",
        ),
        zh(
            "他们一直走到\n第 12 页\n村子的尽头。",
            "他们一直走到\n村子的尽头。",
        ),
        en_same("He was born in\n1984\nin a small town."),
        en_same("12 apples\nand 3 pears"),
    ],
    needs: Classes::LINE,
    mends_addresses: false,
    apply: remove_lines,
};

static FURNITURE: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "a constant pattern")]
    Regex::new(
        r"(?x)^\s*(?:
            [-–—·•]\s?[0-9]{1,4}\s?[-–—·•]
          | (?i:page|p\.|pg\.)\s?[0-9]{1,4}(?:\s?(?i:of|/)\s?[0-9]{1,4})?
          | 第\s?[0-9]{1,4}\s?页(?:[\s,，/]*共\s?[0-9]{1,4}\s?页)?
          | [0-9]{1,4}\s?\|\s?\p{L}[^.!?。]{0,60}
          | \p{L}[^.!?。|]{0,60}\|\s?[0-9]{1,4}
        )\s*$",
    )
    // proof: the pattern is a constant, and compiled by the examples.
    .expect("a constant pattern")
});

/// A line of a table of contents.
static LEADERS: LazyLock<Regex> = LazyLock::new(|| {
    #[allow(clippy::expect_used, reason = "a constant pattern")]
    Regex::new(r"^.{1,80}?(?:\.\s?){5,}\s?[0-9]{1,4}\s*$|^.{1,80}?[…·]{4,}\s?[0-9]{1,4}\s*$")
        // proof: the pattern is a constant, and compiled by the examples.
        .expect("a constant pattern")
});

/// Longer lines are text.
const FURNITURE_BYTES_MAX: usize = 300;

fn leave_out(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if text.len() <= FURNITURE_BYTES_MAX && text.lines().all(is_furniture) && !text.is_empty() {
        found.refuse();
    }
}

fn is_furniture(line: &str) -> bool {
    FURNITURE.is_match(line) || LEADERS.is_match(line)
}

fn remove_lines(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if !subject.classes.meet(Classes::DIGIT) {
        return;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let is_between = start > 0 && end < text.len();
        let is_number = line.len() <= NUMBER_LINE_BYTES_MAX && !line.contains('|');
        if is_between && is_number && FURNITURE.is_match(line.trim_end()) {
            found.remove(start..end);
        }
        start = end;
    }
}

/// `第 1234 页 共 1234 页`.
const NUMBER_LINE_BYTES_MAX: usize = 48;
