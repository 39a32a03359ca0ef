//! Finds text that goes round in circles, while it is generated.
//!
//! Not repetition of what stands elsewhere in the document (`overlap.rs`). Used by the stopper
//! and by the verdict.

use inkstone_prose::characters::is_han;

/// The longest period looked for: a long sentence. Longer circles end by their length.
const PERIOD_CHARS_MAX: usize = 160;

/// From this period on, saying it twice is a loop: people do not repeat half a line by accident.
const PERIOD_CHARS_LONG: usize = 20;

/// From this period on, three times are a loop; "very, very, very" is shorter.
const PERIOD_CHARS_MEDIUM: usize = 8;

/// How often a short period makes a loop: "no, no, no" is none.
const SHORT_TIMES_MAX: usize = 4;

/// How often a letter does. Laughter has four: 哈哈哈哈.
const LETTER_TIMES_MAX: usize = 5;

/// How often any other character does: rules and leaders are made of them.
const MARK_TIMES_MAX: usize = 16;

/// Watches for a loop, character by character.
#[derive(Debug, Clone, Default)]
pub struct LoopWatch {
    characters: Vec<char>,
    /// For each period, less one: how many characters in a row equal the one a period before.
    runs: Vec<usize>,
}

/// A loop at the end of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loop {
    /// How many characters come before the second round.
    pub first_round_end_chars: usize,
    /// How many characters a round has.
    pub period_chars: usize,
}

impl LoopWatch {
    /// Sees one more character. Says whether the text has become a loop.
    pub fn push(&mut self, c: char) -> Option<Loop> {
        let n = self.characters.len();
        if self.runs.len() < n.min(PERIOD_CHARS_MAX) {
            self.runs.push(0);
        }
        self.characters.push(c);
        for (index, run) in self.runs.iter_mut().enumerate() {
            let before = self.characters[n - index - 1];
            *run = if before == c { *run + 1 } else { 0 };
        }
        let looping = |&(period, run): &(usize, usize)| {
            // The run is what comes after the first round.
            run + period >= period * self.times_for(period) && run > 0
        };
        let periods = self.runs.iter().enumerate();
        let (period, run) = periods
            .map(|(index, &run)| (index + 1, run))
            .find(looping)?;
        Some(Loop {
            first_round_end_chars: self.characters.len() - run,
            period_chars: period,
        })
    }

    /// How many characters at the end say again what was said just before them: they may be the
    /// beginning of a loop.
    pub fn repeating_chars(&self) -> usize {
        let periods = self.runs.iter().enumerate();
        let full_rounds = periods.filter(|&(index, &run)| run > index && index > 0);
        full_rounds.map(|(_, &run)| run).max().unwrap_or(0)
    }

    /// How many rounds of the last `period` characters make a loop.
    fn times_for(&self, period: usize) -> usize {
        let last = self.characters.last().copied().unwrap_or(' ');
        match period {
            1 if last.is_alphabetic() => LETTER_TIMES_MAX,
            1 => MARK_TIMES_MAX,
            // Rules made of two characters, "- - - -", count as marks.
            _ if period < PERIOD_CHARS_MEDIUM => {
                let round = &self.characters[self.characters.len().saturating_sub(period)..];
                if round.iter().any(|c| c.is_alphabetic()) {
                    SHORT_TIMES_MAX
                } else {
                    MARK_TIMES_MAX
                }
            }
            _ if period < PERIOD_CHARS_LONG => 3,
            _ => 2,
        }
    }
}

/// Whether a finished text is a loop, or nothing but one thing said three times: 烧烧烧.
pub fn is_loop(text: &str) -> bool {
    let mut watch = LoopWatch::default();
    if text.chars().any(|c| watch.push(c).is_some()) {
        return true;
    }
    let characters: Vec<char> = text.trim().chars().collect();
    let has_letters = characters.iter().any(|c| c.is_alphanumeric());
    let latin_laughter = characters.len() < 6 && !characters.iter().any(|&c| is_han(c));
    has_letters
        && !latin_laughter
        && (1..=characters.len() / 3).any(|period| {
            let again = characters.iter().skip(period);
            again.zip(&characters).all(|(c, before)| c == before)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the second round starts, in characters, if the text ends as a loop.
    fn loop_at(text: &str) -> Option<usize> {
        let mut watch = LoopWatch::default();
        let mut found = None;
        for c in text.chars() {
            found = found.or(watch.push(c));
        }
        found.map(|found| found.first_round_end_chars)
    }

    #[test]
    fn a_character_over_and_over_is_a_loop() {
        assert_eq!(loop_at("火烧烧烧烧烧烧"), Some(2));
        assert_eq!(loop_at("hmmmmmm"), Some(2));
        assert_eq!(loop_at("哈哈哈哈"), None);
    }

    #[test]
    fn words_over_and_over_are_a_loop() {
        assert_eq!(loop_at("so good so good so good so good"), Some(8));
        assert_eq!(loop_at("very, very, very good"), None);
        assert_eq!(loop_at("他们说他们说他们说他们说"), Some(3));
    }

    #[test]
    fn a_sentence_said_twice_is_a_loop() {
        assert_eq!(
            loop_at("They had lost their way. They had lost their way. "),
            Some(25)
        );
        assert_eq!(loop_at("They had lost their way. They had found it."), None);
    }

    #[test]
    fn rules_and_leaders_are_no_loops() {
        assert_eq!(loop_at("Chapter one .......... 12"), None);
        assert_eq!(loop_at("----------"), None);
        assert!(loop_at(&"-".repeat(40)).is_some());
    }

    #[test]
    fn a_text_of_one_thing_three_times_is_a_loop() {
        assert!(is_loop("烧烧烧"));
        assert!(is_loop("的人的人的人"));
        assert!(is_loop("👍👍👍a👍👍👍a👍👍👍a"));
        assert!(!is_loop("ha ha"));
        assert!(!is_loop("今天天气很好"));
        assert!(!is_loop("cafe\u{301} au lait"));
    }

    #[test]
    fn a_second_round_is_known_before_it_is_a_loop() {
        let mut watch = LoopWatch::default();
        for c in "no, no, ".chars() {
            watch.push(c);
        }
        assert_eq!(watch.repeating_chars(), 4);
    }
}
