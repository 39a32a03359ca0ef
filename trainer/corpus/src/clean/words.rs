//! The Latin words of a text, as rules see them.

/// A word and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) start: usize,
    pub(crate) text: &'a str,
}

impl Word<'_> {
    pub(crate) const fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(crate) fn is(&self, other: &str) -> bool {
        self.text.eq_ignore_ascii_case(other)
    }
}

/// Runs of letters and digits below U+0250, with apostrophes inside.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let start = at + rest.find(is_word_char)?;
        let mut end = start;
        let mut chars = text[start..].char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            let joins = matches!(c, '\'' | '\u{2019}')
                && chars.peek().is_some_and(|(_, next)| is_word_char(*next));
            if !is_word_char(c) && !joins {
                break;
            }
            end = start + offset + c.len_utf8();
        }
        at = end;
        Some(Word {
            start,
            text: &text[start..end],
        })
    })
}

/// Whether a Latin word may hold this character.
pub(crate) fn is_word_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || (matches!(c, '\u{C0}'..='\u{24F}') && !matches!(c, '×' | '÷'))
}

/// The character before an offset.
pub(crate) fn char_before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at an offset.
pub(crate) fn char_at(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// Whether a word is one of the little ones that hold English sentences together.
pub(crate) fn is_stop_word(word: &str) -> bool {
    word.len() <= STOP_WORD_BYTES_MAX && STOP_WORDS.binary_search(&packed(word.as_bytes())).is_ok()
}

/// A hash of a word in small letters, the same for every run of this program and no longer.
pub(crate) fn hash(word: &str) -> u64 {
    word.bytes().fold(0x9e37_79b9_7f4a_7c15, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

const STOP_WORD_BYTES_MAX: usize = 5;

/// The first bytes of a word in small letters as one number, in alphabetical order.
const fn packed(word: &[u8]) -> u64 {
    let mut number = 0;
    let mut at = 0;
    while at < 8 {
        let byte = if at < word.len() {
            word[at].to_ascii_lowercase()
        } else {
            0
        };
        number = number << 8 | byte as u64;
        at += 1;
    }
    number
}

/// Sorted.
const STOP_WORDS: &[u64] = &[
    packed(b"a"),
    packed(b"about"),
    packed(b"all"),
    packed(b"an"),
    packed(b"and"),
    packed(b"are"),
    packed(b"as"),
    packed(b"at"),
    packed(b"be"),
    packed(b"been"),
    packed(b"but"),
    packed(b"by"),
    packed(b"can"),
    packed(b"did"),
    packed(b"do"),
    packed(b"for"),
    packed(b"from"),
    packed(b"had"),
    packed(b"has"),
    packed(b"have"),
    packed(b"he"),
    packed(b"her"),
    packed(b"him"),
    packed(b"his"),
    packed(b"how"),
    packed(b"i"),
    packed(b"if"),
    packed(b"in"),
    packed(b"into"),
    packed(b"is"),
    packed(b"it"),
    packed(b"its"),
    packed(b"just"),
    packed(b"me"),
    packed(b"more"),
    packed(b"my"),
    packed(b"no"),
    packed(b"not"),
    packed(b"of"),
    packed(b"on"),
    packed(b"one"),
    packed(b"only"),
    packed(b"or"),
    packed(b"other"),
    packed(b"our"),
    packed(b"out"),
    packed(b"she"),
    packed(b"so"),
    packed(b"than"),
    packed(b"that"),
    packed(b"the"),
    packed(b"their"),
    packed(b"them"),
    packed(b"there"),
    packed(b"they"),
    packed(b"this"),
    packed(b"to"),
    packed(b"up"),
    packed(b"was"),
    packed(b"we"),
    packed(b"were"),
    packed(b"what"),
    packed(b"when"),
    packed(b"which"),
    packed(b"who"),
    packed(b"will"),
    packed(b"with"),
    packed(b"would"),
    packed(b"you"),
    packed(b"your"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_and_found_whatever_their_case() {
        assert!(STOP_WORDS.is_sorted());
        assert!(["the", "The", "which", "a"].into_iter().all(is_stop_word));
        assert!(
            !["thee", "whichever", "", "砚"]
                .into_iter()
                .any(is_stop_word)
        );
    }

    #[test]
    fn words_have_apostrophes_inside_and_none_around() {
        let all: Vec<&str> = words("'Don't' 砚 it’s café-bar, v2")
            .map(|word| word.text)
            .collect();
        assert_eq!(all, ["Don't", "it’s", "café", "bar", "v2"]);
    }
}
