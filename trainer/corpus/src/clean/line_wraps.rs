//! Lines of one paragraph that were broken to fit a page become one line.
//!
//! A source that was wrapped shows it: the first word of the next line would not have fitted. In
//! verse, addresses and lists it would have.

use inkstone_prose::characters::{is_han, is_unspaced};

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};
use crate::block::BlockKind;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("line_wraps"),
    version: 2,
    title: "broken lines",
    why: "A model that learns line breaks in the middle of sentences writes them. Lines join with \
          a space, between Han characters without one, and words parted by a hyphen come \
          together. Verse, addresses, lists and dialogue line by line stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "The morning after the storm the harbour was full of broken\nboats, and nobody said \
             a word about whose they might have\nbeen.",
            "The morning after the storm the harbour was full of broken boats, and nobody said a \
             word about whose they might have been.",
        ),
        en(
            "We had hoped to reach the village before the rain came down, but the pas-\nsage took \
             us longer than anyone expected.",
            "We had hoped to reach the village before the rain came down, but the passage took us \
             longer than anyone expected.",
        ),
        en(
            "It is one of the books that everybody in the town considers to be well-\nknown \
             today, although few have read it.",
            "It is one of the books that everybody in the town considers to be well-known today, \
             although few have read it.",
        ),
        zh(
            "今天早上我去公园散步\u{ff0c}看到很多老人在湖边打太极拳\u{ff0c}旁边还有\n几个孩子在放风筝\u{ff0c}风很大。",
            "今天早上我去公园散步\u{ff0c}看到很多老人在湖边打太极拳\u{ff0c}旁边还有几个孩子在放风筝\u{ff0c}风很大。",
        ),
        zh(
            "这个项目使用 Rust 编写\u{ff0c}构建的时候需要先安装最新的\nCargo 工具\u{ff0c}然后运行测试。",
            "这个项目使用 Rust 编写\u{ff0c}构建的时候需要先安装最新的 Cargo 工具\u{ff0c}然后运行测试。",
        ),
        en_same(
            "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\nRough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date.",
        ),
        en_same(
            "I celebrate myself, and sing myself, and what I assume you shall assume, for every atom\nBelonging to me as good belongs to you, and to the ones who come after us in the long grass\nAnd the ferry, and the crowd of men and women attired in the usual costumes, and the hills.",
        ),
        en_same("12 Mill Lane\nOld Town\nDevon EX4 3PQ"),
        en_same("We need these things for the journey to the coast and back:\n- a map\n- a lamp"),
        zh_same("床前明月光\u{ff0c}\n疑是地上霜。\n举头望明月\u{ff0c}\n低头思故乡。"),
        zh_same("一、准备材料\n二、加水搅拌\n三、静置一小时"),
        en_same("A heading of two long lines that somebody has broken by hand\nstays as it is")
            .kind(BlockKind::Heading(1)),
    ],
    needs: Classes::LINE,
    mends_addresses: false,
    apply,
};

/// Below this, lines are too short to have been wrapped: verse, addresses, labels.
const WRAP_COLUMNS_MIN: usize = 40;
/// A line that sentences end in, one to a line, is at least as long.
const SENTENCE_COLUMNS_MIN: usize = 40;
/// Verse whose lines all begin with capitals is hardly longer.
const VERSE_COLUMNS_MAX: usize = 60;
/// How far ragged lines fall short where a long word or a mark of punctuation came next.
const RAGGED_COLUMNS: usize = 4;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let is_running_text = matches!(
        subject.context.kind,
        BlockKind::Paragraph
            | BlockKind::ListItem
            | BlockKind::Quote
            | BlockKind::Footnote
            | BlockKind::Caption
    );
    if !is_running_text {
        return;
    }
    // Blank lines part paragraphs that somebody gave as one block.
    let text = subject.text;
    let mut start = 0;
    for part in text.split("\n\n") {
        let lines = Line::all(part, start);
        if lines.len() > 1 && is_wrapped(&lines) {
            for pair in lines.windows(2) {
                join(text, &pair[0], &pair[1], found);
            }
        }
        start += part.len() + 2;
    }
}

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

fn join(text: &str, line: &Line<'_>, next: &Line<'_>, found: &mut Findings<'_>) {
    let end = line.start + line.text.trim_end().len();
    let resume = next.start + (next.text.len() - next.text.trim_start().len());
    let (Some(before), Some(after)) = (
        text[..end].chars().next_back(),
        text[resume..].chars().next(),
    ) else {
        return;
    };
    if let Some(hyphen_len) = parted_word(&text[line.start..end], &text[resume..]) {
        found.remove(end - hyphen_len..resume);
        return;
    }
    let is_tight = is_wide(before) && is_wide(after)
        || inkstone_prose::characters::is_cjk_punctuation(before)
        || inkstone_prose::characters::is_cjk_punctuation(after)
        || is_wide(before) != is_wide(after) && !parts_scripts_by_spaces(text);
    found.replace(end..resume, if is_tight { "" } else { " " });
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
