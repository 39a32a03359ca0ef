//! Bytes to characters while they arrive: a token may end inside a character.

/// Decodes a stream of bytes. What it has given out never changes, and all of it together is what
/// [`String::from_utf8_lossy`] makes of all the bytes at once.
#[derive(Clone, Debug, Default)]
pub struct Utf8Stream {
    /// The beginning of a character whose end has not come; at most three bytes.
    tail: Vec<u8>,
}

impl Utf8Stream {
    /// Takes bytes and gives the characters that are complete now. Bytes that can be no part of a
    /// character become U+FFFD.
    #[must_use]
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.tail.extend_from_slice(bytes);
        let mut text = String::with_capacity(self.tail.len());
        let mut rest = self.tail.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    self.tail.clear();
                    return text;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(invalid_len) = error.error_len() else {
                        // A character that only lacks its end.
                        self.tail = after.to_vec();
                        return text;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[invalid_len..];
                }
            }
        }
    }

    /// Ends the stream: a character whose end never came becomes U+FFFD.
    #[must_use]
    pub fn finish(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.tail).into_owned();
        self.tail.clear();
        text
    }

    /// Whether the bytes so far end inside a character.
    pub fn is_inside_character(&self) -> bool {
        !self.tail.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode_in_pieces(bytes: &[u8], cuts: &[usize]) -> String {
        let mut stream = Utf8Stream::default();
        let mut text = String::new();
        let mut start = 0;
        for &cut in cuts {
            let end = cut.clamp(start, bytes.len());
            text += &stream.push(&bytes[start..end]);
            start = end;
        }
        text += &stream.push(&bytes[start..]);
        text + &stream.finish()
    }

    #[test]
    fn a_character_appears_when_its_last_byte_does() {
        let mut stream = Utf8Stream::default();
        assert_eq!(stream.push(&[0xE7, 0xA0]), "");
        assert!(stream.is_inside_character());
        assert_eq!(stream.push(&[0x9A, b'!']), "砚!");
        assert_eq!(stream.finish(), "");
    }

    #[test]
    fn every_two_cuts_of_a_mixed_text_give_the_same() {
        let text = "Ink 砚台,naïve e\u{301} 👩‍👩‍👧\r\n🇨🇳";
        for first in 0..=text.len() {
            for second in first..=text.len() {
                assert_eq!(decode_in_pieces(text.as_bytes(), &[first, second]), text);
            }
        }
    }

    #[test]
    fn an_unfinished_character_is_replaced_at_the_end_only() {
        let mut stream = Utf8Stream::default();
        assert_eq!(stream.push(b"a\xF0\x9F\x91"), "a");
        assert_eq!(stream.finish(), "\u{FFFD}");
        assert_eq!(stream.push(b"b"), "b", "finishing empties the stream");
    }

    proptest! {
        #[test]
        fn any_split_of_any_bytes_gives_what_decoding_at_once_gives(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0xE4), Just(0xF0), Just(0x9F), Just(0x80), Just(0xED)], 0..48),
            mut cuts in proptest::collection::vec(0_usize..48, 0..8),
        ) {
            cuts.sort_unstable();
            prop_assert_eq!(decode_in_pieces(&bytes, &cuts), String::from_utf8_lossy(&bytes));
        }
    }
}
