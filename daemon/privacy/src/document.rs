//! Numbers of persons' and companies' documents. Where a number carries its own check (Chinese
//! identity and credit codes) it needs no label; where it does not (passports), nothing else will do.

use std::ops::Range;

use crate::date::{is_day, number};
use crate::find::Finding;
use crate::kind::Kind;
use crate::label::{Label, Link};
use crate::labelled::ends;
use crate::number::{is_disowned, starts};
use crate::text::Text;

/// First two digits of a Chinese identity number: the provinces (GB/T 2260).
const PROVINCES: [u32; 34] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82,
];

/// A Chinese identity number that begins with this word: 18 in one, 6-8-4 in groups, or 15.
pub(crate) fn chinese_id(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    if !starts(text, word.start) {
        return None;
    }
    let (range, written) = match word.len() {
        15 | 18 => (word.clone(), text.slice(word.clone()).to_owned()),
        6 => {
            let whole = word.start..word.start + 20;
            let groups = text.slice(whole.clone());
            let sign = groups
                .as_bytes()
                .get(6)
                .copied()
                .filter(|sign| matches!(sign, b' ' | b'-'))?;
            let is_grouped = groups.as_bytes().get(15) == Some(&sign);
            let joined: String = groups.chars().filter(|&c| c != char::from(sign)).collect();
            (whole, is_grouped.then_some(joined)?)
        }
        _ => return None,
    };
    let is_one = match written.len() {
        18 => is_checked_id(&written),
        15 => is_dated(&written, 6..12) && !is_disowned(text, range.start),
        _ => false,
    };
    (is_one && ends(text, range.end)).then(|| Finding::new(Kind::ChineseId, range))
}

/// GB 11643: province, date, and the check digit modulo 11.
fn is_checked_id(id: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let (body, check) = id.as_bytes().split_at(17);
    if !body.iter().all(u8::is_ascii_digit) || !is_dated(id, 6..14) {
        return false;
    }
    let sum: u32 = body
        .iter()
        .zip(WEIGHTS)
        .map(|(&digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    CHECKS.get((sum % 11) as usize) == check.first().map(u8::to_ascii_uppercase).as_ref()
}

/// Whether a province leads and the range writes a day.
fn is_dated(id: &str, date: Range<usize>) -> bool {
    if !id
        .get(..date.end)
        .is_some_and(|head| head.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return false;
    }
    let (year, day) = if date.len() == 8 {
        (number(&id[6..10]), &id[10..14])
    } else {
        (1900 + number(&id[6..8]), &id[8..12])
    };
    PROVINCES.contains(&number(&id[..2])) && is_day(year, number(&day[..2]), number(&day[2..]))
}

/// Behind a label the check may fail: a number that was copied wrong is still somebody's.
pub(crate) fn labelled_chinese_id(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    if let Some(found) = lettered_id(text, at) {
        return Some(found);
    }
    let is_of_it =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'X' | b'x' | b' ' | b'-' | b'*');
    let end = text.run_end(at, 24, is_of_it);
    let end = text.run_start(end, 24, |byte| matches!(byte, b' ' | b'-'));
    let count = text
        .slice(at..end.max(at))
        .bytes()
        .filter(u8::is_ascii_digit)
        .count();
    ((8..=18).contains(&count) && ends(text, end)).then_some(at..end)
}

/// Hong Kong's `A123456(3)` and Taiwan's `A123456789`, behind their label.
fn lettered_id(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let digits_at = text.run_end(at, 2, |byte| byte.is_ascii_uppercase());
    let end = text.run_end(digits_at, 10, |byte| byte.is_ascii_digit());
    let is_of_taiwan = digits_at - at == 1 && end - digits_at == 9;
    let is_of_hong_kong = digits_at > at && end - digits_at == 6;
    let check = text.byte(end + 1);
    let has_check = text.byte(end) == b'('
        && (check.is_ascii_digit() || check == b'A')
        && text.byte(end + 2) == b')';
    let end = if is_of_hong_kong && has_check {
        end + 3
    } else {
        end
    };
    ((is_of_taiwan || is_of_hong_kong) && ends(text, end)).then_some(at..end)
}

/// A number of Hong Kong without a label, by its brackets and its check digit.
pub(crate) fn hong_kong_id(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let found = lettered_id(text, word.start)?;
    let written = text.slice(found.clone()).as_bytes();
    let (&check, body) = written.strip_suffix(b")")?.split_last()?;
    let body = body.strip_suffix(b"(")?;
    // A missing second letter counts 36; letters count from 10.
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        _ => u32::from(byte - b'A') + 10,
    };
    let padding = if body.len() == 7 { 36 * 9 } else { 0 };
    let sum: u32 = body
        .iter()
        .rev()
        .zip(2..)
        .map(|(&byte, weight)| value(byte) * weight)
        .sum::<u32>()
        + padding
        + value(check);
    (sum.is_multiple_of(11) && starts(text, found.start))
        .then(|| Finding::new(Kind::ChineseId, found))
}

/// A unified social credit code (GB 32100) that is this word.
pub(crate) fn social_credit(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    const DIGITS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let code = text.slice(word.clone()).as_bytes();
    if code.len() != 18
        || !starts(text, word.start)
        || !ends(text, word.end)
        || !code[2..8].iter().all(u8::is_ascii_digit)
    {
        return None;
    }
    let mut sum = 0;
    let mut weight = 1;
    for &byte in &code[..17] {
        sum += DIGITS.iter().position(|&digit| digit == byte)? * weight;
        weight = weight * 3 % 31;
    }
    let check = DIGITS[(31 - sum % 31) % 31];
    (check == code[17]).then(|| Finding::new(Kind::SocialCredit, word))
}

/// `123-45-6789`; with spaces or in one only behind its label.
pub(crate) fn social_security(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let range = word.start..word.start + 11;
    let whole = text.slice(range.clone()).as_bytes();
    if word.len() != 3
        || whole.len() != 11
        || whole[3] != b'-'
        || whole[6] != b'-'
        || !starts(text, word.start)
    {
        return None;
    }
    let is_number = |at: Range<usize>| whole[at].iter().all(u8::is_ascii_digit);
    let is_one = is_number(0..3) && is_number(4..6) && is_number(7..11);
    let is_given = !matches!(&whole[..3], b"000" | b"666")
        && whole[0] != b'9'
        && &whole[4..6] != b"00"
        && &whole[7..] != b"0000";
    let is_free = ends(text, range.end)
        && !text.byte(range.end).is_ascii_digit()
        && !is_disowned(text, range.start);
    (is_one && is_given && is_free).then(|| Finding::new(Kind::SocialSecurity, range))
}

/// `AB 12 34 56 C`, which nothing else is written like; in one only behind its label.
pub(crate) fn national_insurance(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let compact: Vec<(usize, u8)> = text
        .after(at, 13)
        .bytes()
        .enumerate()
        .filter(|&(_, byte)| byte != b' ')
        .take(9)
        .collect();
    if compact.len() != 9 {
        return None;
    }
    let is_one = compact
        .iter()
        .enumerate()
        .all(|(place, &(_, byte))| match place {
            0 | 1 => byte.is_ascii_uppercase() && !b"DFIQUV".contains(&byte),
            8 => (b'A'..=b'D').contains(&byte),
            _ => byte.is_ascii_digit(),
        });
    let end = at + compact.last()?.0 + 1;
    (is_one && ends(text, end)).then_some(at..end)
}

/// The same without a label, from its first two letters on: only with its spaces.
pub(crate) fn spaced_national_insurance(text: Text<'_>, digits_at: usize) -> Option<Finding> {
    let start = digits_at.checked_sub(3)?;
    let range = national_insurance(text, start)?;
    let is_spaced = range.len() == 13 && !text.byte_before(start).is_ascii_alphanumeric();
    is_spaced.then(|| Finding::new(Kind::NationalInsurance, range))
}

/// One or two letters and digits: `E12345678`, `G 1234 5678`, `C01X0006H`.
pub(crate) fn passport(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let end = text.run_end(at, 14, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit()
    });
    let end = if end - at <= 2 && text.byte(end) == b' ' {
        text.run_end(end + 1, 12, |byte| byte.is_ascii_digit())
    } else {
        end
    };
    let digits = text
        .slice(at..end)
        .bytes()
        .filter(u8::is_ascii_digit)
        .count();
    let is_one = (7..=12).contains(&(end - at)) && digits >= 5 && ends(text, end);
    is_one.then_some(at..end)
}

/// The number of another document, of letters and digits.
pub(crate) fn labelled(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let at = label.value;
    let end = text.run_end(at, 24, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let value = text.slice(at..end);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_linked = matches!(label.link, Link::Sign | Link::Word) || digits >= 8;
    let parted = crate::labelled::grouped(text, at, 9, 15);
    if is_linked && parted.as_ref().is_some_and(|range| range.end > end) {
        return parted;
    }
    ((6..=20).contains(&value.len()) && digits >= 5 && is_linked && ends(text, end))
        .then_some(at..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_of_an_identity_number_decides() {
        assert!(is_checked_id("11010519491231002X"));
        assert!(!is_checked_id("110105194912310021"));
        assert!(!is_checked_id("11010519491331002X"));
        assert!(!is_checked_id("99010519491231002X"));
    }
}
