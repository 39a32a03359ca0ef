//! The language around a caret: which model should continue the text.
//!
//! Not of a document, which may change its language with every paragraph, and not between
//! languages of one script: Latin letters count as English, since telling French from English
//! takes words. Called by policy (`Other` is not served) and by the daemon to choose the model.

mod blocks;
mod evidence;
mod line;

use inkstone_text::{ceil_char_boundary, first_bytes, last_bytes};

use crate::sentence::next_sentence_end;
use blocks::{BlocksAbove, CaretBlock, cells_above, front_matter, words_of_front_matter};
use evidence::Counts;

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

/// How much text before the caret is looked at before all of it is.
const CONTEXT_BYTES_MAX: usize = 4096;

/// The longest sentence looked for; of a longer one, its end counts.
const SENTENCE_BYTES_MAX: usize = 1024;

/// How much text after the caret counts: the rest of a sentence, not the next page.
const FOLLOWING_BYTES_MAX: usize = 512;

/// The language of the text around a caret.
///
/// What is being written right now decides: the line at the caret, else its sentence, else its
/// block, else the blocks above it from the nearest on, whichever says enough first; else all that
/// is given, else English. A block ends where its kind does, with or without a full stop: a
/// heading or an item says nothing about the paragraph below it as long as that speaks for itself.
/// Shares are counted in words and Han characters, so a Chinese sentence with product names is
/// Chinese and an English one that quotes 中文 is English. Reads a few kilobytes, and more only if
/// there is no letter in them.
pub fn language_around(prefix: &str, suffix: &str) -> Language {
    let context = last_bytes(prefix, CONTEXT_BYTES_MAX);
    let metadata = if context.len() == prefix.len() {
        front_matter(context)
    } else {
        ""
    };
    let context = &context[metadata.len()..];
    let following = first_bytes(suffix, FOLLOWING_BYTES_MAX);
    let (caret, above) = BlocksAbove::of(context);
    let after = Counts::of(rest_of_block(following, &caret));
    by_block(&caret, after)
        .or_else(|| by_blocks_above(&caret, after, context, above))
        .or_else(|| Counts::of(following).majority())
        .or_else(|| total(words_of_front_matter(metadata)).majority())
        .or_else(|| Counts::of(prefix).plus(Counts::of(suffix)).majority())
        .unwrap_or(Language::English)
}

/// The language most of a whole text is in; none if it has no letter. Not for half-written text,
/// where what stands at the caret decides: [`language_around`].
pub fn language_of(text: &str) -> Option<Language> {
    Counts::of(text).majority()
}

/// What the block of the caret says.
fn by_block(caret: &CaretBlock<'_>, after: Counts) -> Option<Language> {
    let in_line = Counts::of(last_sentence(caret.line));
    let in_sentence = Counts::of(last_sentence(caret.block.text));
    let block = Counts::of(caret.block.text);
    // Where text follows, one is not at the end of what is being written.
    let at_end = if after.is_empty() {
        in_sentence.at_end()
    } else {
        None
    };
    let language = at_end
        .or_else(|| in_line.plus(after).clear_conclusion())
        .or_else(|| in_sentence.plus(after).conclusion())
        .or_else(|| block.plus(after).conclusion())?;
    // A Japanese sentence may start with Han characters alone.
    let is_japanese = language == Language::Chinese && block.majority() == Some(Language::Other);
    Some(if is_japanese {
        Language::Other
    } else {
        language
    })
}

/// What the blocks above say, taken with that of the caret: a name there is in the language of
/// its neighbours.
fn by_blocks_above(
    caret: &CaretBlock<'_>,
    after: Counts,
    context: &str,
    above: BlocksAbove<'_>,
) -> Option<Language> {
    let here = Counts::of(caret.block.text).plus(after);
    if caret.is_cell {
        let mut column = here;
        for cell in cells_above(context) {
            column = column.plus(Counts::of(cell));
            if let Some(language) = column.conclusion() {
                return Some(language);
            }
        }
    }
    let mut own = here;
    let mut all = here;
    for block in above {
        let counts = Counts::of(block.text);
        all = all.plus(counts);
        // What somebody else wrote is in their language.
        if block.quote_depth > caret.block.quote_depth {
            continue;
        }
        own = own.plus(counts);
        if let Some(language) = own.conclusion() {
            return Some(language);
        }
    }
    own.majority().or_else(|| all.majority())
}

/// What follows the caret in its block, on its line.
fn rest_of_block<'a>(following: &'a str, caret: &CaretBlock<'_>) -> &'a str {
    let line = following.split(['\n', '\r']).next().unwrap_or_default();
    let end = if caret.is_cell {
        line.find('|')
    } else {
        line::before_block_tag(line)
    };
    &line[..end.unwrap_or(line.len())]
}

fn total<'a>(pieces: impl Iterator<Item = &'a str>) -> Counts {
    pieces.fold(Counts::default(), |sum, piece| sum.plus(Counts::of(piece)))
}

/// The text after the last sentence that ended.
fn last_sentence(paragraph: &str) -> &str {
    let mut start = ceil_char_boundary(
        paragraph,
        paragraph.len().saturating_sub(SENTENCE_BYTES_MAX),
    );
    while let Some(end) = next_sentence_end(paragraph, start).certain() {
        // A sentence that ends at the caret still says what is being written.
        if paragraph[end..].trim_start().is_empty() {
            break;
        }
        start = end;
    }
    &paragraph[start..]
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
    fn a_whole_text_is_in_the_language_of_most_of_it() {
        let of = language_of;
        assert_eq!(
            of("我们用 Visual Studio Code 写代码，感觉很好。"),
            Some(Language::Chinese)
        );
        assert_eq!(
            of("She wrote 你好 on the board and left."),
            Some(Language::English)
        );
        assert_eq!(of("Сегодня утром мы пошли в парк"), Some(Language::Other));
        assert_eq!(of("1 + 1 = 2 👍🏽"), None);
    }

    #[test]
    fn combining_marks_do_not_split_words() {
        check("Le cafe\u{301} était fermé depuis‸", Language::English);
    }
}
