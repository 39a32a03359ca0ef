//! Passwords and keys behind their labels: what was chosen or drawn, as against what is written
//! *about* passwords and keys, and as against names that stand for one in code.

use std::ops::Range;

use crate::label::{Label, Link};
use crate::phrase;
use crate::text::{Text, is_han, is_word};

const PASSWORD_BYTES_MIN: usize = 4;
const PASSWORD_BYTES_MAX: usize = 128;
const KEY_BYTES_MIN: usize = 16;
/// A key is looked at so far; what follows without a break goes with it.
const KEY_BYTES_MAX: usize = 512;
const BARE_KEY_BYTES_MIN: usize = 24;
/// Bits for each character: English identifiers have under three, a drawn key of 16 has over 3.2.
const KEY_BITS_MIN: f64 = 3.0;
const BARE_KEY_BITS_MIN: f64 = 3.6;

/// What stands for a password where one is explained.
const STAND_INS: [&str; 16] = [
    "password",
    "passwd",
    "pass",
    "secret",
    "token",
    "none",
    "null",
    "true",
    "false",
    "changeme",
    "example",
    "your",
    "xxx",
    "***",
    "...",
    "placeholder",
];

/// A password: a quoted phrase behind `passphrase`, a number, or a token that no word has the form of.
pub(crate) fn password(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let at = label.value;
    if let Some(phrase) = phrase(text, label) {
        return Some(phrase);
    }
    if label.link == Link::Sign
        && let Some(groups) = phrase::four_groups(text, at)
    {
        return Some(groups);
    }
    let range = token(text, at, PASSWORD_BYTES_MAX)?;
    let value = text.slice(range.clone());
    if value.len() < PASSWORD_BYTES_MIN || value.len() > PASSWORD_BYTES_MAX || stands_in(value) {
        return None;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let signs = value
        .bytes()
        .filter(|byte| b"!@#$%^&*?~+".contains(byte))
        .count();
    // `pass` and `pw` are other words too.
    let is_short_label = SHORT_LABELS.contains(&label_name(text, label).as_str());
    if is_short_label && label.link != Link::Sign {
        return None;
    }
    if digits == value.len() {
        let is_year = value.len() == 4 && (value.starts_with("19") || value.starts_with("20"));
        let is_counted = text
            .char_at(range.end)
            .is_some_and(|c| matches!(c, '位' | '个' | '次' | '年' | '天' | '字'));
        let is_one = value.len() <= 12
            && !is_counted
            && !is_short_label
            && label.link != Link::Far
            && (label.link == Link::Sign || !is_year);
        return is_one.then_some(range);
    }
    let is_query = matches!(text.byte_before(label.start), b'?' | b'&');
    if is_query && label.link == Link::Sign || !is_short_label && is_literal(text, label, &range) {
        return Some(range);
    }
    let is_mixed = letters > 0 && digits > 0 || signs > 0 && letters + digits >= 3;
    let is_certain = label.link == Link::Sign || digits > 0;
    let is_flag = text.before(label.start, 2) == "--";
    let is_linked = label.link != Link::Space || is_flag || value.len() >= 8 && signs + digits >= 2;
    (value.len() >= 6 && is_mixed && is_certain && is_linked).then_some(range)
}

/// Labels that are common words: what follows must be linked by a sign and look like a password.
const SHORT_LABELS: [&str; 4] = ["pass", "pw", "psw", "pswd"];

fn label_name(text: Text<'_>, label: Label) -> String {
    let end = text.run_end(label.start, 8, |byte| byte.is_ascii_alphabetic());
    text.slice(label.start..end).to_ascii_lowercase()
}

/// What a form says of its field, where a word of letters alone would be the password.
const NO_PASSWORDS: [&str; 25] = [
    "required",
    "optional",
    "string",
    "text",
    "hidden",
    "empty",
    "encrypted",
    "hashed",
    "unknown",
    "changed",
    "reset",
    "input",
    "field",
    "value",
    "username",
    "default",
    "undefined",
    "missing",
    "invalid",
    "postgres",
    "incorrect",
    "wrong",
    "forgotten",
    "disabled",
    "enabled",
];

/// A password of letters alone: between quote marks, at the end of its line, or in Chinese.
fn is_literal(text: Text<'_>, label: Label, range: &Range<usize>) -> bool {
    const LETTERS: std::ops::RangeInclusive<usize> = 6..=32;
    let value = text.slice(range.clone());
    let is_word = LETTERS.contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !NO_PASSWORDS.contains(&value.to_ascii_lowercase().as_str());
    let is_quoted = label
        .quote
        .is_some_and(|quote| text.byte(range.end) == quote);
    let next = text.char_at(range.end);
    let is_last = next.is_none_or(|c| matches!(c, '\n' | '\r'));
    let is_chinese = text.char_at(label.start).is_some_and(is_han)
        && (is_last || next.is_some_and(|c| matches!(c, '，' | '。' | '；' | '、' | '）' | ' ')));
    let is_small = value.bytes().all(|byte| byte.is_ascii_lowercase());
    is_word && label.link == Link::Sign && (is_quoted || is_small && (is_last || is_chinese))
}

/// `passphrase: "correct horse battery staple"`: some words in quotes.
fn phrase(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    const WORDS_MIN: usize = 3;
    let quote = label.quote?;
    let name = text.slice(label.start..label.value);
    if !name
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("passp"))
    {
        return None;
    }
    let after = text.after(label.value, PASSWORD_BYTES_MAX);
    let len = after.bytes().position(|byte| byte == quote)?;
    (after[..len].split(' ').count() >= WORDS_MIN).then(|| label.value..label.value + len)
}

/// A key behind a word that means one.
pub(crate) fn key(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let is_flag = text.before(label.start, 2) == "--";
    if label.link == Link::Space && !is_flag && !text.before(label.value, 2).is_ascii() {
        return None;
    }
    let range = token(text, label.value, KEY_BYTES_MAX)?;
    let value = text.slice(range.clone());
    let is_one = value.len() >= KEY_BYTES_MIN
        && !stands_in(value)
        && is_drawn(value, KEY_BITS_MIN)
        && (label.link != Link::Space || is_flag || value.len() >= BARE_KEY_BYTES_MIN);
    is_one.then(|| extended(text, range))
}

/// A value behind a word that often means something else: all three kinds of character, and no hash.
pub(crate) fn bare_key(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let range = token(text, label.value, KEY_BYTES_MAX)?;
    let value = text.slice(range.clone());
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    let is_of_all =
        has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let is_one = label.link == Link::Sign
        && value.len() >= BARE_KEY_BYTES_MIN
        && is_of_all
        && !stands_in(value)
        && is_drawn(value, BARE_KEY_BITS_MIN);
    is_one.then(|| extended(text, range))
}

/// What an `Authorization` header carries.
pub(crate) fn bearer(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let range = token(text, label.value, KEY_BYTES_MAX)?;
    let value = text.slice(range.clone());
    let is_basic = text.byte_before(label.value) == b' '
        && text
            .before(label.value, 7)
            .trim_end()
            .eq_ignore_ascii_case("basic");
    let is_base64 = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    let has_shape = value.ends_with('=') || value.bytes().any(|byte| byte.is_ascii_digit());
    if is_basic {
        return (value.len() >= 8 && is_base64 && has_shape).then_some(range);
    }
    let is_one = value.len() >= KEY_BYTES_MIN && !stands_in(value) && is_drawn(value, KEY_BITS_MIN);
    is_one.then(|| extended(text, range))
}

/// The characters up to a space, a quote mark, a sign that ends a value, or other scripts.
pub(crate) fn token(text: Text<'_>, at: usize, bytes_max: usize) -> Option<Range<usize>> {
    if matches!(text.byte(at), b'[' | b'{' | b'<' | b'$' | b'%' | b'(') {
        return None;
    }
    let is_of_it = |byte: u8| {
        byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'"' | b'\'' | b'`' | b'<' | b'>' | b';' | b'|' | b'[' | b'{'
            )
    };
    let end = text.run_end(at, bytes_max + 1, is_of_it);
    let first = text.slice(at..end);
    let is_query = text.byte_before(at) == b'=' && first.contains('&') && first.contains('=');
    let end = if is_query {
        at + first.find('&').unwrap_or(first.len())
    } else {
        end
    };
    let trimmed = text
        .slice(at..end)
        .trim_end_matches(['.', ',', ':', '?', ')', ']', '}', '*', '\\']);
    // A call, a look-up or a path says where the value comes from, not what it is.
    let is_code = trimmed.contains(['(', ')'])
        || trimmed.contains("://")
        || trimmed.starts_with(['/', '.', '@']);
    (!trimmed.is_empty() && !is_code).then(|| at..at + trimmed.len())
}

/// What follows a value that was longer than the look at it.
fn extended(text: Text<'_>, range: Range<usize>) -> Range<usize> {
    if range.len() < KEY_BYTES_MAX {
        return range;
    }
    let is_of_it = |byte: u8| is_word(byte) || matches!(byte, b'-' | b'+' | b'/' | b'=' | b'.');
    range.start..text.run_end(range.end, usize::MAX, is_of_it)
}

/// Whether a value only shows where one would stand.
pub(crate) fn stands_in(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    STAND_INS.iter().any(|&word| {
        lower == word
            || word.len() > 2
                && lower.starts_with(word)
                && !lower[word.len()..].starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Whether a value is chance: digits and letters mixed, and as many bits for each character. Paths,
/// versions and identifiers are made of words.
fn is_drawn(value: &str, bits_min: f64) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_parted = value.contains(['/', '.', ':', ',', '@']);
    let is_base64 = value.len() >= 32
        && digits >= 3
        && !value.contains([':', ',', '@'])
        && bits_per_char(value) >= 4.2;
    let longest_word = value
        .split(|c: char| !c.is_ascii_lowercase())
        .map(str::len)
        .max()
        .unwrap_or(0);
    digits >= 2
        && letters >= 2
        && (!is_parted || is_base64)
        && longest_word < 9
        && bits_per_char(value) >= bits_min
}

/// Shannon's entropy of the bytes.
fn bits_per_char(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let len = value.len() as f64;
    let bits = |&count: &u32| {
        let share = f64::from(count) / len;
        -share * share.log2()
    };
    counts.iter().filter(|&&count| count > 0).map(bits).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_has_more_bits_than_words() {
        assert!(bits_per_char("aaaa") < 0.001);
        assert!(is_drawn("q7Zk2LmX9vR4tB8w", KEY_BITS_MIN));
        assert!(!is_drawn("incremental_tokenizer_v2_final1", KEY_BITS_MIN));
        assert!(!is_drawn("src/index/v2.rs", KEY_BITS_MIN));
    }
}
