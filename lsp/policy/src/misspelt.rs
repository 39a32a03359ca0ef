//! Whether the word before the caret is misspelt: the writer will go back to it.
//!
//! A list of known wrong spellings, not of right words: a name, a term or a word of another language
//! that nobody has heard of is no mistake, and silence after it would be. The list is text in the
//! program, searched where it lies.

use inkstone_text::last_bytes;

use crate::composing::is_word_of;

/// Words that only English has, and has often: what is wrong there is right elsewhere (`dependance`).
const ENGLISH_WORDS: [&str; 16] = [
    "and", "because", "from", "have", "into", "that", "the", "their", "there", "they", "this",
    "were", "which", "with", "would", "you",
];

/// Of these, so many different ones just before the word make the text English.
const ENGLISH_WORDS_MIN: usize = 2;

/// Text before the word in which they are looked for: a sentence or two.
const ENGLISH_BYTES_MAX: usize = 512;

/// Wrong spellings, sorted, one a line below the lines that begin with `#`.
const LIST: &str = include_str!("misspellings.txt");

/// Letters of the shortest and of the longest word in the list.
const LETTERS_MIN: usize = 5;
const LETTERS_MAX: usize = 20;

/// What may stand between the word and the caret: a space, or a mark and a space.
const BETWEEN_BYTES_MAX: usize = 2;

/// Whether `prefix` ends in an English word that is misspelt and ended. A word that this text has
/// written before is the writer's own.
pub(crate) fn follows_misspelling(prefix: &str) -> bool {
    let until_word = prefix.trim_end_matches([' ', ',', ';', ':']);
    let between = prefix.len() - until_word.len();
    if between == 0 || between > BETWEEN_BYTES_MAX {
        return false;
    }
    let is_letter = |byte: &u8| byte.is_ascii_lowercase();
    let letters = until_word.bytes().rev().take_while(is_letter).count();
    if !(LETTERS_MIN..=LETTERS_MAX).contains(&letters) {
        return false;
    }
    let (before, word) = until_word.split_at(until_word.len() - letters);
    let begins_word = before
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '(' | '“' | '‘' | '—'));
    begins_word && is_listed(word) && is_english(before) && !is_word_of(before, word)
}

/// Whether the end of a text is English: other languages in Latin letters share most of its words.
fn is_english(text: &str) -> bool {
    let near = last_bytes(text, ENGLISH_BYTES_MAX).to_ascii_lowercase();
    let stands_there = |word: &&&str| is_word_of(&near, word);
    ENGLISH_WORDS.iter().filter(stands_there).count() >= ENGLISH_WORDS_MIN
}

/// Looks a word up by halving the list.
fn is_listed(word: &str) -> bool {
    let (mut low, mut high) = (0, LIST.len());
    while low < high {
        let middle = low.midpoint(high);
        let start = LIST[..middle].rfind('\n').map_or(0, |at| at + 1);
        let end = LIST[middle..]
            .find('\n')
            .map_or(LIST.len(), |at| middle + at);
        match LIST[start..end].cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fixtures: &[&str], expected: bool) {
        for fixture in fixtures {
            let (prefix, _) = fixture.split_once('‸').expect("fixture has a ‸");
            assert_eq!(follows_misspelling(prefix), expected, "{fixture}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_every_word_in_it_is_found() {
        let words: Vec<&str> = LIST.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(words.is_sorted() && words.len() > 10_000);
        for word in &words {
            assert!((LETTERS_MIN..=LETTERS_MAX).contains(&word.len()), "{word}");
            assert!(is_listed(word), "{word}");
        }
        for word in ["", "a", "#", "harbour", "color", "zzzzz", "the"] {
            assert!(!is_listed(word), "{word}");
        }
    }

    #[test]
    fn after_a_misspelt_word_that_is_ended_one_waits() {
        check(
            &[
                "The letters that we recieve ‸",
                "They left, and it was definately, ‸",
                "They said that (seperate ‸",
                "👨‍👩‍👧 You saw the goverment ‸\r\n",
            ],
            true,
        );
    }

    #[test]
    fn a_word_that_goes_on_a_name_and_a_word_of_ones_own_are_no_mistakes() {
        check(
            &[
                "The letters that we recieve‸",
                "The letters that we receive ‸",
                "The letters that Recieve ‸",
                "Call `recieve` from the shell and recieve ‸",
                "The field that is old_recieve ‸",
                "The letters that we recieve there ‸",
                "The letters that we recieve.\n\n‸",
                "The names that kubectl, tokio and nvim ‸",
                "我们在这里需要 recieve ‸",
                "今天早上 ‸",
                "Nous avons une independance seperate ‸",
                "‸",
            ],
            false,
        );
    }
}
