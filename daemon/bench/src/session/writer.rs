//! A person who writes their own text and sometimes takes a suggestion by typing it.
//!
//! Which keys are pressed depends on what is shown, so a session is recorded; the same seed and the
//! same suggestions give the same keys.

use std::collections::VecDeque;

use inkstone_prose::characters::{is_spaced, is_unspaced};

use super::recording::Key;
use crate::seeded::Seeded;
use crate::typist::Stroke;

/// At the start of a word with a suggestion, so many in a hundred are typed as suggested.
const FOLLOW_PCT: usize = 25;
/// Words of a suggestion that are typed at most; in text without spaces, twice as many characters.
const FOLLOWED_WORDS_MAX: usize = 3;
/// Of the suggestions typed, so many in a hundred turn out to be wrong and are taken back in part.
const REGRET_PCT: usize = 20;
/// Characters taken back then, at most.
const REGRET_CHARS_MAX: usize = 4;
/// At the start of a word, so many in a hundred begin with wrong letters that are taken back.
const MISTAKE_PCT: usize = 5;
/// What is typed by mistake.
const MISTAKE: &str = "rt";
/// How long the writer stops to think after a sentence and after a clause.
const SENTENCE_PAUSE_MS: u64 = 300;
const CLAUSE_PAUSE_MS: u64 = 100;

/// A writer with a text in mind.
pub(super) struct Writer {
    own: VecDeque<char>,
    /// What is about to be pressed.
    plan: VecDeque<Stroke>,
    seeded: Seeded,
}

impl Writer {
    pub(super) fn new(own: &str, seed: u64) -> Self {
        Self {
            own: own.chars().collect(),
            plan: VecDeque::new(),
            seeded: Seeded::new(seed),
        }
    }

    /// The next key after this text, with this suggestion in view; none when all is written.
    pub(super) fn next_key(&mut self, text: &str, shown: Option<&str>) -> Option<Key> {
        if self.plan.is_empty() {
            self.plan_next(text, shown);
        }
        let stroke = self.plan.pop_front()?;
        let pause_ms = match text.chars().next_back() {
            Some('.' | '!' | '?' | '。' | '\u{ff01}' | '\u{ff1f}') => SENTENCE_PAUSE_MS,
            Some(',' | ';' | ':' | '\u{ff0c}' | '\u{ff1b}' | '\u{ff1a}') => CLAUSE_PAUSE_MS,
            _ => 0,
        };
        Some(Key { stroke, pause_ms })
    }

    fn plan_next(&mut self, text: &str, shown: Option<&str>) {
        let last = text.chars().next_back();
        let at_word_start = last.is_none_or(|c| c.is_whitespace() || is_unspaced(c));
        if at_word_start {
            if let Some(shown) = shown.filter(|_| self.seeded.chance(FOLLOW_PCT)) {
                return self.follow(shown);
            }
            if self.seeded.chance(MISTAKE_PCT) {
                self.plan.extend(MISTAKE.chars().map(Stroke::Type));
                self.plan.extend(MISTAKE.chars().map(|_| Stroke::Delete));
                return;
            }
        }
        self.plan.extend(self.own.pop_front().map(Stroke::Type));
    }

    /// Types some words of a suggestion, perhaps takes the end back, and ends with a word.
    fn follow(&mut self, shown: &str) {
        let words = 1 + self.seeded.below(FOLLOWED_WORDS_MAX);
        let line = shown.lines().next().unwrap_or_default();
        let mut taken: Vec<char> = first_words(line, words).chars().collect();
        let followed = taken.len();
        self.plan.extend(taken.iter().copied().map(Stroke::Type));
        if self.seeded.chance(REGRET_PCT) {
            let back = 1 + self.seeded.below(REGRET_CHARS_MAX);
            let back = back.min(followed);
            self.plan.extend(std::iter::repeat_n(Stroke::Delete, back));
            taken.truncate(followed - back);
        }
        let ends_in_word = |c: &char| is_spaced(*c);
        if taken.last().is_some_and(ends_in_word) {
            self.plan.push_back(Stroke::Type(' '));
        }
    }
}

/// The beginning of a text with so many words, or twice as many characters without spaces.
fn first_words(text: &str, words: usize) -> &str {
    let (mut seen, mut unspaced, mut in_word) = (0, 0, false);
    for (at, c) in text.char_indices() {
        if is_unspaced(c) {
            unspaced += 1;
            if unspaced > 2 * words {
                return &text[..at];
            }
        }
        if in_word && c.is_whitespace() {
            seen += 1;
            if seen == words {
                return &text[..at];
            }
        }
        in_word = !c.is_whitespace();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything a writer does who always sees this suggestion at a word's start.
    fn write(own: &str, suggestion: &str, seed: u64) -> (String, Vec<Key>) {
        let mut writer = Writer::new(own, seed);
        let (mut text, mut keys) = (String::new(), Vec::new());
        while let Some(key) = writer.next_key(&text, Some(suggestion)) {
            match key.stroke {
                Stroke::Type(c) => text.push(c),
                Stroke::Delete => drop(text.pop()),
            }
            keys.push(key);
        }
        (text, keys)
    }

    #[test]
    fn the_same_seed_presses_the_same_keys_and_mistakes_are_taken_back() {
        let own = "The ferry crossed the river. 渡船每天早上过河。".repeat(20);
        let (text, keys) = write(&own, "and so on it went", 7);
        assert_eq!(keys, write(&own, "and so on it went", 7).1);
        assert_ne!(keys, write(&own, "and so on it went", 8).1);
        assert!(keys.iter().any(|key| key.stroke == Stroke::Delete));
        assert!(keys.iter().any(|key| key.pause_ms == SENTENCE_PAUSE_MS));
        assert!(text.contains("and so") && text.contains("渡船"));
        assert!(!text.contains("rtT"), "{text}");
    }

    #[test]
    fn what_is_followed_ends_with_a_word_and_is_shorter_without_spaces() {
        assert_eq!(first_words("and so on", 2), "and so");
        assert_eq!(first_words("渡船每天早上过河", 2), "渡船每天");
        assert_eq!(first_words("one", 3), "one");
        let marks = "“a”, “b”, “c” d";
        assert_eq!(first_words(marks, 3), "“a”, “b”, “c”", "marks are no words");
    }
}
