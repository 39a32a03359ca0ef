//! Classes of characters that languages disagree on.
//!
//! Not a full script table: only what the decisions of this project need, by Unicode block. Used
//! by language and sentence detection here, and by policy and pipeline.

/// Whether `c` is a Han character, including rare ones and the iteration mark.
pub const fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' | '々' | '〇')
}

/// Whether `c` is Hiragana or Katakana.
pub const fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9D}')
}

/// Whether `c` is punctuation of Chinese text, full width or its own.
pub const fn is_cjk_punctuation(c: char) -> bool {
    matches!(c,
        '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3020}' | '\u{3030}'
        | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}')
}

/// Whether words of the script of `c` are written without spaces between them.
pub const fn is_unspaced(c: char) -> bool {
    is_han(c) || is_kana(c) || is_cjk_punctuation(c)
}

/// Words of unspaced scripts have about as many characters.
pub const UNSPACED_WORD_CHARS: usize = 2;

/// Whether `c` is a letter or digit of a script whose words stand between spaces.
pub fn is_spaced(c: char) -> bool {
    c.is_alphanumeric() && !is_unspaced(c)
}

/// Whether `c` is a Latin letter, with or without marks.
pub fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}') && c.is_alphabetic())
}

/// Whether `c` joins the letters around it into one word: an apostrophe, a combining mark.
pub const fn is_word_joiner(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{300}'..='\u{36F}')
}

/// Whether `c` closes a quotation or a bracket. The straight quotes do so as often as they open.
pub const fn is_closer(c: char) -> bool {
    matches!(
        c,
        ')' | ']'
            | '}'
            | '"'
            | '\''
            | '\u{201D}'
            | '\u{2019}'
            | '\u{BB}'
            | '\u{203A}'
            | '」'
            | '』'
            | '\u{FF09}'
            | '】'
            | '》'
            | '〉'
            | '〕'
            | '〗'
            | '\u{FF3D}'
            | '\u{FF5D}'
            | '*'
            | '_'
    )
}

/// Whether `c` is punctuation that belongs to the word before it, so that no space precedes it.
pub const fn is_trailing_punctuation(c: char) -> bool {
    is_closer(c)
        || matches!(
            c,
            '.' | ','
                | ';'
                | ':'
                | '!'
                | '?'
                | '…'
                | '%'
                | '。'
                | '、'
                | '\u{FF0C}'
                | '\u{FF1B}'
                | '\u{FF1A}'
                | '\u{FF01}'
                | '\u{FF1F}'
                | '\u{FF0E}'
                | '\u{FF05}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_is_told_from_kana_and_latin() {
        assert!("今𠮷々〇".chars().all(is_han));
        assert!("ひらカタ".chars().all(is_kana));
        assert!("aZéñ".chars().all(is_latin));
        assert!(!"今ひ×÷1.".chars().any(is_latin));
        assert!(!"ひaＡ,".chars().any(is_han));
    }

    #[test]
    fn full_width_punctuation_is_unspaced_and_full_width_letters_are_not() {
        assert!(
            "。\u{FF0C}\u{FF01}\u{FF1F}、《》「」\u{FF08}\u{FF09}\u{FF1A} \u{FF1B}"
                .chars()
                .filter(|c| *c != ' ')
                .all(is_unspaced)
        );
        assert!(!"A1a ,.“”".chars().any(is_unspaced));
    }

    #[test]
    fn letters_and_digits_between_spaces_are_told_from_those_that_are_not_and_from_marks() {
        assert!("aÉ1яＡ".chars().all(is_spaced));
        assert!(!"砚ひ。 ,'".chars().any(is_spaced));
    }

    #[test]
    fn every_closer_trails_its_word() {
        assert!(
            "”’」』\u{FF09}】》\"')]"
                .chars()
                .all(|c| is_closer(c) && is_trailing_punctuation(c))
        );
        assert!(!"“‘「『\u{FF08}【《([".chars().any(is_trailing_punctuation));
    }
}
