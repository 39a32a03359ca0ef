//! What a piece of text says about its language: words, names and characters, counted.
//!
//! Not which piece to ask (`blocks.rs`, `../language.rs`). Code, addresses and the destinations of
//! links are not counted: they are in no language.

use inkstone_text::first_bytes;

use super::Language;
use crate::characters::{is_cjk_punctuation, is_han, is_kana, is_latin, is_word_joiner};

/// A word says as much as about this many Han characters, times two to stay with integers: the
/// same text has 1.5 Han characters per English word.
const WORD_WEIGHT_HALVES: u32 = 3;

/// Words of running English count two, others one; so much is English. Less may be a name or a
/// command in a text of another language.
const ENGLISH_CONCLUSIVE: u32 = 6;

/// So many words of running English at the caret are what is being written, whatever came before
/// them in the sentence.
const RUNNING_WORDS_MIN: u32 = 4;

/// So many Han characters at the caret are: a quoted idiom has four.
const RUNNING_HAN_MIN: u32 = 6;

/// So many words in a row that are no names are running text, whatever the language.
const PHRASE_WORDS_MIN: u32 = 5;

/// The longest piece of code, destination or tag that is looked for. A longer one is counted.
const SPAN_BYTES_MAX: usize = 256;

/// Words that names and commands do not have.
const RUNNING_WORDS: &[&str] = &[
    "am", "are", "be", "because", "been", "but", "can", "could", "did", "didn", "do", "does",
    "doesn", "don", "had", "has", "have", "he", "her", "him", "his", "how", "if", "is", "isn",
    "it", "its", "may", "me", "might", "must", "my", "not", "our", "she", "should", "so", "than",
    "that", "their", "them", "then", "there", "these", "they", "this", "those", "us", "was",
    "wasn", "we", "were", "what", "when", "where", "which", "who", "why", "will", "won", "would",
    "you", "your",
];

/// Words that link others, in running text and in names: The Lord of the Rings.
const LINKING_WORDS: &[&str] = &[
    "a", "about", "after", "an", "and", "as", "at", "before", "by", "for", "from", "i", "in",
    "into", "of", "on", "or", "over", "the", "to", "with",
];

/// Counts of a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Words of running text in Latin script.
    running: u32,
    /// Other words in Latin script: terms, names, commands.
    terms: u32,
    han: u32,
    kana: u32,
    /// Letters of other scripts.
    other: u32,
    /// Running words since the last letter of another script.
    tail_words: u32,
    /// Han characters since the last running word or letter of another script.
    tail_han: u32,
}

impl Counts {
    /// Counts `text`.
    pub(super) fn of(text: &str) -> Self {
        let mut counts = Self::default();
        let mut phrase = Phrase::default();
        let mut starts_sentence = true;
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if let Some(length) = not_prose(&text[at..]) {
                at += length;
                continue;
            }
            if is_latin(c) {
                let word = word_at(&text[at..]);
                at += word.len();
                if !is_address(word) {
                    phrase.add(word, starts_sentence);
                    starts_sentence = false;
                }
                continue;
            }
            at += c.len_utf8();
            if matches!(c, '.' | '!' | '?' | '。' | '\u{FF01}' | '\u{FF1F}' | '\n') {
                starts_sentence = true;
            }
            if c.is_alphabetic() || is_cjk_punctuation(c) {
                counts.end_phrase(&mut phrase);
                counts.count(c);
                starts_sentence &= !c.is_alphabetic();
            }
        }
        counts.end_phrase(&mut phrase);
        counts
    }

    /// Counts a letter that is not Latin; other characters count nothing.
    fn count(&mut self, c: char) {
        if is_han(c) {
            self.han += 1;
            self.tail_han += 1;
            self.tail_words = 0;
        } else if c.is_alphabetic() {
            self.kana += u32::from(is_kana(c));
            self.other += u32::from(!is_kana(c));
            self.tail_han = 0;
            self.tail_words = 0;
        }
    }

    fn end_phrase(&mut self, phrase: &mut Phrase) {
        let words = phrase.words;
        if words > 0 && phrase.is_running() {
            self.running += words;
            self.tail_words += words;
            self.tail_han = 0;
        } else {
            // A name leaves the language of the clause around it.
            self.terms += words;
        }
        *phrase = Phrase::default();
    }

    /// Both together, for their shares; what is at the caret is told by neither.
    pub(super) fn plus(self, more: Self) -> Self {
        Self {
            running: self.running + more.running,
            terms: self.terms + more.terms,
            han: self.han + more.han,
            kana: self.kana + more.kana,
            other: self.other + more.other,
            tail_words: 0,
            tail_han: 0,
        }
    }

    /// Whether there is no letter.
    pub(super) fn is_empty(self) -> bool {
        self.running + self.terms + self.han + self.kana + self.other == 0
    }

    /// The language of the clause at the end, if that is long enough to be no quoted word.
    pub(super) fn at_end(self) -> Option<Language> {
        if self.tail_words >= RUNNING_WORDS_MIN {
            return Some(Language::English);
        }
        (self.tail_han >= RUNNING_HAN_MIN && self.kana == 0).then_some(Language::Chinese)
    }

    /// The language, if there is enough text to tell.
    pub(super) fn conclusion(self) -> Option<Language> {
        let language = self.majority()?;
        let enough = language != Language::English
            || self.running.saturating_mul(2) + self.terms >= ENGLISH_CONCLUSIVE;
        enough.then_some(language)
    }

    /// The language, if next to nothing is in another one.
    pub(super) fn clear_conclusion(self) -> Option<Language> {
        let language = self.conclusion()?;
        let (english, chinese, other) = self.weights();
        let clear = match language {
            Language::English => english >= 2 * (chinese + other),
            Language::Chinese => chinese >= 2 * (english + other),
            Language::Other => other >= 2 * (english + chinese),
        };
        clear.then_some(language)
    }

    /// The language that most of the text is in, if there is any.
    pub(super) fn majority(self) -> Option<Language> {
        let (english, chinese, other) = self.weights();
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

    /// How much is English, Chinese and other, in halves of a Han character.
    fn weights(self) -> (u32, u32, u32) {
        let english = self.running.saturating_mul(WORD_WEIGHT_HALVES) + self.terms;
        // Japanese mixes Han with kana; a Chinese text has a word of kana at most.
        let (chinese, japanese) = if self.kana * 8 > self.han {
            (0, (self.han + self.kana) * 2)
        } else {
            (self.han * 2, self.kana * 2)
        };
        // Letters of an alphabet: about five to a word.
        let other = japanese + self.other * WORD_WEIGHT_HALVES / 5;
        (english, chinese, other)
    }
}

/// Words of Latin script between which there is no letter of another one.
#[derive(Default)]
struct Phrase {
    words: u32,
    /// Words by which a name is told: none that link others, nor acronyms, nor one whose capital
    /// only starts a sentence.
    content: u32,
    /// Content words that look like names or identifiers.
    marked: u32,
    has_running: bool,
    has_linking: bool,
}

impl Phrase {
    fn add(&mut self, word: &str, starts_sentence: bool) {
        self.words += 1;
        let stem_end = word.find(is_word_joiner).unwrap_or(word.len());
        let stem = &word[..stem_end];
        let rest_is_lower = !stem.chars().skip(1).any(char::is_uppercase);
        let capital = stem.starts_with(char::is_uppercase);
        // No listed word is longer; a long one is not worth a copy.
        let lower = (stem.len() <= 8 && rest_is_lower).then(|| stem.to_ascii_lowercase());
        let is_listed = |list: &[&str]| lower.as_deref().is_some_and(|stem| list.contains(&stem));
        if is_listed(LINKING_WORDS) {
            self.has_linking = true;
            return;
        }
        if is_listed(RUNNING_WORDS) && (!capital || starts_sentence) {
            self.has_running = true;
            return;
        }
        let identifier = word.contains(|c: char| matches!(c, '_' | '/' | '.' | ':' | '0'..='9'));
        // An acronym is at home in any text.
        let acronym = capital && !stem.contains(char::is_lowercase);
        if !identifier && (acronym || (capital && starts_sentence && rest_is_lower)) {
            return;
        }
        self.content += 1;
        self.marked += u32::from(capital || !rest_is_lower || identifier);
    }

    /// Whether it is English, or a name or a term that any language may hold.
    fn is_running(&self) -> bool {
        let is_name = self.content > 0 && self.marked * 2 >= self.content;
        self.words > 1
            && (self.has_running
                || (!is_name && (self.has_linking || self.words >= PHRASE_WORDS_MIN)))
    }
}

/// The word that `rest` starts with. Addresses and identifiers are one word, whatever joins their
/// parts.
fn word_at(rest: &str) -> &str {
    let mut in_address = false;
    let mut end = rest.len();
    for (at, c) in rest.char_indices() {
        in_address |= c == ':' && rest[at..].starts_with("://");
        let part = is_latin(c)
            || is_word_joiner(c)
            || matches!(c, '.' | '-' | '_' | '/' | ':' | '@')
            || c.is_ascii_digit()
            || (in_address && c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '`'));
        if !part {
            end = at;
            break;
        }
    }
    // What follows a word is not part of it: a full stop, a colon.
    rest[..end].trim_end_matches(['.', '-', '_', '/', ':', '@', '\'', '\u{2019}'])
}

fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains('@') || word.starts_with("www.")
}

/// The length of what `rest` starts with if that is no prose: code between backticks, where a link
/// leads, a tag, a command of TeX and a label that follows it.
fn not_prose(rest: &str) -> Option<usize> {
    let window = first_bytes(rest, SPAN_BYTES_MAX);
    match rest.as_bytes().first()? {
        b'`' => {
            let run = window.len() - window.trim_start_matches('`').len();
            let length = window[run..].find(&window[..run])?;
            Some(length + 2 * run)
        }
        b']' if window.starts_with("](") => window.find(')').map(|at| at + 1),
        b'<' => {
            let is_tag = window[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
            let end = window.find('>').filter(|_| is_tag)?;
            Some(end + 1)
        }
        b'\\' => {
            let letters = window[1..]
                .bytes()
                .take_while(u8::is_ascii_alphabetic)
                .count();
            let after = &window[1 + letters..];
            let label = after.strip_prefix('{').and_then(|label| {
                let end = label.find('}')?;
                let is_label = label[..end].bytes().all(|byte| byte.is_ascii_graphic());
                (is_label && letters > 0).then_some(end + 2)
            });
            (letters > 0).then_some(1 + letters + label.unwrap_or(0))
        }
        _ => None,
    }
}
