//! What stands between the brackets of a citation by author and year.
//!
//! Not the brackets (`forms.rs`).

use inkstone_prose::characters::is_han;

/// Years of works that are cited.
const YEARS: std::ops::Range<u32> = 1500..2100;

/// More words are a sentence with a year at its end.
const NAME_WORDS_MAX: usize = 6;

/// No Chinese names with more characters come before a year.
const HAN_NAME_CHARS_MAX: usize = 16;

/// Capitalized words before a year that name no author.
const NOT_NAMES: [&str; 32] = [
    "april",
    "august",
    "autumn",
    "born",
    "chapter",
    "christmas",
    "circa",
    "december",
    "died",
    "easter",
    "fall",
    "february",
    "figure",
    "from",
    "in",
    "january",
    "july",
    "june",
    "march",
    "may",
    "november",
    "october",
    "season",
    "section",
    "september",
    "since",
    "spring",
    "summer",
    "table",
    "until",
    "version",
    "winter",
];

/// Words in small letters between names.
const BETWEEN_NAMES: [&str; 13] = [
    "&", "al", "al.", "and", "da", "de", "den", "der", "du", "et", "la", "van", "von",
];

/// Words before the first name.
const LEADS: [&str; 7] = ["see also ", "see ", "cf. ", "e.g., ", "e.g. ", "参见", "见"];

/// Whether a text names an author and the year of a work: `Smith & Jones, 2019`, `张三,2019`.
pub(super) fn is_author_year(content: &str) -> bool {
    content.split([';', '\u{FF1B}']).any(|part| {
        let part = part.trim();
        let lead = LEADS.iter().find_map(|lead| part.strip_prefix(lead));
        is_named_year(lead.unwrap_or(part))
    })
}

/// Whether a text is a year and nothing else.
pub(super) fn is_bare_year(content: &str) -> bool {
    let year = content.trim();
    year.len() == 4 && year.parse().is_ok_and(|year| YEARS.contains(&year))
}

fn is_named_year(text: &str) -> bool {
    let Some(at) = text.find(|c: char| c.is_ascii_digit()) else {
        return false;
    };
    let (before, rest) = text.split_at(at);
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let year = &rest[..rest.len() - after.len()];
    // Works of one year have letters, pages come after a comma or colon; a year of a date has 年.
    let after = after.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let is_whole = after.is_empty() || after.starts_with([',', '\u{FF0C}', ':', '\u{FF1A}']);
    let name = before.trim_end_matches([',', '\u{FF0C}', ' ']);
    let is_divided = name.len() < before.len();
    is_whole && is_bare_year(year) && is_divided && (are_han_names(name) || are_names(name))
}

fn are_han_names(name: &str) -> bool {
    let joins = |c: char| matches!(c, '、' | '\u{FF0C}' | ',' | '·' | ' ');
    (2..=HAN_NAME_CHARS_MAX).contains(&name.chars().count())
        && name.chars().all(|c| is_han(c) || joins(c))
        && name.contains(is_han)
        && !name.ends_with(['年', '月', '日', '版', '第', '约'])
}

fn are_names(name: &str) -> bool {
    let words = name.split([' ', ',']).filter(|word| !word.is_empty());
    let (between, names): (Vec<&str>, Vec<&str>) =
        words.partition(|word| BETWEEN_NAMES.contains(word));
    let is_name = |word: &&str| {
        let is_known = NOT_NAMES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word));
        word.starts_with(char::is_uppercase) && !is_known
    };
    !names.is_empty() && between.len() + names.len() <= NAME_WORDS_MAX && names.iter().all(is_name)
}
