//! How likely the first word of a suggestion is the writer's next: a number from 0 to 1 that the
//! gate compares with its threshold.
//!
//! A logistic model over the model's own probability of the word, which is too sure of itself, and
//! where the caret stands. Fitted on carets of books (`inkstone bench replay --points`), not on the
//! texts on which quality is reported. Not the threshold, which is the writer's choice.

use inkstone_prose::Language;
use inkstone_prose::characters::is_unspaced;

/// Certainty that no model of language has: keeps the logit finite.
const PROBABILITY_MIN: f32 = 1e-4;

/// A fitted model of one language.
struct Weights {
    /// Of the logit of the word's probability, in nats.
    logit: f32,
    /// Where the caret stands inside a word: a model that begins a token there is nearly always wrong.
    inside_word: f32,
    constant: f32,
}

/// SmolLM2 135M at 679 carets of Thoreau's Walden; also for languages without weights of their own.
const ENGLISH: Weights = Weights {
    logit: 0.610,
    inside_word: -2.896,
    constant: -0.349,
};

/// Gemma 3 270M at 366 carets of 鲁迅's essays, where the inside of a word is as good a place as any.
const CHINESE: Weights = Weights {
    logit: 0.526,
    inside_word: 0.0,
    constant: -0.570,
};

/// The score of a suggestion after `prefix` whose first word has this log-probability.
pub fn score(word_logprob: f32, prefix: &str, language: Language) -> f32 {
    let weights = match language {
        Language::Chinese => &CHINESE,
        Language::English | Language::Other => &ENGLISH,
    };
    let probability = word_logprob
        .exp()
        .clamp(PROBABILITY_MIN, 1.0 - PROBABILITY_MIN);
    let sum = weights.logit * (probability / (1.0 - probability)).ln() + weights.constant;
    let sum = if is_inside_word(prefix) {
        sum + weights.inside_word
    } else {
        sum
    };
    1.0 / (1.0 + (-sum).exp())
}

/// Whether a word of a spaced script stands at the caret, ended or not.
fn is_inside_word(prefix: &str) -> bool {
    let last = prefix.chars().next_back();
    last.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_likelier_word_scores_higher_in_every_language() {
        for language in [Language::English, Language::Chinese, Language::Other] {
            let scores = [-8.0, -3.0, -0.5, 0.0].map(|logprob| score(logprob, "the ", language));
            assert!(scores.is_sorted(), "{scores:?}");
            assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
        }
    }

    #[test]
    fn inside_a_word_little_is_certain_and_chinese_words_are_no_inside() {
        let of = |prefix, language| score(-0.5, prefix, language);
        assert!(of("The har", Language::English) < of("The har ", Language::English));
        let chinese = |prefix| of(prefix, Language::Chinese);
        assert!((chinese("今天早上") - chinese("今天早上，")).abs() < 1e-6);
    }
}
