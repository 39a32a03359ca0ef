//! The alphabet of byte-level vocabularies: every byte has a printable character.
//!
//! Bytes that are printable in Latin-1 stand for themselves, the other 68 for U+0100 and what
//! follows, in order (`bytes_to_unicode` of GPT-2's encoder). Token texts in GGUF are written in it.

/// First character of the bytes that are not printable.
const SHIFTED_START: u32 = 0x100;

/// The bytes of a token's text; none when it has a character outside of the alphabet.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(text)
        .ok()?
        .chars()
        .map(byte_of)
        .collect()
}

fn byte_of(character: char) -> Option<u8> {
    let code = u32::from(character);
    if let Ok(byte) = u8::try_from(code) {
        return is_printable(byte).then_some(byte);
    }
    let index = usize::try_from(code.checked_sub(SHIFTED_START)?).ok()?;
    (0..=u8::MAX).filter(|&byte| !is_printable(byte)).nth(index)
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_is_g_with_dot_and_a_newline_is_c_with_dot() {
        assert_eq!(decode("Ġthe".as_bytes()).unwrap(), b" the");
        assert_eq!(decode("Ċ".as_bytes()).unwrap(), b"\n");
        assert_eq!(decode("çłļ".as_bytes()).unwrap(), "砚".as_bytes());
    }

    #[test]
    fn every_byte_has_exactly_one_character() {
        let mut bytes: Vec<u8> = (0_u32..0x200)
            .filter_map(char::from_u32)
            .filter_map(byte_of)
            .collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=u8::MAX).collect::<Vec<_>>());
    }

    #[test]
    fn text_outside_the_alphabet_is_not_decoded() {
        for text in [" ", "砚", "\u{144}", "\u{AD}"] {
            assert_eq!(decode(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(decode(&[0xFF]), None);
    }
}
