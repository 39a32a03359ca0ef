//! The text as its reader sees it: letters, digits and signs of full width as plain ones, and
//! nothing for characters without width.
//!
//! Chinese input methods write `１３８` for `138`, and web pages hide a zero-width space in an address
//! of e-mail. The matchers know ASCII only, so they look at this text, and what they find is carried
//! back to the one that was written. Called by `find`; most texts have nothing to fold, which one look
//! at their bytes tells.

use std::ops::Range;

/// A text with something to fold.
pub(crate) struct Folded<'a> {
    written: &'a str,
    text: String,
    /// Where both texts part: a byte of `text`, and the byte of `written` from which it was made.
    /// From there to the next, both run side by side.
    parts: Vec<(usize, usize)>,
}

impl<'a> Folded<'a> {
    /// The folded text; none where it would be the same.
    pub(crate) fn of(written: &'a str) -> Option<Self> {
        if !has_any(written.as_bytes()) {
            return None;
        }
        let mut folded = Self {
            written,
            text: String::with_capacity(written.len()),
            parts: vec![(0, 0)],
        };
        for (at, c) in written.char_indices() {
            match fold(c) {
                Fold::Same => {
                    folded.text.push(c);
                    continue;
                }
                Fold::Plain(plain) => folded.text.push(plain),
                Fold::Nothing => {}
            }
            folded.parts.push((folded.text.len(), at + c.len_utf8()));
        }
        Some(folded)
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the written text that a range of this one was made from.
    pub(crate) fn written(&self, range: &Range<usize>) -> Range<usize> {
        let last = self.written_at(range.end.saturating_sub(1));
        let is_folded = self
            .written
            .get(last..)
            .and_then(|rest| rest.chars().next())
            .filter(|c| !matches!(fold(*c), Fold::Same));
        self.written_at(range.start)..last + is_folded.map_or(1, char::len_utf8)
    }

    fn written_at(&self, at: usize) -> usize {
        let after = self.parts.partition_point(|(folded, _)| *folded <= at);
        // proof: the first part begins at 0, so that one lies at or before every byte.
        let (folded, written) = self.parts[after - 1];
        written + (at - folded)
    }
}

enum Fold {
    Same,
    Plain(char),
    Nothing,
}

fn fold(c: char) -> Fold {
    match c {
        // Letters and digits, and the signs of addresses and numbers. Colons and brackets are left:
        // the matchers know how Chinese writes them.
        '\u{FF10}'..='\u{FF19}'
        | '\u{FF21}'..='\u{FF3A}'
        | '\u{FF41}'..='\u{FF5A}'
        | '\u{FF0B}'
        | '\u{FF0D}'
        | '\u{FF0E}'
        | '\u{FF20}'
        | '\u{FF3F}' => char::from_u32(u32::from(c) - 0xFEE0).map_or(Fold::Same, Fold::Plain),
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => Fold::Nothing,
        _ => Fold::Same,
    }
}

/// Whether there is a letter or digit of full width, or a character without width.
fn has_any(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        // Nothing of it begins below U+00AD.
        let is_one = bytes[at] >= 0xC2
            && matches!(
                bytes[at..],
                [0xEF, 0xBC, 0x90..=0x99 | 0xA1..=0xBA, ..]
                    | [0xEF, 0xBD, 0x81..=0x9A, ..]
                    | [0xE2, 0x80, 0x8B..=0x8F, ..]
                    | [0xE2, 0x81, 0xA0, ..]
                    | [0xEF, 0xBB, 0xBF, ..]
                    | [0xC2, 0xAD, ..]
            );
        if is_one {
            return true;
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_carried_back_to_whole_characters() {
        let written = "打１３８\u{200b}9，ＡＢ\u{ad}好";
        let folded = Folded::of(written).unwrap();
        assert_eq!(folded.text(), "打1389，AB好");
        let of = |part: &str| {
            let start = folded.text().find(part).unwrap();
            &written[folded.written(&(start..start + part.len()))]
        };
        assert_eq!(of("138"), "１３８");
        assert_eq!(of("1389"), "１３８\u{200b}9");
        assert_eq!(of("9"), "9");
        assert_eq!(of("AB"), "ＡＢ");
        assert_eq!(of("B好"), "Ｂ\u{ad}好");
        assert_eq!(of("打"), "打");
    }

    #[test]
    fn plain_text_has_nothing_to_fold() {
        for text in ["", "plain", "他说：“好，（真的）！”——1.5 倍", "café 👩‍👩‍👧"]
        {
            assert!(
                Folded::of(text).is_some() == text.contains('\u{200d}'),
                "{text}"
            );
        }
    }
}
