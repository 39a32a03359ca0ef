//! Dates: those that identity numbers hold, and full ones as people write birthdays.

use std::ops::Range;

use crate::text::Text;

/// Whether a day exists (29 February in every year: a birthday that was typed wrong is still one).
pub(crate) fn is_day(year: u32, month: u32, day: u32) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1900..=2099).contains(&year) && (1..=days).contains(&day)
}

/// The number that some digits write.
pub(crate) fn number(digits: &str) -> u32 {
    digits.parse().unwrap_or(0)
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A full date from `at` on: `1985-05-12`, `1985年5月12日`, `12/05/1985`, `12 May 1985`, `May 12, 1985`.
pub(crate) fn full(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let after = text.after(at, 40);
    let len = numeric(after)
        .or_else(|| chinese(after))
        .or_else(|| named(after))?;
    Some(at..at + len)
}

fn digits(text: &str, max: usize) -> Option<(u32, &str)> {
    let len = text
        .bytes()
        .take(max)
        .take_while(u8::is_ascii_digit)
        .count();
    (len > 0).then(|| (number(&text[..len]), &text[len..]))
}

fn numeric(text: &str) -> Option<usize> {
    let (first, rest) = digits(text, 4)?;
    let sign = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (second, rest) = digits(rest.strip_prefix(sign)?, 2)?;
    let (third, rest) = digits(rest.strip_prefix(sign)?, 4)?;
    let third = if third < 100 && first < 100 {
        third + 1900
    } else {
        third
    };
    let is_one = is_day(first, second, third)
        || is_day(third, second, first)
        || is_day(third, first, second);
    (is_one && !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        .then(|| text.len() - rest.len())
}

fn chinese(text: &str) -> Option<usize> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('年')?, 2)?;
    let rest = rest.strip_prefix('月')?;
    let Some((day, rest)) = digits(rest, 2) else {
        return is_day(year, month, 1).then(|| text.len() - rest.len());
    };
    let rest = rest.strip_prefix(['日', '号']).unwrap_or(rest);
    is_day(year, month, day).then(|| text.len() - rest.len())
}

fn named(text: &str) -> Option<usize> {
    let (day, rest) = match digits(text, 2) {
        Some((day, rest)) => (Some(day), ordinal(rest).trim_start_matches(' ')),
        None => (None, text),
    };
    let rest = rest.strip_prefix("of ").unwrap_or(rest);
    let name = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let month = rest.get(..3).map(str::to_ascii_lowercase)?;
    let month = MONTHS.iter().position(|&known| known == month)? + 1;
    let rest = rest[name..].trim_start_matches(['.', ',', ' ']);
    let (day, rest) = match day {
        Some(day) => (day, rest),
        None => digits(rest, 2)
            .map(|(day, rest)| (day, ordinal(rest).trim_start_matches([',', ' '])))?,
    };
    let (year, rest) = digits(rest, 4)?;
    is_day(year, u32::try_from(month).ok()?, day).then(|| text.len() - rest.len())
}

fn ordinal(text: &str) -> &str {
    ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| text.strip_prefix(ending))
        .unwrap_or(text)
}
