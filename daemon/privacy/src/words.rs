//! One pass over the bytes that stops only at words with digits and at the few signs that may stand
//! in personal data. Prose is mostly neither, so most of it costs one look at a table per byte.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::text::Text;
use crate::{address_english, card, document, email, network, phone, place, plate, wallet};

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const SIGN: u8 = 4;

/// Words shorter than this are no wallet address.
const WALLET_BYTES_MIN: usize = 26;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' | b'a'..=b'z' => LETTER,
            b'@' | b'+' | b':' => SIGN,
            _ => 0,
        };
        byte += 1;
    }
    // The first byte of `°`.
    classes[0xC2] = SIGN;
    classes
}

/// Finds what stands at words with digits and at signs.
pub(crate) fn find(text: Text<'_>, found: &mut Vec<Finding>) {
    let bytes = text.bytes();
    let mut at = 0;
    while at < bytes.len() {
        let class = CLASSES[usize::from(bytes[at])];
        if class & (LETTER | DIGIT) != 0 {
            let start = at;
            let mut seen = 0;
            while at < bytes.len() && CLASSES[usize::from(bytes[at])] & (LETTER | DIGIT) != 0 {
                seen |= CLASSES[usize::from(bytes[at])];
                at += 1;
            }
            let is_pair = at - start == 2 && bytes.get(at) == Some(&b'-');
            let finding = match seen {
                DIGIT => number(text, start..at),
                LETTER => None,
                _ => mixed(text, start..at),
            };
            let finding = finding.or_else(|| {
                if is_pair {
                    network::mac(text, at)
                } else {
                    None
                }
            });
            at = add(finding, at, found);
        } else if class == SIGN {
            let finding = match bytes[at] {
                b'@' => email::find(text, at).or_else(|| place::map_link(text, at)),
                b'+' => phone::international(text, at),
                b':' => network::at_colon(text, at),
                _ => place::degrees(text, at),
            };
            at = add(finding, at + 1, found);
        } else {
            at += 1;
        }
    }
}

/// Keeps a finding; goes on behind it.
fn add(finding: Option<Finding>, at: usize, found: &mut Vec<Finding>) -> usize {
    let Some(finding) = finding else { return at };
    let next = at.max(finding.range.end);
    found.push(finding);
    next
}

/// A word of digits alone.
fn number(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let of = |kind: Kind, range: Option<Range<usize>>| range.map(|range| Finding::new(kind, range));
    document::chinese_id(text, word.clone())
        .or_else(|| document::social_credit(text, word.clone()))
        .or_else(|| card::payment(text, word.clone()))
        .or_else(|| network::ipv4(text, word.clone()))
        .or_else(|| document::social_security(text, word.clone()))
        .or_else(|| phone::national(text, word.clone()))
        .or_else(|| of(Kind::Coordinates, place::coordinate_pair(text, word.start)))
        .or_else(|| address_english::find(text, word.clone()))
        .or_else(|| document::spaced_national_insurance(text, word.start))
        .or_else(|| plate::parted(text, word))
}

/// A word of letters and digits.
fn mixed(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    if word.len() >= WALLET_BYTES_MIN {
        return card::iban(text, word.clone()).or_else(|| wallet::find(text, word));
    }
    document::chinese_id(text, word.clone())
        .or_else(|| document::social_credit(text, word.clone()))
        .or_else(|| card::iban(text, word.clone()))
        .or_else(|| document::hong_kong_id(text, word.clone()))
        .or_else(|| plate::find(text, word.clone()))
        .or_else(|| place::postal_code(text, word.clone()))
        .or_else(|| address_english::find(text, word))
}
