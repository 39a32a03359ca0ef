//! What is counted of a writer's text in one language and genre.
//!
//! Counts only, so that those of two genres can be added; what they say is [`super::style`].

use std::collections::BTreeMap;

use inkstone_prose::sentence_ends;
use serde::{Deserialize, Serialize};

use super::histogram::Histogram;
use super::mark::{self, Mark};
use super::{Segment, chinese, english};

/// Different words that are counted. A novelist has some 30,000. Those beyond are counted together,
/// and a profile that came so far depends on the order in which its words came.
pub const VOCABULARY_MAX: usize = 100_000;

/// Different names that are counted; those beyond are not.
pub const NAMES_MAX: usize = 10_000;

/// A longer word is an address or a hash, a longer name a sentence in capitals.
const WORD_BYTES_MAX: usize = 64;

/// A preference whose sides are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Habit {
    /// I, my; 我.
    FirstSingular,
    /// We, our; 我们, 咱们.
    FirstPlural,
    /// You; 你, 您, 你们.
    Second,
    /// He, she, they; 他, 她, 他们.
    Third,
    /// English verbs in the past.
    Past,
    /// English verbs in the present, as far as they are told from others by their form.
    Present,
    /// Will, shall, going to; 将要, 就要.
    Future,
    /// 了.
    AspectLe,
    /// 过.
    AspectGuo,
    /// 着.
    AspectZhe,
    /// "don't".
    Contracted,
    /// "do not", where the short form was there to be used.
    Expanded,
    /// "colour".
    British,
    /// "color".
    American,
}

/// Counts of a writer's text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Paragraphs, items and footnotes.
    pub pieces: u64,
    /// Characters, spaces left out.
    pub characters: u64,
    /// Words, names among them.
    pub words: u64,
    /// In words; in Chinese, in characters without marks.
    pub sentence_lengths: Histogram,
    /// In sentences.
    pub paragraph_lengths: Histogram,
    /// Words in lower case. English names are left out; those of Chinese are words as well.
    pub vocabulary: BTreeMap<String, u64>,
    /// Words that found no place in the vocabulary.
    pub vocabulary_beyond: u64,
    /// What looks like a name.
    pub names: BTreeMap<String, u64>,
    /// Punctuation.
    pub marks: BTreeMap<Mark, u64>,
    /// Words of grammar.
    pub function_words: BTreeMap<String, u64>,
    /// Person, tense and the like.
    pub habits: BTreeMap<Habit, u64>,
}

impl Tally {
    /// Counts a paragraph in a language.
    pub fn add(&mut self, text: &str, language: &str, segment: Segment<'_>) {
        let characters = text.chars().filter(|c| !c.is_whitespace()).count();
        if characters == 0 {
            return;
        }
        self.pieces += 1;
        self.characters += characters as u64;
        for (mark, count) in mark::counts(text) {
            *self.marks.entry(mark).or_default() += count;
        }
        let mut reader = english::Sentence::default();
        let (mut start, mut sentences) = (0, 0);
        for end in sentence_ends("", text) {
            let sentence = &text[start..end];
            let length = if language == "zh" {
                chinese::count(sentence, self, segment)
            } else {
                reader.count(sentence, self)
            };
            if length > 0 {
                self.sentence_lengths.add(length);
                sentences += 1;
            }
            start = end;
        }
        if sentences > 0 {
            self.paragraph_lengths.add(sentences);
        }
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Self) {
        self.pieces += other.pieces;
        self.characters += other.characters;
        self.words += other.words;
        self.vocabulary_beyond += other.vocabulary_beyond;
        self.sentence_lengths.merge(&other.sentence_lengths);
        self.paragraph_lengths.merge(&other.paragraph_lengths);
        for (word, count) in &other.vocabulary {
            if !add_bounded(&mut self.vocabulary, word, *count, VOCABULARY_MAX) {
                self.vocabulary_beyond += count;
            }
        }
        for (name, count) in &other.names {
            add_bounded(&mut self.names, name, *count, NAMES_MAX);
        }
        plus(&mut self.marks, &other.marks);
        plus(&mut self.function_words, &other.function_words);
        plus(&mut self.habits, &other.habits);
    }

    /// Counts a word that is no name, in lower case.
    pub(super) fn add_word(&mut self, word: &str) {
        self.words += 1;
        let fits = word.len() <= WORD_BYTES_MAX;
        if !(fits && add_bounded(&mut self.vocabulary, word, 1, VOCABULARY_MAX)) {
            self.vocabulary_beyond += 1;
        }
    }

    /// Counts a name. It is one word, however many it has.
    pub(super) fn add_name(&mut self, name: &str) {
        self.words += 1;
        self.note_name(name);
    }

    /// Counts a name whose words are counted by themselves, as those of Chinese are.
    pub(super) fn note_name(&mut self, name: &str) {
        if name.len() <= WORD_BYTES_MAX {
            add_bounded(&mut self.names, name, 1, NAMES_MAX);
        }
    }

    pub(super) fn add_habit(&mut self, habit: Habit, count: u64) {
        *self.habits.entry(habit).or_default() += count;
    }

    pub(super) fn add_function_word(&mut self, word: &str) {
        add_bounded(&mut self.function_words, word, 1, usize::MAX);
    }
}

/// Whether there was room.
fn add_bounded(counts: &mut BTreeMap<String, u64>, word: &str, count: u64, max: usize) -> bool {
    if let Some(mine) = counts.get_mut(word) {
        *mine += count;
    } else if counts.len() < max {
        counts.insert(word.to_owned(), count);
    } else {
        return false;
    }
    true
}

fn plus<K: Ord + Clone>(counts: &mut BTreeMap<K, u64>, other: &BTreeMap<K, u64>) {
    for (key, count) in other {
        *counts.entry(key.clone()).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_is_bounded_and_counts_what_is_beyond() {
        let mut tally = Tally::default();
        for n in 0..VOCABULARY_MAX + 5 {
            tally.add_word(&format!("w{n}"));
        }
        tally.add_word(&"x".repeat(WORD_BYTES_MAX + 1));
        tally.add_word("w0");
        assert_eq!(tally.vocabulary.len(), VOCABULARY_MAX);
        assert_eq!(tally.vocabulary_beyond, 6);
        assert_eq!(tally.vocabulary["w0"], 2);
        assert_eq!(tally.words, VOCABULARY_MAX as u64 + 7);
    }

    #[test]
    fn lengths_are_in_words_and_in_chinese_in_characters() {
        let mut tally = Tally::default();
        tally.add("One two three. Four five!\r\nSix.", "en", &|_| Vec::new());
        assert_eq!(tally.sentence_lengths.count(), 3);
        assert_eq!(tally.sentence_lengths.quantile(1.0), Some(3));
        assert_eq!(tally.paragraph_lengths.quantile(1.0), Some(3));
        let mut tally = Tally::default();
        tally.add("我们来了，React 也来了。好。", "zh", &|run| {
            vec![run]
        });
        assert_eq!(tally.sentence_lengths.quantile(1.0), Some(4 + 1 + 3));
        assert_eq!(tally.pieces, 1);
        tally.add(" \n", "zh", &|run| vec![run]);
        assert_eq!(tally.pieces, 1);
    }
}
