//! Marks that are repeated for emphasis, or that a key wrote twice.

use inkstone_prose::characters::is_unspaced;

use super::classes::{Classes, is_repeated_mark};
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};
use super::words::{char_at, char_before};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("repeated_punctuation"),
    version: 1,
    title: "repeated punctuation",
    why: "`!!!!` says no more than `!`, and a model that learns it shouts. Two marks (`!!`), \
          `?!`, `...`, `……`, `——`, code and Markdown's rules stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en("Stop!!!! Why????", "Stop! Why?"),
        en("What?!?!?! Well.......", "What?! Well..."),
        en("Yes,, of course.", "Yes, of course."),
        zh(
            "太好了\u{ff01}\u{ff01}\u{ff01}\u{ff01}真的吗\u{ff1f}\u{ff1f}\u{ff1f}",
            "太好了\u{ff01}真的吗\u{ff1f}",
        ),
        zh("我不知道。。。也许吧。。", "我不知道……也许吧。"),
        zh("后来......就走了", "后来……就走了"),
        zh("等等\u{ff0c}\u{ff0c}还有、、苹果", "等等\u{ff0c}还有、苹果"),
        zh("走了………………", "走了……"),
        en_same("Well... no!! Really?! Yes."),
        en_same("----\n****\n......"),
        en_same("a[..] and ../b and x::y; for (;;) !!value"),
        zh_same("他走了……真的——再也没有回来\u{ff01}\u{ff01}"),
        en_same("Mr. ———, of N——— Street"),
    ],
    needs: Classes::REPEATED_MARK,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    let has_leaders = has_leaders(text);
    let mut lines = Lines::default();
    let mut at = 0;
    while let Some(offset) = text[at..].find(is_repeated_mark) {
        let start = at + offset;
        let first = family(char_at(text, start).unwrap_or(' '));
        let rest = &text[start..];
        let len = rest
            .find(|c| !is_repeated_mark(c) || family(c) != first)
            .unwrap_or(rest.len());
        let end = start + len;
        at = end;
        let run = &text[start..end];
        let n = run.chars().count();
        let is_leader = has_leaders && run.starts_with('.');
        if n < 2 || is_leader || !lines.has_words_at(text, start) {
            continue;
        }
        let is_chinese = subject.is_chinese()
            && char_before(text, start).is_some_and(|c| is_unspaced(c) || matches!(c, '”' | '’'));
        if let Some(mended) = mended(run, n, is_chinese, text, end) {
            found.replace(start..end, mended);
        }
    }
}

fn mended(run: &str, n: usize, is_chinese: bool, text: &str, end: usize) -> Option<String> {
    let first = run.chars().next()?;
    let after = char_at(text, end);
    let parts_words = after.is_none_or(char::is_whitespace);
    match first {
        '!' | '?' | '\u{FF01}' | '\u{FF1F}' if n >= 3 => Some(exclamation(run)),
        '。' | '、' if n >= 3 => Some("……".to_owned()),
        '。' | '、' | '\u{FF0C}' | '\u{FF1B}' if n >= 2 => Some(first.to_string()),
        ',' if parts_words || is_chinese => Some(first.to_string()),
        '.' if is_chinese && n >= 4 => Some("……".to_owned()),
        // Four are an ellipsis and a full stop; dots before a number lead to a page.
        '.' if n >= 5 && !leads_to_page(&text[end..]) => Some("...".to_owned()),
        '…' if is_chinese && n >= 3 => Some("……".to_owned()),
        '…' if n >= 3 => Some("…".to_owned()),
        '—' if is_chinese && n >= 3 => Some("——".to_owned()),
        '~' | '\u{FF5E}' if n >= 3 => Some(first.to_string()),
        _ => None,
    }
}

/// One of each mark, in the order in which they came.
fn exclamation(run: &str) -> String {
    let mut kept = String::new();
    for c in run.chars() {
        if !kept.chars().any(|own| half(own) == half(c)) {
            kept.push(c);
        }
    }
    kept
}

const fn half(c: char) -> char {
    match c {
        '\u{FF01}' => '!',
        '\u{FF1F}' => '?',
        _ => c,
    }
}

fn leads_to_page(rest: &str) -> bool {
    let rest = rest
        .trim_start()
        .trim_start_matches(['$', '£', '€', '¥', ' ']);
    rest.starts_with(|c: char| c.is_ascii_digit())
}

/// Rows of dots that lead to figures or names, as in an index or an account.
fn has_leaders(text: &str) -> bool {
    text.match_indices(LEADER)
        .nth(1)
        .is_some_and(|(second, _)| {
            let first = text.find(LEADER).unwrap_or(second);
            text[first..second].contains(|c| c != '.')
        })
}

const LEADER: &str = "........";

/// Whether lines are nothing but marks: a rule, or a reader's omission. Each line is read once,
/// however many runs it has.
#[derive(Default)]
struct Lines {
    end: usize,
    has_words: bool,
}

impl Lines {
    /// For places in their order.
    fn has_words_at(&mut self, text: &str, at: usize) -> bool {
        while at >= self.end {
            let rest = &text[self.end..];
            let line = &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)];
            if line.is_empty() {
                return false;
            }
            self.end += line.len();
            self.has_words = line.contains(char::is_alphanumeric);
        }
        self.has_words
    }
}

/// `?!` is one run; all others are runs of one mark.
const fn family(c: char) -> char {
    match c {
        '?' | '\u{FF01}' | '\u{FF1F}' => '!',
        _ => c,
    }
}
