//! Licence plates: Chinese ones (the province's character, a letter, five or six letters and digits),
//! and those of other countries behind a label.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::text::{Text, is_word};

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// The plate whose letters and digits are this word, or end in it (`京A·12345`).
pub(crate) fn find(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let letter = match word.len() {
        6 | 7 => word.start,
        5 => {
            let sign = text
                .char_before(word.start)
                .filter(|c| matches!(c, '·' | '•' | '.' | '-' | ' '))?;
            (word.start - sign.len_utf8()).checked_sub(1)?
        }
        _ => return None,
    };
    whole(text, letter, word.end)
}

/// The same where all that follows the letter are digits.
pub(crate) fn parted(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    (word.len() == 5 || word.len() == 6).then_some(())?;
    let sign = text
        .char_before(word.start)
        .filter(|c| matches!(c, '·' | '•' | '.' | '-' | ' '))?;
    whole(
        text,
        (word.start - sign.len_utf8()).checked_sub(1)?,
        word.end,
    )
}

fn whole(text: Text<'_>, letter: usize, end: usize) -> Option<Finding> {
    let province = text
        .char_before(letter)
        .filter(|&c| PROVINCES.contains(c))?;
    let is_area =
        text.byte(letter).is_ascii_uppercase() && !matches!(text.byte(letter), b'I' | b'O');
    let body = text.slice(letter + 1..end);
    let is_of_it = |byte: u8| {
        byte.is_ascii_digit() || byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'O')
    };
    let body = body.trim_start_matches(['·', '•', '.', '-', ' ']);
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    let is_one = is_area
        && matches!(body.len(), 5 | 6)
        && body.bytes().all(is_of_it)
        && digits >= 3
        && !is_word(text.byte(end));
    is_one.then(|| Finding::new(Kind::LicencePlate, letter - province.len_utf8()..end))
}

/// Another country's behind its label: five to eight capitals and digits, both among them.
pub(crate) fn labelled(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let is_of_it = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    let first = text.run_end(at, 8, is_of_it);
    let second = if matches!(text.byte(first), b' ' | b'-') {
        text.run_end(first + 1, 5, is_of_it).max(first + 1)
    } else {
        first
    };
    let end = if second > first + 1 { second } else { first };
    let value = text.slice(at..end).as_bytes();
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let is_one = (5..=9).contains(&value.len())
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && !is_word(text.byte(end));
    is_one.then_some(at..end)
}
