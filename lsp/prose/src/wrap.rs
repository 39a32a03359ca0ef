//! Lines of a paragraph that were broken to fit a page, and how they come together again.
//!
//! A text that was wrapped shows it: the first word of the next line would not have fitted. In verse,
//! addresses and lists it would have. For whoever shows prose to a model, which has learned that a
//! line break ends something.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ops::Range;

use crate::characters::{is_cjk_punctuation, is_han, is_unspaced};

/// A line break that was made to fit a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrap {
    /// What stands between the lines: the break, spaces around it, the hyphen that parts a word.
    pub range: Range<usize>,
    /// What stands there in one line: a space, or nothing.
    pub joint: &'static str,
}

/// The wraps of all paragraphs of a text, in order. Blank lines part paragraphs.
pub fn wraps(text: &str) -> Vec<Wrap> {
    let mut found = Vec::new();
    // A look at the whole text, which few breaks need.
    let parts_scripts = LazyCell::new(|| parts_scripts_by_spaces(text));
    let mut start = 0;
    for part in text.split("\n\n") {
        let lines = Line::all(part, start);
        if lines.len() > 1 && is_wrapped(&lines) {
            let pairs = lines.windows(2);
            found
                .extend(pairs.filter_map(|pair| join(text, &pair[0], &pair[1], || *parts_scripts)));
        }
        start += part.len() + 2;
    }
    found
}

/// The text with every wrapped line joined to the next.
pub fn unwrapped(text: &str) -> Cow<'_, str> {
    let wraps = wraps(text);
    if wraps.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut from = 0;
    for wrap in wraps {
        whole.push_str(&text[from..wrap.range.start]);
        whole.push_str(wrap.joint);
        from = wrap.range.end;
    }
    whole.push_str(&text[from..]);
    Cow::Owned(whole)
}

/// Below this, lines are too short to have been wrapped: verse, addresses, labels.
const WRAP_COLUMNS_MIN: usize = 40;
/// A line that sentences end in, one to a line, is at least as long.
const SENTENCE_COLUMNS_MIN: usize = 40;
/// Verse whose lines all begin with capitals is hardly longer.
const VERSE_COLUMNS_MAX: usize = 60;
/// How far ragged lines fall short where a long word or a mark of punctuation came next.
const RAGGED_COLUMNS: usize = 4;

struct Line<'a> {
    start: usize,
    text: &'a str,
    columns: usize,
}

impl<'a> Line<'a> {
    fn all(part: &'a str, offset: usize) -> Vec<Self> {
        let mut start = offset;
        let mut lines = Vec::new();
        for text in part.split('\n') {
            lines.push(Line {
                start,
                text,
                columns: columns(text.trim()),
            });
            start += text.len() + 1;
        }
        while lines.last().is_some_and(|line| line.text.trim().is_empty()) {
            lines.pop();
        }
        lines
    }

    fn first_word_columns(&self) -> usize {
        let text = self.text.trim_start();
        match text.chars().next() {
            Some(c) if is_unspaced(c) => 2,
            _ => {
                let end = text.find(|c: char| c.is_whitespace() || is_unspaced(c));
                columns(&text[..end.unwrap_or(text.len())])
            }
        }
    }

    fn ends_sentence(&self) -> bool {
        let text = self
            .text
            .trim_end()
            .trim_end_matches(['"', '”', '’', ')', '\u{FF09}', '」']);
        text.ends_with(['.', '?', '!', '。', '\u{FF1F}', '\u{FF01}', '…'])
    }

    fn begins_with(&self, is_wanted: impl Fn(char) -> bool) -> bool {
        self.text.trim_start().chars().next().is_some_and(is_wanted)
    }
}

/// Width on a page: a Han character takes two columns.
fn columns(text: &str) -> usize {
    let is_chinese = text.contains(is_han);
    // In Chinese type, quotation marks and dashes are as wide as characters.
    let is_double = |c: char| is_unspaced(c) || is_chinese && c >= '\u{2010}';
    text.chars().map(|c| 1 + usize::from(is_double(c))).sum()
}

fn is_wrapped(lines: &[Line<'_>]) -> bool {
    let widest = lines.iter().map(|line| line.columns).max().unwrap_or(0);
    let has_items = lines.iter().any(|line| is_item(line.text));
    let has_gaps = lines.iter().any(|line| line.text.trim().is_empty());
    if widest < WRAP_COLUMNS_MIN || has_items || has_gaps || is_verse(lines, widest) {
        return false;
    }
    lines.windows(2).all(|pair| {
        let fits = pair[0].columns + 1 + pair[1].first_word_columns() + RAGGED_COLUMNS <= widest;
        let is_sentence = pair[0].ends_sentence() && pair[0].columns >= SENTENCE_COLUMNS_MIN;
        let goes_on = pair[1].begins_with(char::is_lowercase)
            && pair[0].columns >= WRAP_COLUMNS_MIN
            && !pair[0].ends_sentence();
        let is_speech = pair[1].begins_with(|c| matches!(c, '"' | '“' | '「' | '—' | '–' | '-'))
            && pair[0].ends_sentence();
        !is_speech && (!fits || is_sentence || goes_on)
    })
}

fn is_verse(lines: &[Line<'_>], widest: usize) -> bool {
    let is_capital = |line: &Line<'_>| {
        line.begins_with(|c| c.is_uppercase() || matches!(c, '"' | '“' | '‘' | '\''))
    };
    // Sentences one to a line are prose.
    let broken = &lines[..lines.len() - 1];
    let in_sentences = broken.iter().filter(|line| !line.ends_sentence()).count();
    // Long verse is broken in its sentences; of prose, twice where a name comes next is chance enough.
    let is_broken = if widest < VERSE_COLUMNS_MAX {
        in_sentences > 0
    } else {
        in_sentences > 1 && in_sentences == broken.len()
    };
    lines.len() > 2 && is_broken && lines[1..].iter().all(is_capital)
}

/// Whether a line is an item of a list, a row of a table or a heading's underline.
fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let mut chars = line.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    let next = chars.next();
    match first {
        '-' | '*' | '+' | '>' | '#' => next.is_none_or(|c| c == ' ' || c == first),
        '•' | '·' | '◦' | '▪' | '●' | '○' | '■' | '|' | '\u{2460}'..='\u{2487}' => {
            true
        }
        '(' | '\u{FF08}' => {
            let label = line.split([')', '\u{FF09}']).next().unwrap_or_default();
            let inner: String = label.chars().skip(1).collect();
            let is_label = |c: char| c.is_ascii_alphanumeric() || is_numeral(c);
            !inner.is_empty() && inner.chars().count() <= 3 && inner.chars().all(is_label)
        }
        '0'..='9' => {
            let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
            let is_short = line.len() - rest.len() <= 3;
            is_short
                && rest.starts_with(['.', ')', '、', '\u{FF0E}'])
                && !rest.starts_with("..")
                && !rest[1..].starts_with(|c: char| c.is_ascii_digit())
        }
        '第' => next.is_some_and(|c| is_numeral(c) || c.is_ascii_digit()),
        c if is_numeral(c) => next == Some('、') || chars.next() == Some('、'),
        _ => false,
    }
}

const fn is_numeral(c: char) -> bool {
    matches!(
        c,
        '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十'
    )
}

/// How two lines come together; `parts_scripts` says whether this writer puts a space between Han and
/// Latin.
fn join(
    text: &str,
    line: &Line<'_>,
    next: &Line<'_>,
    parts_scripts: impl Fn() -> bool,
) -> Option<Wrap> {
    let end = line.start + line.text.trim_end().len();
    let resume = next.start + (next.text.len() - next.text.trim_start().len());
    let before = text[..end].chars().next_back()?;
    let after = text[resume..].chars().next()?;
    if let Some(hyphen_len) = parted_word(&text[line.start..end], &text[resume..]) {
        let range = end - hyphen_len..resume;
        return Some(Wrap { range, joint: "" });
    }
    let is_tight = is_wide(before) && is_wide(after)
        || is_cjk_punctuation(before)
        || is_cjk_punctuation(after)
        || is_wide(before) != is_wide(after) && !parts_scripts();
    let joint = if is_tight { "" } else { " " };
    Some(Wrap {
        range: end..resume,
        joint,
    })
}

fn is_wide(c: char) -> bool {
    is_unspaced(c)
        || matches!(
            c,
            '…' | '—' | '“' | '”' | '‘' | '’' | '\u{FF10}'..='\u{FF5A}'
        )
}

/// Whether this writer puts a space between Han and Latin.
fn parts_scripts_by_spaces(text: &str) -> bool {
    let mut before = ['\n'; 2];
    for c in text.chars() {
        let [first, second] = before;
        if second == ' '
            && (is_han(first) && c.is_ascii_alphanumeric()
                || first.is_ascii_alphanumeric() && is_han(c))
        {
            return true;
        }
        before = [second, c];
    }
    false
}

/// Bytes to drop at the end of a line whose last word goes on in the next: the hyphen, or none
/// where the word has one anyway.
fn parted_word(line: &str, next: &str) -> Option<usize> {
    let stem = line.strip_suffix('-')?;
    let word = stem.rsplit(|c: char| c.is_whitespace()).next()?;
    let tail = next
        .split(|c: char| !c.is_alphabetic() && c != '-')
        .next()?;
    let is_parted = word.chars().next_back().is_some_and(char::is_alphabetic)
        && tail.chars().next().is_some_and(char::is_alphabetic);
    if !is_parted {
        return None;
    }
    let lower = word.to_lowercase();
    let keeps = word.contains('-')
        || tail.contains('-')
        || tail.starts_with(char::is_uppercase)
        || COMPOUND_ENDS.contains(&tail)
        || COMPOUND_STARTS.contains(&lower.trim_start_matches(|c: char| !c.is_alphabetic()));
    Some(usize::from(!keeps))
}

/// Second halves that do.
const COMPOUND_ENDS: &[&str] = &[
    "effective",
    "based",
    "known",
    "free",
    "like",
    "time",
    "year",
    "old",
    "called",
    "minded",
    "made",
    "term",
    "class",
    "century",
    "friendly",
    "specific",
    "sized",
    "wide",
    "down",
    "off",
    "day",
    "looking",
    "driven",
    "related",
    "oriented",
    "aware",
    "date",
    "world",
    "level",
    "scale",
    "way",
    "handed",
    "faced",
    "hearted",
    "eyed",
    "haired",
    "in",
    "up",
    "law",
    "to",
    "of",
    "the",
    "and",
];

/// First halves that take a hyphen more often than not.
const COMPOUND_STARTS: &[&str] = &[
    "well", "self", "non", "half", "ex", "semi", "all", "cross", "high", "low", "long", "short",
    "old", "new", "ill", "good", "first", "second", "third", "one", "two", "three", "four", "five",
    "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "open",
    "full", "hard", "soft", "left", "right", "real", "state", "on", "man", "anti", "post", "pre",
    "mid", "so", "much", "ever", "far", "free", "great", "brother", "sister", "mother", "father",
    "son", "daughter", "up", "by", "to", "quasi", "pseudo", "user", "client", "server", "end",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_paragraphs_are_one_line_and_everything_else_stays() {
        let check = |text: &str, expected: &str| assert_eq!(unwrapped(text), expected);
        check(
            "The morning after the storm the harbour was full of broken\nboats, and nobody said a word.\n\nNext",
            "The morning after the storm the harbour was full of broken boats, and nobody said a word.\n\nNext",
        );
        check(
            "　　我常想在纷扰中寻出一点闲静来，然而委实不容易。目前是这么离奇，心里是\n这么芜杂。",
            "　　我常想在纷扰中寻出一点闲静来，然而委实不容易。目前是这么离奇，心里是这么芜杂。",
        );
        check(
            "这个项目使用 Rust 编写，构建的时候需要先安装最新的\nCargo 工具 🦀，然后运行测试。",
            "这个项目使用 Rust 编写，构建的时候需要先安装最新的 Cargo 工具 🦀，然后运行测试。",
        );
        for kept in [
            "",
            "\n",
            "one line",
            "床前明月光，\n疑是地上霜。",
            "- a list\n- of things",
            "# A heading\nand its text",
            "cafe\u{301}\n\ncafe\u{301}\n",
        ] {
            assert!(matches!(unwrapped(kept), Cow::Borrowed(same) if same == kept));
        }
    }

    #[test]
    fn a_break_at_the_end_is_not_joined_to_what_is_not_there_yet() {
        let text = "The morning after the storm the harbour was full of broken\nboats, and nobody said a word about whose they were\n";
        let whole = unwrapped(text);
        assert!(whole.ends_with("were\n") && whole.contains("broken boats"));
    }

    #[test]
    fn wraps_lie_between_characters_in_order() {
        let text =
            "我们在港口等了整整一个上午，可是船没有来，e\u{301}\u{301}le\u{300}ve 先生说🚢\n"
                .repeat(9);
        let mut from = 0;
        for wrap in wraps(&text) {
            assert!(wrap.range.start >= from && text.get(wrap.range.clone()).is_some());
            from = wrap.range.end;
        }
        assert!(from > 0);
    }
}
