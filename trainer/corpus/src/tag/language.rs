//! The language of a piece: one that is trained, or neither.
//!
//! Script decides between Chinese and Latin letters, the majority of a mixed text; among languages
//! of Latin letters, the small words that no text does without. Called by [`super`] per piece.

use std::collections::HashMap;
use std::sync::LazyLock;

use inkstone_prose::{Language, language_of};

use crate::word;

/// How much of a piece is looked at: the small words of a page tell.
const TEXT_BYTES_MAX: usize = 4 << 10;

/// Of fewer words, nothing is said about which Latin language they are in: names, headings and
/// product lists pass as English.
const WORDS_MIN: usize = 12;

/// Words that hardly any other language of Latin letters has.
const ENGLISH: &[&str] = &[
    "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has", "have", "he",
    "her", "his", "i", "if", "is", "it", "my", "not", "of", "on", "or", "she", "that", "the",
    "their", "there", "they", "this", "to", "was", "we", "were", "which", "with", "you", "your",
];

/// The same of others: French, German, Spanish, Italian, Portuguese, Dutch, Swedish and Polish.
const OTHERS: &[&str] = &[
    "auf", "avec", "che", "como", "con", "das", "dans", "de", "dem", "den", "der", "det", "di",
    "die", "du", "ein", "eine", "el", "en", "es", "est", "et", "för", "het", "ich", "il", "ist",
    "je", "jest", "la", "las", "le", "les", "los", "med", "mit", "na", "nicht", "nie", "non",
    "não", "och", "os", "para", "pas", "per", "por", "pour", "que", "qui", "sich", "sie", "som",
    "sono", "um", "una", "und", "une", "uma", "van", "voor", "się", "är", "zijn",
];

/// Whether a small word is English.
static SMALL_WORDS: LazyLock<HashMap<&str, bool>> = LazyLock::new(|| {
    let english = ENGLISH.iter().map(|word| (*word, true));
    let others = OTHERS.iter().map(|word| (*word, false));
    english.chain(others).collect()
});

/// The tag of a piece's language; none if it is neither English nor Chinese.
pub fn language(text: &str) -> Option<&'static str> {
    let text = inkstone_text::first_bytes(text, TEXT_BYTES_MAX);
    match language_of(text) {
        Some(Language::Chinese) => Some(Language::Chinese.tag()),
        Some(Language::English) if is_english(text) => Some(Language::English.tag()),
        _ => None,
    }
}

/// Whether the small words are English ones. A text without any, such as a list of terms, is.
fn is_english(text: &str) -> bool {
    let (mut words, mut english, mut others) = (0_usize, 0_usize, 0_usize);
    let mut lower = String::new();
    for word in text.split(|c: char| !c.is_alphabetic()) {
        if word.is_empty() {
            continue;
        }
        words += 1;
        word::lower_into(word, &mut lower);
        match SMALL_WORDS.get(lower.as_str()) {
            Some(true) => english += 1,
            Some(false) => others += 1,
            None => {}
        }
    }
    words < WORDS_MIN || english >= others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_of_latin_letters_are_told_apart() {
        let of = language;
        assert_eq!(
            of("The harbour was quiet again, and we went home."),
            Some("en")
        );
        assert_eq!(
            of(
                "Le port était de nouveau calme, et les bateaux sont rentrés dans la baie avec la marée."
            ),
            None
        );
        assert_eq!(
            of(
                "Der Hafen war wieder ruhig, und wir gingen mit den anderen nach Hause, als es dunkel wurde."
            ),
            None
        );
        assert_eq!(
            of(
                "El puerto estaba tranquilo y los barcos volvieron a la bahía con la marea de la tarde."
            ),
            None
        );
    }

    #[test]
    fn mixed_text_is_in_the_language_of_most_of_it() {
        assert_eq!(
            language("我们用 Visual Studio Code 写代码，感觉很好。"),
            Some("zh")
        );
        assert_eq!(
            language("She wrote 你好 on the board and left the room."),
            Some("en")
        );
        assert_eq!(language("昨日は東京へ行きました。"), None);
        assert_eq!(language("Сегодня утром мы пошли в парк"), None);
        assert_eq!(language("👍🏽 12:30"), None);
        assert_eq!(language(""), None);
    }

    #[test]
    fn names_and_headings_are_english() {
        assert_eq!(language("Kubernetes, Docker, PostgreSQL"), Some("en"));
        assert_eq!(language("Les Misérables"), Some("en"));
    }
}
