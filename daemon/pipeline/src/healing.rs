//! Token healing: where the model begins to write, so that a caret between two of its tokens does
//! not mislead it (Lundberg 2023, "The Art of Prompt Design: Prompt Boundaries and Token Healing").
//!
//! A word half typed is cut into tokens that whole words seldom have, and nothing likely follows
//! those. So the model is given the text up to a place before the caret, and what was typed after it
//! binds the tokens that it may choose. Not the choosing: the daemon does it, with the vocabulary.

use inkstone_prose::characters::{is_han, is_unspaced, is_word_joiner};

/// Longer words are healed from so many characters before the caret: nothing longer is one token.
const HEALED_CHARS_MAX: usize = 24;

/// What the model writes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Healing {
    /// Byte of the text from which on its tokens are given back; its length for none.
    pub from: usize,
    /// Whether the writer's space after the text is the beginning of the next token, as it is in
    /// most vocabularies.
    pub space: bool,
}

/// How to heal the end of `text`, which is the text before the caret without the spaces at its end;
/// these are `held_back`.
pub fn healing(text: &str, held_back: &str) -> Healing {
    if !held_back.is_empty() {
        // More than one is layout, and so is any at the start of a line.
        let after_words = text.chars().next_back().is_some_and(|c| !c.is_whitespace());
        return Healing {
            from: text.len(),
            space: held_back == " " && after_words,
        };
    }
    Healing {
        from: text.len() - typed_bytes(text),
        space: false,
    }
}

/// Bytes at the end of the text that a token may go on with: of the word that stands there, or of
/// one Han character, since words of those are not marked. Digits are tokens of their own in most
/// vocabularies.
fn typed_bytes(text: &str) -> usize {
    let Some(last) = text.chars().next_back() else {
        return 0;
    };
    if is_han(last) {
        return last.len_utf8();
    }
    if !is_letter(last) {
        return 0;
    }
    let word = text
        .char_indices()
        .rev()
        .take(HEALED_CHARS_MAX)
        .take_while(|&(_, c)| is_letter(c) || is_word_joiner(c));
    let start = word.filter(|&(_, c)| is_letter(c)).last();
    start.map_or(0, |(at, _)| text.len() - at)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !is_unspaced(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What of the text before the caret is written again, the healed space as `_`.
    fn check(prefix: &str, expected: &str) {
        let text = prefix.trim_end_matches([' ', '\t']);
        let healing = healing(text, &prefix[text.len()..]);
        let space = if healing.space { "_" } else { "" };
        assert_eq!(
            format!("{}{space}", &text[healing.from..]),
            expected,
            "{prefix:?}"
        );
    }

    #[test]
    fn a_word_of_a_spaced_script_is_written_again_from_its_start() {
        check("The harb", "harb");
        check("The harbour", "harbour");
        check("They don't", "don't");
        check("“Qui", "Qui");
        check("приве", "приве");
        check("cafe\u{301}", "");
        check("我们用Rea", "Rea");
        check(&"a".repeat(100), &"a".repeat(HEALED_CHARS_MAX));
    }

    #[test]
    fn one_han_character_is_written_again() {
        check("今天天", "天");
        check("用 React 写", "写");
        check("𠮷野", "野");
        check("今天，", "");
    }

    #[test]
    fn a_space_after_words_begins_the_next_token_and_layout_does_not() {
        check("The harbour ", "_");
        check("- ", "_");
        check("他说 ", "_");
        check("The harbour  ", "");
        check("The\tharbour\t", "");
        check("Quiet.\n ", "");
        check(" ", "");
    }

    #[test]
    fn nothing_else_is_written_again() {
        for prefix in ["", "Quiet.", "Quiet.\n", "in 1984", "(", "👩‍👩‍👧", "ひらがな"]
        {
            check(prefix, "");
        }
    }
}
