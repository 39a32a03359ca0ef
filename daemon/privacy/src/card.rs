//! Payment cards and international bank accounts.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::labelled::ends;
use crate::number::{Groups, Sign, is_disowned, starts};
use crate::text::Text;

/// Issuers: first and last six digits of the range, and the lengths of their numbers.
#[rustfmt::skip] // One a line, as a table.
const ISSUERS: &[(u32, u32, &[usize])] = &[
    (400_000, 499_999, &[16]), // Visa; its 13 digits are gone since long, and bar codes have as many; 19 were never given out
    (510_000, 559_999, &[16]), (222_100, 272_099, &[16]), // Mastercard
    (340_000, 349_999, &[15]), (370_000, 379_999, &[15]), // American Express
    (601_100, 601_199, &[16, 19]), (644_000, 659_999, &[16, 19]), // Discover
    (352_800, 358_999, &[16, 19]), // JCB
    (300_000, 305_999, &[14]), (360_000, 369_999, &[14]), (380_000, 389_999, &[14]), // Diners
    (620_000, 629_999, &[16, 17, 18, 19]), (810_000, 817_199, &[16, 17, 18, 19]), // UnionPay
    (220_000, 220_499, &[16]), // Mir
    (508_500, 508_999, &[16]), (606_985, 607_984, &[16]), // RuPay
    (501_800, 501_899, &[16, 19]), (675_900, 675_999, &[16, 18, 19]), (676_000, 676_399, &[16, 18, 19]), // Maestro
    (955_880, 955_889, &[19]), (940_000, 949_999, &[19]), // old debit cards of Chinese banks
];

/// A payment card that begins with this word, in one or in groups.
pub(crate) fn payment(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let is_group = word.len() == 4 || word.len() == 6;
    if !(is_group || (14..=19).contains(&word.len())) || !starts(text, word.start) {
        return None;
    }
    let groups = Groups::read(text, word.start);
    let forms: [&[usize]; 9] = [
        &[word.len()],
        &[4, 4, 4, 4],
        &[4, 4, 4, 4, 3],
        &[4, 4, 4, 4, 2],
        &[4, 4, 4, 4, 1],
        &[4, 6, 5],
        &[4, 6, 4],
        &[6, 13],
        &[4, 4, 4, 7],
    ];
    let is_longest = |end: &usize| ends(text, *end) && !is_disowned(text, word.start);
    forms
        .iter()
        .filter_map(|form| groups.form(form, &[Sign::Space, Sign::Hyphen]))
        .filter(is_longest)
        .filter(|&end| is_card(text.slice(word.start..end)))
        .max()
        .map(|end| Finding::new(Kind::BankCard, word.start..end))
}

fn is_card(written: &str) -> bool {
    let digits: Vec<u32> = written.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some(head) = digits.get(..6) else {
        return false;
    };
    let issuer = head.iter().fold(0, |number, digit| number * 10 + digit);
    let is_issued = ISSUERS.iter().any(|&(first, last, lens)| {
        (first..=last).contains(&issuer) && lens.contains(&digits.len())
    });
    is_issued && luhn(&digits)
}

/// ISO/IEC 7812-1, annex B.
fn luhn(digits: &[u32]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let of = |(place, &digit): (usize, &u32)| {
        if place % 2 == 1 {
            doubled(digit)
        } else {
            digit
        }
    };
    let sum: u32 = digits.iter().rev().enumerate().map(of).sum();
    sum.is_multiple_of(10)
}

/// Lengths of account numbers by country (the registry of ISO 13616).
#[rustfmt::skip] // As a table.
const IBANS: &[(&str, usize)] = &[
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG", 22), ("BH", 22), ("BR", 29),
    ("CH", 21), ("CR", 22), ("CY", 28), ("CZ", 24), ("DE", 22), ("DK", 18), ("DO", 28), ("EE", 20), ("EG", 29), ("ES", 24),
    ("FI", 18), ("FO", 18), ("FR", 27), ("GB", 22), ("GE", 22), ("GI", 23), ("GL", 18), ("GR", 27), ("GT", 28), ("HR", 21),
    ("HU", 28), ("IE", 22), ("IL", 23), ("IS", 26), ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20), ("LB", 28), ("LI", 21),
    ("LT", 20), ("LU", 20), ("LV", 21), ("MC", 27), ("MD", 24), ("ME", 22), ("MK", 19), ("MT", 31), ("MU", 30), ("NL", 18),
    ("NO", 15), ("PK", 24), ("PL", 28), ("PS", 29), ("PT", 25), ("QA", 29), ("RO", 24), ("RS", 22), ("SA", 24), ("SE", 24),
    ("SI", 19), ("SK", 24), ("SM", 27), ("TN", 24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20),
];

/// An international bank account number that begins with this word, in one or in groups of four.
pub(crate) fn iban(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let head = text.slice(word.start..word.start + 4);
    let is_head = head.len() == 4 && head.as_bytes()[2..].iter().all(u8::is_ascii_digit);
    if !is_head || text.byte_before(word.start) == b'_' {
        return None;
    }
    let &(_, len) = IBANS
        .iter()
        .find(|(country, _)| head[..2].eq_ignore_ascii_case(country))?;
    let mut account = Vec::with_capacity(len);
    let mut end = word.start;
    while account.len() < len {
        let byte = text.byte(end);
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => account.push(byte.to_ascii_uppercase()),
            b' ' | b'-' if account.len() % 4 == 0 => {}
            _ => return None,
        }
        end += 1;
    }
    let is_whole = !text.byte(end).is_ascii_alphanumeric();
    (is_whole && is_checked(&account)).then(|| Finding::new(Kind::Iban, word.start..end))
}

/// ISO 7064, modulo 97-10.
fn is_checked(account: &[u8]) -> bool {
    let (head, tail) = account.split_at(4);
    let step = |rest: u32, &byte: &u8| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    };
    tail.iter().chain(head).fold(0, step) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_and_issuers_decide_together() {
        assert!(is_card("4111 1111 1111 1111"));
        assert!(!is_card("4111 1111 1111 1112"));
        assert!(!is_card("9111 1111 1111 1110"));
        assert!(is_checked(b"GB82WEST12345698765432"));
        assert!(!is_checked(b"GB83WEST12345698765432"));
    }
}
