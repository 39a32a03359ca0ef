//! Addresses of crypto currencies and the private keys behind them, by the check that each carries: Base58Check (Bitcoin, Litecoin,
//! Dogecoin, Tron), Bech32 (BIP 173 and 350); Ethereum's by its length alone.

use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::find::Finding;
use crate::kind::Kind;
use crate::text::{Text, is_word};

/// Bytes of a Base58Check address: version, 20 of hash, 4 of check.
const DECODED_BYTES: usize = 25;
/// Bytes of its check.
const CHECK_BYTES: usize = 4;
/// First bytes of private keys: Bitcoin's, Litecoin's, Dogecoin's.
const PRIVATE_VERSIONS: [u8; 3] = [0x80, 0xB0, 0x9E];
/// First bytes of addresses in use: Bitcoin's, Litecoin's, Dogecoin's, Tron's.
const VERSIONS: [u8; 7] = [0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x41];

/// An address that is this word.
pub(crate) fn find(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let written = text.slice(word.clone());
    if is_word(text.byte_before(word.start)) || is_word(text.byte(word.end)) {
        return None;
    }
    if is_private_key(written) {
        return Some(Finding::new(Kind::AssignedSecret, word));
    }
    (is_ethereum(written) || is_bech32(written) || is_base58_check(written))
        .then(|| Finding::new(Kind::CryptoWallet, word))
}

fn is_ethereum(written: &str) -> bool {
    written.strip_prefix("0x").is_some_and(|hex| {
        hex.len() == 40
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
            && hex.bytes().any(|byte| byte != b'0')
    })
}

/// The bytes that Base58 writes, as many as `N`, and whether their check is right.
fn base58_check<const N: usize>(written: &str) -> Option<[u8; N]> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut decoded = [0_u8; N];
    for byte in written.bytes() {
        let mut carry = ALPHABET.iter().position(|&known| known == byte)?;
        for place in decoded.iter_mut().rev() {
            carry += usize::from(*place) * 58;
            *place = carry.to_le_bytes()[0];
            carry /= 256;
        }
        if carry != 0 {
            return None;
        }
    }
    let (body, check) = decoded.split_at(N - CHECK_BYTES);
    Sha256::digest(Sha256::digest(body))
        .as_slice()
        .starts_with(check)
        .then_some(decoded)
}

fn is_base58_check(written: &str) -> bool {
    (26..=35).contains(&written.len())
        && base58_check::<DECODED_BYTES>(written).is_some_and(|bytes| VERSIONS.contains(&bytes[0]))
}

/// A private key as wallets export it: version, 32 bytes, one more where the public key is short.
fn is_private_key(written: &str) -> bool {
    let is_one = |bytes: &[u8]| PRIVATE_VERSIONS.contains(&bytes[0]);
    match written.len() {
        51 => base58_check::<37>(written).is_some_and(|bytes| is_one(&bytes)),
        52 => base58_check::<38>(written).is_some_and(|bytes| is_one(&bytes)),
        _ => false,
    }
}

fn is_bech32(written: &str) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    /// What the check leaves: of BIP 173, and of BIP 350.
    const RESTS: [u32; 2] = [1, 0x2BC8_30A3];
    let lower = written.to_ascii_lowercase();
    let Some((prefix, data)) = lower.split_once('1') else {
        return false;
    };
    if !matches!(prefix, "bc" | "ltc") || !(38..=87).contains(&data.len()) {
        return false;
    }
    let high = prefix.bytes().map(|byte| u32::from(byte >> 5));
    let low = prefix.bytes().map(|byte| u32::from(byte & 31));
    let mut rest = 1;
    for value in high.chain([0]).chain(low) {
        rest = bech32_step(rest, value);
    }
    for byte in data.bytes() {
        let Some(value) = ALPHABET.iter().position(|&known| known == byte) else {
            return false;
        };
        rest = bech32_step(rest, u32::try_from(value).unwrap_or(0));
    }
    RESTS.contains(&rest)
}

fn bech32_step(rest: u32, value: u32) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3B6A_57B2,
        0x2650_8E6D,
        0x1EA1_19FA,
        0x3D42_33DD,
        0x2A14_62B3,
    ];
    let top = rest >> 25;
    let shifted = (rest & 0x01FF_FFFF) << 5 ^ value;
    GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1)
        .fold(shifted, |rest, (_, generator)| rest ^ generator)
}

/// Behind a label the form is enough: letters of both cases and digits, as many as addresses have.
pub(crate) fn labelled(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let end = text.run_end(at, 110, |byte| byte.is_ascii_alphanumeric());
    let written = text.slice(at..end);
    let has = |is: fn(&u8) -> bool| written.bytes().any(|byte| is(&byte));
    let is_mixed = has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && (has(u8::is_ascii_uppercase) || written.starts_with("0x"));
    ((26..=106).contains(&written.len()) && is_mixed).then_some(at..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_told_by_its_check() {
        assert!(is_private_key(
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"
        ));
        assert!(is_private_key(
            "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617"
        ));
        assert!(!is_private_key(
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK"
        ));
    }

    #[test]
    fn checks_of_published_addresses_hold_and_break_with_one_letter() {
        assert!(is_base58_check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"));
        assert!(!is_base58_check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"));
        assert!(is_bech32("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"));
        assert!(!is_bech32("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"));
    }
}
