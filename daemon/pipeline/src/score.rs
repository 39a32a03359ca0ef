//! How likely the first word of a suggestion is the writer's next: a number from 0 to 1 that the
//! gate compares with its threshold.
//!
//! A logistic model over the model's own probability of the word, which is too sure of itself, and
//! whether the word had begun. Fitted on carets of books (`inkstone bench replay --points`), not on the
//! texts on which quality is reported. Not the threshold, which is the writer's choice.

use inkstone_prose::Language;

/// Certainty that no model of language has: keeps the logit finite.
const PROBABILITY_MIN: f32 = 1e-4;

/// A fitted model of one language.
struct Weights {
    /// Of the logit of the word's probability, in nats.
    logit: f32,
    /// Where the word is the rest of one that stands at the caret.
    finishes_word: f32,
    constant: f32,
}

/// SmolLM2 135M at 599 carets of Thoreau's Walden; also for languages without weights of their own.
/// The sample has no carets at the ends of words, where nothing is to be finished: of the fitted
/// 0.60 for what finishes one, half is kept.
const ENGLISH: Weights = Weights {
    logit: 0.69,
    finishes_word: 0.30,
    constant: -0.477,
};

/// Gemma 3 270M at 573 carets of 鲁迅's essays; for the same reason less than the fitted 1.41.
const CHINESE: Weights = Weights {
    logit: 0.54,
    finishes_word: 1.1,
    constant: -0.179,
};

/// The score of a suggestion whose first word has this log-probability; `finishes_word` says that
/// the word is the rest of one that stands at the caret.
pub fn score(word_logprob: f32, finishes_word: bool, language: Language) -> f32 {
    let weights = match language {
        Language::Chinese => &CHINESE,
        Language::English | Language::Other => &ENGLISH,
    };
    let probability = word_logprob
        .exp()
        .clamp(PROBABILITY_MIN, 1.0 - PROBABILITY_MIN);
    let sum = weights.logit * (probability / (1.0 - probability)).ln() + weights.constant;
    let sum = if finishes_word {
        sum + weights.finishes_word
    } else {
        sum
    };
    1.0 / (1.0 + (-sum).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_likelier_word_scores_higher_in_every_language() {
        for language in [Language::English, Language::Chinese, Language::Other] {
            for finishes_word in [false, true] {
                let of = |logprob| score(logprob, finishes_word, language);
                let scores = [-8.0, -3.0, -0.5, 0.0].map(of);
                assert!(scores.is_sorted(), "{scores:?}");
                assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
            }
        }
    }

    #[test]
    fn the_rest_of_a_word_is_more_certain_than_a_new_one() {
        for language in [Language::English, Language::Chinese] {
            assert!(score(-0.5, true, language) > score(-0.5, false, language));
        }
    }
}
