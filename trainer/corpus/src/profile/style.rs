//! What the counts of a writer say: rates, shares, quantiles, and the most frequent words.
//!
//! Derived and never added up: sums are made of [`Tally`]. Read by the diagnostics, by the gates of
//! a training run and by `inkstone dataset stats`. Sorted, and bounded whatever was counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::english;
use super::histogram::Histogram;
use super::mark::Mark;
use super::tally::{Habit, Tally};

/// How many words a style lists.
pub const STYLE_WORDS_MAX: usize = 5_000;

/// How many names.
pub const STYLE_NAMES_MAX: usize = 500;

/// A name that was seen once may be anything.
const NAME_COUNT_MIN: u64 = 2;

/// Fewer choices say nothing about a preference.
const CHOICES_MIN: u64 = 5;

/// What the counts say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Style {
    /// Words that this rests on.
    pub words: u64,
    /// The most frequent words with their counts, most frequent first, then by the alphabet.
    pub vocabulary: Vec<(String, u64)>,
    /// The same of names.
    pub names: Vec<(String, u64)>,
    /// In words; in Chinese, in characters.
    pub sentence_length: Spread,
    /// In sentences.
    pub paragraph_length: Spread,
    /// Marks per thousand characters.
    pub marks: BTreeMap<Mark, f64>,
    /// Function words per thousand words.
    pub function_words: BTreeMap<String, f64>,
    /// Persons, aspects and tenses per thousand words.
    pub habits: BTreeMap<Habit, f64>,
    /// The share of contractions where one was possible.
    pub contracted: Option<f64>,
    /// The share of British forms among words that both spell differently.
    pub british: Option<f64>,
    /// The share of lists with a comma before the last item.
    pub serial_comma: Option<f64>,
    /// The share of spaces where Han and Latin meet.
    pub han_latin_spaced: Option<f64>,
}

/// How lengths are spread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Their mean.
    pub mean: f64,
    /// What a tenth, a quarter, half, three quarters and nine tenths do not exceed.
    pub quantiles: [usize; 5],
}

impl Style {
    /// Of a tally.
    pub fn of(tally: &Tally) -> Self {
        let per_thousand = |count: u64, of: u64| count as f64 * 1000.0 / of.max(1) as f64;
        let words = |count: &u64| per_thousand(*count, tally.words);
        let habits = tally.habits.iter();
        let functions = tally.function_words.iter();
        let marks = tally.marks.iter();
        let names = english::names(tally).into_iter();
        Self {
            words: tally.words,
            vocabulary: most_frequent(
                tally
                    .vocabulary
                    .iter()
                    .map(|(word, count)| (word.as_str(), *count)),
                STYLE_WORDS_MAX,
            ),
            names: most_frequent(
                names.filter(|(_, count)| *count >= NAME_COUNT_MIN),
                STYLE_NAMES_MAX,
            ),
            sentence_length: Spread::of(&tally.sentence_lengths),
            paragraph_length: Spread::of(&tally.paragraph_lengths),
            marks: marks
                .map(|(mark, count)| (*mark, per_thousand(*count, tally.characters)))
                .collect(),
            function_words: functions
                .map(|(word, count)| (word.clone(), words(count)))
                .collect(),
            habits: habits
                .map(|(habit, count)| (*habit, words(count)))
                .collect(),
            contracted: share(&tally.habits, Habit::Contracted, Habit::Expanded),
            british: share(&tally.habits, Habit::British, Habit::American),
            serial_comma: share(&tally.marks, Mark::SerialComma, Mark::NoSerialComma),
            han_latin_spaced: share(&tally.marks, Mark::HanLatinSpaced, Mark::HanLatinTight),
        }
    }
}

impl Spread {
    fn of(histogram: &Histogram) -> Self {
        let quantile = |share| histogram.quantile(share).unwrap_or_default();
        Self {
            mean: histogram.mean().unwrap_or_default(),
            quantiles: [0.1, 0.25, 0.5, 0.75, 0.9].map(quantile),
        }
    }
}

/// How often the first of two was chosen; none where there was hardly a choice.
fn share<K: Ord>(counts: &BTreeMap<K, u64>, first: K, second: K) -> Option<f64> {
    let get = |key| counts.get(&key).copied().unwrap_or(0);
    let (first, second) = (get(first), get(second));
    let choices = first + second;
    (choices >= CHOICES_MIN).then(|| first as f64 / choices as f64)
}

fn most_frequent<'a>(
    counts: impl Iterator<Item = (&'a str, u64)>,
    max: usize,
) -> Vec<(String, u64)> {
    let mut counts: Vec<(&str, u64)> = counts.collect();
    counts
        .sort_by(|(word, count), (other, others)| others.cmp(count).then_with(|| word.cmp(other)));
    counts.truncate(max);
    counts
        .into_iter()
        .map(|(word, count)| (word.to_owned(), count))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_shares_and_lists_follow_from_the_counts() {
        let mut tally = Tally::default();
        for _ in 0..3 {
            tally.add(
                "We don't know Anna. We do not know Anna; I can't say.",
                "en",
                &|_| Vec::new(),
            );
        }
        let style = Style::of(&tally);
        assert_eq!(style.vocabulary[0], ("know".to_owned(), 6));
        assert_eq!(style.vocabulary[1], ("we".to_owned(), 6));
        assert_eq!(style.names, [("Anna".to_owned(), 6)]);
        assert!((style.contracted.unwrap() - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(style.british, None);
        assert!((style.habits[&Habit::FirstPlural] - 1000.0 * 2.0 / 12.0).abs() < 1e-9);
        assert!(style.marks[&Mark::Semicolon] > 10.0);
        assert_eq!(style.sentence_length.quantiles[2], 4);
    }

    #[test]
    fn nothing_counted_is_a_style_too() {
        let style = Style::of(&Tally::default());
        assert_eq!(style.words, 0);
        assert!(style.vocabulary.is_empty());
    }
}
