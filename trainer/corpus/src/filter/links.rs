//! Addresses, paths and file names without a sentence around them.
//!
//! Links whose targets the markup hides are told by the readers, who see the markup.

use super::Verdict;
use super::measure::Measure;
use crate::block::{Block, BlockKind};
use crate::left_out::Reason;

/// Of the words between spaces, so many percent are addresses or names of files.
const TARGETS_PERCENT_MIN: usize = 50;

/// Beside an address, as many words are its label.
const LABEL_UNITS_MAX: usize = 3;

/// Items with a date at their end that are a list of posts.
const DATED_ITEMS_MIN: usize = 3;

/// Endings of file names.
const FILE_ENDINGS: &[&str] = &[
    ".md", ".txt", ".html", ".htm", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp",
    ".mp4", ".mp3", ".zip", ".gz", ".py", ".js", ".ts", ".tsx", ".jsx", ".rs", ".go", ".java",
    ".c", ".h", ".cpp", ".json", ".yml", ".yaml", ".toml", ".css", ".sh", ".sql", ".csv", ".ipynb",
    ".docx", ".xlsx", ".pptx", ".doc",
];

pub(super) fn reason(block: &Block, measure: &Measure) -> Option<Reason> {
    // In Chinese nothing stands between a word and an address.
    let text = block.text.replace("http", " http");
    let words: Vec<&str> = text.split_whitespace().collect();
    let targets = words.iter().filter(|word| is_target(word)).count();
    if targets == 0 {
        return None;
    }
    let shown: usize = words
        .iter()
        .filter(|word| !is_target(word))
        .map(|word| Measure::of(word).units())
        .sum();
    let is_mostly = targets * 100 >= (targets + shown) * TARGETS_PERCENT_MIN;
    let has_address = words.iter().any(|word| is_address(word));
    let ends_in_address = words.last().is_some_and(|word| is_address(word));
    let is_labelled = has_address
        && ends_in_address
        && shown <= LABEL_UNITS_MAX
        && !ends_sentence(&words, measure);
    (is_mostly || is_labelled).then_some(Reason::LinkList)
}

/// Whether the words before the address are a sentence.
fn ends_sentence(words: &[&str], measure: &Measure) -> bool {
    measure.has_sentence_end
        && words
            .last()
            .is_some_and(|word| word.ends_with(['.', '。', '!', '！', '?', '？']))
}

fn is_target(word: &str) -> bool {
    is_address(word) || is_file(word)
}

fn is_address(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '<', '[', '"', '（', '《']);
    let small = word.get(..8).unwrap_or(word).to_ascii_lowercase();
    small.starts_with("http:")
        || small.starts_with("https:/")
        || small.starts_with("www.")
        || small.starts_with("mailto:")
        || small.starts_with("ftp://")
}

fn is_file(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '.');
    let small = word.to_ascii_lowercase();
    let is_name = FILE_ENDINGS
        .iter()
        .any(|ending| small.len() > ending.len() && small.ends_with(ending));
    let is_path = (small.starts_with('/') || small.starts_with("./") || small.starts_with("../"))
        && small.matches('/').count() >= 2;
    is_name || is_path
}

/// "How to shave a yak - 2021-05-01", three times: a list of posts, whose titles are links.
pub(super) fn mark_dated_lists(blocks: &[Block], verdicts: &mut [Verdict]) {
    let is_dated = |block: &Block| {
        block.kind == BlockKind::ListItem
            && !Measure::of(&block.text).has_sentence_end
            && ends_in_date(&block.text)
    };
    let mut start = 0;
    while start < blocks.len() {
        let length = blocks[start..]
            .iter()
            .take_while(|block| is_dated(block))
            .count();
        if length >= DATED_ITEMS_MIN {
            verdicts[start..start + length].fill(Verdict::Out(Reason::LinkList));
        }
        start += length.max(1);
    }
}

/// `2021-05-01`, `2021/5/1`.
fn ends_in_date(text: &str) -> bool {
    let word = text.split_whitespace().next_back().unwrap_or_default();
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    matches!(parts.as_slice(), [year, month, day]
        if year.len() == 4
            && [year, month, day].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())))
}
