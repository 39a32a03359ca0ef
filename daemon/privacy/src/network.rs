//! Addresses of machines: IPv4, IPv6, MAC.
//!
//! Loopback, unspecified, broadcast, multicast and netmasks name no machine and stay, and so do
//! dotted quads that are versions or sections: after such a word, or with small numbers (`3.8.11.1`).
//! Private and documentation ranges are replaced: the former are somebody's home, and a model that
//! has seen the latter would write them.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::number::{Groups, Sign, starts};
use crate::text::{Text, is_word};

/// How far before a quad a word may say that it is a version.
const CONTEXT_BYTES_MAX: usize = 32;
/// The longest text of an IPv6 address.
const IPV6_BYTES_MAX: usize = 46;
/// Bytes of `aa:bb:cc:dd:ee:ff`.
const MAC_BYTES: usize = 17;

/// The IPv4 address that begins with this word.
pub(crate) fn ipv4(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    if word.len() > 3 || text.byte(word.end) != b'.' || !starts(text, word.start) {
        return None;
    }
    let groups = Groups::read(text, word.start);
    let quad = groups.all().get(..4)?;
    let is_dotted = quad[1..].iter().all(|group| group.sign == Sign::Dot);
    let range = word.start..quad[3].end;
    let address: Ipv4Addr = text.slice(range.clone()).parse().ok()?;
    let goes_on = is_word(text.byte(range.end))
        || text.byte(range.end) == b'.' && text.byte(range.end + 1).is_ascii_alphanumeric();
    let is_one =
        is_dotted && !goes_on && !is_nobodys(address) && !is_version(text, word.start, address);
    is_one.then(|| Finding::new(Kind::Ipv4, range))
}

fn is_nobodys(address: Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    address.is_loopback() || address.is_multicast() || first == 0 || first == 255
}

fn is_version(text: Text<'_>, start: usize, address: Ipv4Addr) -> bool {
    const WORDS: [&str; 15] = [
        "version", "ver.", "release", "build", "firmware", "section", "chapter", "figure", "table",
        "§", "版本", "固件", "章节", "小节", "表 ",
    ];
    let before = text.before(start, CONTEXT_BYTES_MAX).to_ascii_lowercase();
    let has_word = WORDS.iter().any(|word| before.contains(word));
    let is_named = matches!(text.byte_before(start), b'v' | b'V' | b'/' | b'-' | b'=')
        && is_word(before.bytes().rev().nth(1).unwrap_or(0));
    let is_assigned = text.byte_before(start) == b'=' && !before.ends_with("version=");
    has_word
        || is_named && !is_assigned
        || address.octets()[0] < 10 && address.octets().iter().all(|&octet| octet < 32)
}

/// What a colon stands in: a MAC address or an IPv6 address.
pub(crate) fn at_colon(text: Text<'_>, at: usize) -> Option<Finding> {
    mac(text, at).or_else(|| ipv6(text, at))
}

/// The MAC address whose first sign is here.
pub(crate) fn mac(text: Text<'_>, at: usize) -> Option<Finding> {
    let start = at.checked_sub(2)?;
    let sign = text.byte(at);
    let is_first = text.byte(start).is_ascii_hexdigit()
        && text.byte(start + 1).is_ascii_hexdigit()
        && !is_part(text.byte_before(start));
    let range = start..start + MAC_BYTES;
    if !is_first || is_part(text.byte(range.end)) {
        return None;
    }
    let written = text.slice(range.clone()).as_bytes();
    let is_one = written.len() == MAC_BYTES
        && written.iter().enumerate().all(|(place, &byte)| {
            if place % 3 == 2 {
                byte == sign
            } else {
                byte.is_ascii_hexdigit()
            }
        });
    let has = |is: fn(&u8) -> bool| written.iter().any(is);
    let names_one = has(|byte| byte.is_ascii_hexdigit() && *byte != b'0')
        && has(|byte| byte.is_ascii_hexdigit() && !byte.eq_ignore_ascii_case(&b'f'));
    let is_no_date = sign == b':' || has(u8::is_ascii_alphabetic);
    (is_one && names_one && is_no_date).then(|| Finding::new(Kind::MacAddress, range))
}

fn is_part(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b':' | b'-')
}

/// The IPv6 address whose first colon is here. Rust's `a::b` is one to the parser; an address that
/// somebody has holds a digit and three groups at least.
fn ipv6(text: Text<'_>, at: usize) -> Option<Finding> {
    let is_of_it = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let start = text.run_start(at, 5, |byte| byte.is_ascii_hexdigit());
    if at - start > 4 || is_part(text.byte_before(start)) {
        return None;
    }
    let end = text.run_end(at, IPV6_BYTES_MAX, is_of_it);
    let end = text.run_start(end, 2, |byte| byte == b'.');
    let written = text.slice(start..end);
    let groups = written.split(':').filter(|group| !group.is_empty()).count();
    if groups < 3 || is_word(text.byte(end)) || !written.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let address: Ipv6Addr = written.parse().ok()?;
    let is_one = !address.is_loopback()
        && !address.is_unspecified()
        && !address.is_multicast()
        && written.len() >= 8;
    is_one.then(|| Finding::new(Kind::Ipv6, start..end))
}
