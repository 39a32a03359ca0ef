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
    word.len() <= 5 && STOP_WORDS.iter().any(|own| word.eq_ignore_ascii_case(own))
}

const STOP_WORDS: &[&str] = &[
    "the", "of", "and", "to", "a", "in", "is", "it", "that", "was", "for", "on", "you", "with",
    "as", "be", "at", "by", "this", "had", "not", "are", "but", "from", "or", "have", "an", "they",
    "which", "one", "we", "were", "all", "her", "she", "there", "would", "their", "him", "been",
    "has", "when", "who", "will", "no", "more", "if", "out", "so", "what", "up", "its", "about",
    "into", "than", "them", "can", "only", "other", "my", "i", "he", "his", "me", "your", "our",
    "do", "did", "just", "how",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_apostrophes_inside_and_none_around() {
        let all: Vec<&str> = words("'Don't' 砚 it’s café-bar, v2").map(|word| word.text).collect();
        assert_eq!(all, ["Don't", "it’s", "café", "bar", "v2"]);
    }
}
