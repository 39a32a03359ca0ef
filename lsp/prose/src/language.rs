//! The language around a caret: which model should continue the text.
//!
//! Not of a document, which may change its language with every paragraph, and not between
//! languages of one script: Latin letters count as English, since telling French from English
//! takes words. Called by policy (`Other` is not served) and by the daemon to choose the model.

use crate::characters::{is_han, is_kana, is_latin, is_word_joiner};
use crate::sentence::next_sentence_end;

/// A language that models are chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, or another language of Latin script.
    English,
    /// Chinese, simplified or traditional.
    Chinese,
    /// Any other: Japanese, Korean, Cyrillic, Arabic, …
    Other,
}

impl Language {
    /// The tag by which models and settings name it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
            Self::Other => "und",
        }
    }
}

/// How much text before the caret is looked at when its paragraph says too little.
const CONTEXT_BYTES_MAX: usize = 4096;

/// How much text after the caret counts: the rest of a sentence, not the next page.
const FOLLOWING_BYTES_MAX: usize = 512;

/// A word says as much as about this many Han characters, times two to stay with integers: the
/// same text has 1.5 Han characters per English word.
const WORD_WEIGHT_HALVES: u32 = 3;

/// So many words on their own are English; fewer may be names in a text of another language.
const WORDS_CONCLUSIVE: u32 = 3;

/// The language of the text around a caret.
///
/// The sentence that holds the caret decides if it says enough, else its paragraph, else all that
/// is given, else English. Shares are counted in words and Han characters, so a Chinese sentence
/// with product names is Chinese and an English one that quotes 中文 is English.
pub fn language_around(prefix: &str, suffix: &str) -> Language {
    let following = &suffix[..floor(suffix, FOLLOWING_BYTES_MAX)];
    let line_after = following.split(['\n', '\r']).next().unwrap_or_default();
    let context = &prefix[ceil(prefix, prefix.len().saturating_sub(CONTEXT_BYTES_MAX))..];
    let paragraph = last_paragraph(context);
    let sentence = last_sentence(paragraph);

    let after = Counts::of(line_after);
    let here = Counts::of(sentence).plus(after);
    let near = Counts::of(paragraph).plus(after);
    here.conclusion()
        .or_else(|| near.conclusion())
        .or_else(|| Counts::of(context).plus(Counts::of(following)).majority())
        .or_else(|| Counts::of(prefix).plus(Counts::of(suffix)).majority())
        .unwrap_or(Language::English)
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    words: u32,
    han: u32,
    kana: u32,
    other: u32,
}

impl Counts {
    fn of(text: &str) -> Self {
        let mut counts = Self::default();
        let mut in_word = false;
        for c in text.chars() {
            if is_latin(c) {
                counts.words += u32::from(!in_word);
                in_word = true;
                continue;
            }
            // Addresses and identifiers are one word, whatever joins their parts.
            in_word &=
                is_word_joiner(c) || matches!(c, '.' | '-' | '_' | '/' | ':') || c.is_ascii_digit();
            counts.han += u32::from(is_han(c));
            counts.kana += u32::from(is_kana(c));
            counts.other += u32::from(c.is_alphabetic() && !is_han(c) && !is_kana(c));
        }
        counts
    }

    fn plus(self, more: Self) -> Self {
        Self {
            words: self.words + more.words,
            han: self.han + more.han,
            kana: self.kana + more.kana,
            other: self.other + more.other,
        }
    }

    /// The language, if there is enough text to tell.
    fn conclusion(self) -> Option<Language> {
        let language = self.majority()?;
        let enough = language != Language::English || self.words >= WORDS_CONCLUSIVE;
        enough.then_some(language)
    }

    /// The language that most of the text is in, if there is any.
    fn majority(self) -> Option<Language> {
        let english = self.words.saturating_mul(WORD_WEIGHT_HALVES);
        // Japanese mixes Han with kana; a Chinese text has a word of kana at most.
        let (chinese, japanese) = if self.kana * 8 > self.han {
            (0, (self.han + self.kana) * 2)
        } else {
            (self.han * 2, self.kana * 2)
        };
        // Letters of an alphabet: about five to a word.
        let other = japanese + self.other * WORD_WEIGHT_HALVES / 5;
        let most = english.max(chinese).max(other);
        if most == 0 {
            return (self.other > 0).then_some(Language::Other);
        }
        Some(if most == other && other > chinese.max(english) {
            Language::Other
        } else if most == chinese && chinese > english {
            Language::Chinese
        } else {
            Language::English
        })
    }
}

/// The text after the last blank line.
fn last_paragraph(text: &str) -> &str {
    let mut start = text.len();
    for line in text.split_inclusive('\n').rev() {
        let is_last_line = start == text.len();
        if line.trim().is_empty() && !is_last_line {
            break;
        }
        start -= line.len();
        // A caret on a new line after a blank one is in a paragraph of its own.
        if line.trim().is_empty() && line.ends_with('\n') {
            return &text[start + line.len()..];
        }
    }
    &text[start..]
}

/// The text after the last sentence that ended.
fn last_sentence(paragraph: &str) -> &str {
    let mut start = 0;
    while let Some(end) = next_sentence_end(paragraph, start).certain() {
        // A sentence that ends at the caret still says what is being written.
        if paragraph[end..].trim().is_empty() {
            break;
        }
        start = end;
    }
    &paragraph[start..]
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `‸` marks the caret.
    fn check(fixture: &str, expected: Language) {
        let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
        assert_eq!(language_around(prefix, suffix), expected, "{fixture}");
    }

    #[test]
    fn plain_sentences_are_in_their_language() {
        check(
            "The morning after the storm, the harbour was‸",
            Language::English,
        );
        check("今天早上我去公园散步，看到很多老人在‸", Language::Chinese);
        check("昨日は東京へ行きました。そして‸", Language::Other);
        check("Сегодня утром мы пошли в парк и‸", Language::Other);
        check("오늘 아침 공원에‸", Language::Other);
    }

    #[test]
    fn a_chinese_sentence_with_english_names_is_chinese() {
        check(
            "我们用 Visual Studio Code 和 GitHub Copilot 来写代码，感觉‸",
            Language::Chinese,
        );
        check("React 18 发布以后,useEffect 的行为有了‸", Language::Chinese);
        check("如果你安装了 npm 包 react-dom,那么‸", Language::Chinese);
    }

    #[test]
    fn an_english_sentence_that_quotes_chinese_is_english() {
        check(
            "The characters 中文 mean the Chinese language, and they‸",
            Language::English,
        );
        check(
            "She wrote 你好世界 on the board and turned to‸",
            Language::English,
        );
    }

    #[test]
    fn a_name_at_the_start_of_a_sentence_keeps_the_paragraphs_language() {
        check(
            "今天早上我去公园散步，看到很多老人。React‸",
            Language::Chinese,
        );
        check(
            "今天早上我去公园散步，看到很多老人。\n\nReact‸",
            Language::Chinese,
        );
    }

    #[test]
    fn the_first_characters_of_a_new_paragraph_change_the_language() {
        check(
            "A long English paragraph about willows and lakes.\n\n今天‸",
            Language::Chinese,
        );
        check(
            "今天早上我去公园散步，看到很多老人。\n\nThe next day we‸",
            Language::English,
        );
    }

    #[test]
    fn the_sentence_at_the_caret_outweighs_the_ones_before() {
        check(
            "The boss said it would be done by Friday at the latest. 但是我觉得‸",
            Language::Chinese,
        );
        check(
            "他说星期五之前一定能够做完这件事情。But I do not think that‸",
            Language::English,
        );
    }

    #[test]
    fn an_empty_paragraph_has_the_documents_language() {
        check("今天早上我去公园散步。\n\n‸", Language::Chinese);
        check(
            "We went to the park this morning.\r\n\r\n‸",
            Language::English,
        );
        check("‸\n\n今天早上我去公园散步。", Language::Chinese);
        check("‸", Language::English);
        check("👨‍👩‍👧 12:30 — ‸", Language::English);
    }

    #[test]
    fn combining_marks_do_not_split_words() {
        check("Le cafe\u{301} était fermé depuis‸", Language::English);
    }
}
