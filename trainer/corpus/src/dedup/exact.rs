//! The hash of a text, whatever its case, spacing and the width of its marks.
//!
//! Not of its meaning or markup. Kept on disk: how it is computed must never change. Called by
//! [`super::fingerprint`].

use inkstone_prose::characters::is_spaced;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The hash of a normalised text. 128 bits of SHA-256: in a billion paragraphs, two different ones
/// share it with a probability of 1 in 10^21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExactHash(pub [u8; 16]);

/// The hash of `text`: equal for two texts that differ in case, spaces, line breaks, full or half
/// width, and in the form of quotes and dashes only.
pub fn exact_hash(text: &str) -> ExactHash {
    let digest = Sha256::digest(normalised(text).as_bytes());
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    ExactHash(hash)
}

/// Lower case, half width, one kind of quote and dash, and spaces only between spaced words: a
/// line break within a Chinese sentence is nothing, one within an English sentence is a space.
fn normalised(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut space_pending = false;
    let mut last_is_spaced = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            space_pending = true;
            continue;
        }
        for c in folded(c).to_lowercase() {
            let spaced = is_spaced(c);
            if space_pending && spaced && last_is_spaced {
                plain.push(' ');
            }
            space_pending = false;
            last_is_spaced = spaced;
            plain.push(c);
        }
    }
    plain
}

/// One of the characters that are written for another.
fn folded(c: char) -> char {
    match c {
        // Full-width ASCII stands this far from ASCII (Unicode, Halfwidth and Fullwidth Forms).
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '。' => '.',
        '、' => ',',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201C}' | '\u{201D}' | '「' | '」' | '『' | '』' => '"',
        '\u{2010}'..='\u{2015}' => '-',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_spaces_and_widths_do_not_count() {
        let same = [
            ("The  harbour was\r\nQuiet.", "the harbour was quiet."),
            ("“Yes,” he said — twice", "\"yes,\" he said - twice"),
            ("我们用 React，很好。", "我们用React,很好."),
            ("第一行\n第二行", "第一行第二行"),
            ("ＡＢＣ１２３", "abc123"),
        ];
        for (one, other) in same {
            assert_eq!(exact_hash(one), exact_hash(other), "{one}");
        }
    }

    #[test]
    fn words_marks_and_accents_count() {
        let different = [
            ("an ice cream", "a nice cream"),
            ("resume", "résumé"),
            ("他来了。", "他来了？"),
            ("well-known", "well known"),
            ("👍🏽", "👍🏿"),
            ("", "a"),
        ];
        for (one, other) in different {
            assert_ne!(exact_hash(one), exact_hash(other), "{one}");
        }
    }

    #[test]
    fn the_hash_on_disk_stays_the_same() {
        let of = |text| {
            let ExactHash(bytes) = exact_hash(text);
            bytes.map(|byte| format!("{byte:02x}")).concat()
        };
        // SHA-256 of the empty text (FIPS 180-4), and of "the harbour,海".
        assert_eq!(of(" \n"), "e3b0c44298fc1c149afbf4c8996fb924");
        assert_eq!(of("The  Harbour， 海"), of("the harbour,海"));
        assert_eq!(of("The  Harbour， 海"), "c62702839c96b4c3affa95c2dfaef06a");
    }
}
