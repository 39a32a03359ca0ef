//! Entries of a bibliography, wherever they stand.

use super::measure::Measure;
use crate::block::Block;
use crate::left_out::Reason;

/// Signs of an entry that are needed together.
const SIGNS_MIN: usize = 2;

/// An entry has no more words.
const ENTRY_UNITS_MAX: usize = 60;

/// What kind of publication it is, in entries by the Chinese standard GB/T 7714.
const KINDS: &[&str] = &[
    "[J]", "[M]", "[D]", "[C]", "[N]", "[R]", "[S]", "[EB/OL]", "［J］", "［M］", "［D］",
];

/// Words of entries, in small letters.
const WORDS: &[&str] = &[
    "doi:",
    "doi.org/",
    "isbn",
    "issn",
    "arxiv:",
    " pp. ",
    " vol. ",
    " et al.",
    "in proceedings",
    "university press",
    "retrieved from",
    "(eds.)",
    "(ed.)",
    "出版社",
];

pub(super) fn reason(block: &Block, measure: &Measure) -> Option<Reason> {
    if measure.units() > ENTRY_UNITS_MAX {
        return None;
    }
    let text = block.text.trim();
    let small = text.to_lowercase();
    if is_told(text) {
        return None;
    }
    let has_kind = KINDS.iter().any(|kind| text.contains(kind));
    let words = WORDS.iter().filter(|word| small.contains(**word)).count();
    let signs = [
        has_kind,
        has_kind && has_year(text),
        starts_with_number(text),
        has_year_in_brackets(text),
        starts_with_author(text),
        words > 0,
        words > 1,
    ];
    let count = signs.into_iter().filter(|sign| *sign).count();
    // A year in brackets and a name at the start are in many sentences.
    let is_strong =
        has_kind || words > 0 || (starts_with_author(text) && has_year_in_brackets(text));
    (count >= SIGNS_MIN && is_strong).then_some(Reason::Bibliography)
}

/// "Vaswani et al. (2017) showed that …": a sentence goes on behind the year, where an entry has its
/// title.
fn is_told(text: &str) -> bool {
    text.match_indices(" et al").any(|(at, _)| {
        let after = text[at + " et al".len()..]
            .trim_start_matches(['.', ',', ' ', '\'', '’'])
            .trim_start_matches("s ");
        let year = after
            .strip_prefix(['(', '（'])
            .and_then(|after| after.split_once([')', '）']));
        year.is_some_and(|(_, next)| {
            next.trim_start_matches([',', ' '])
                .starts_with(char::is_lowercase)
        })
    })
}

/// `[12] …`
fn starts_with_number(text: &str) -> bool {
    let inside = text.strip_prefix(['[', '［']).unwrap_or_default();
    let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&digits) && inside[digits..].starts_with([']', '］'])
}

fn has_year(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(is_year)
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && ["18", "19", "20"]
            .iter()
            .any(|century| digits.starts_with(century))
}

/// `(2019)`, `（2019）`, `(2019a)`
fn has_year_in_brackets(text: &str) -> bool {
    text.split(['(', '（']).skip(1).any(|after| {
        let inside = after.split([')', '）']).next().unwrap_or_default();
        is_year(inside.trim_end_matches(|c: char| c.is_ascii_lowercase()))
    })
}

/// `Miller, A.`: a name, a comma, an initial.
fn starts_with_author(text: &str) -> bool {
    let Some((name, after)) = text.split_once(", ") else {
        return false;
    };
    let name = name.trim_start_matches(|c: char| !c.is_alphabetic());
    let mut rest = after.chars();
    let is_initial = rest.next().is_some_and(char::is_uppercase) && rest.next() == Some('.');
    is_initial && name.split_whitespace().count() <= 3 && name.starts_with(char::is_uppercase)
}
