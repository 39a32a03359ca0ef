//! How likely the first word of a suggestion is the writer's next: a number from 0 to 1 that the
//! gate compares with its threshold.
//!
//! A logistic model for each language, fitted on carets of books, not on the texts on which quality
//! is reported. Not the threshold, which is the writer's choice.

use inkstone_prose::Language;

/// Certainty that no model of language has: keeps the logit finite.
const PROBABILITY_MIN: f32 = 1e-4;

/// What is known of the first word of a suggestion.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Log-probability of the word, in nats, among the words that begin as the writer began it.
    pub word_logprob: f32,
    /// The same of as many characters as words of its script mostly have.
    pub usual_logprob: f32,
    /// Whether it is the rest of a word that stands at the caret.
    pub finishes_word: bool,
    /// The word, or its beginning.
    pub word: &'a str,
    /// The text before the caret.
    pub before: &'a str,
}

/// A fitted model of one language.
struct Weights {
    /// Of the logit of the word's probability, in nats.
    word: f32,
    /// Of that of the usual number of characters.
    usual: f32,
    /// Of ln(1 + how often the word's first character stands in the [`NEAR_CHARS`] before the caret).
    seen: f32,
    /// Of ln of the rate at which it followed the two characters at the caret there.
    followed: f32,
    /// Where the word is the rest of one that stands at the caret.
    finishes_word: f32,
    constant: f32,
}

/// SmolLM2 135M at 3,255 word starts of Thoreau's Walden; also for languages without weights of their
/// own. Entropy, the second choice, what kind of word it is, and how often it stood in the document,
/// alone or after the same words, added nothing there.
const ENGLISH: Weights = Weights {
    word: 1.0,
    usual: 0.0,
    seen: 0.0,
    followed: 0.0,
    finishes_word: 0.30,
    constant: -0.166,
};

/// Gemma 3 270M at 3,300 word starts of 鲁迅's essays and 1,980 of his stories in 彷徨 and 故事新编,
/// each kind counted alike: on essays alone it was too sure of the words that stories repeat.
/// `finishes_word` is of 400 word starts and 400 carets inside words of three of his books, weighted as
/// if one caret in twenty lay inside a word: who writes through an input method enters whole words, so
/// that what makes a longer one of the last is mostly wrong, though inside words it is mostly right.
const CHINESE: Weights = Weights {
    word: 0.582,
    usual: 0.142,
    seen: 0.363,
    followed: 0.516,
    finishes_word: -0.4,
    constant: -0.045,
};

/// Where a word's first character is counted: what is close says as much as the whole document, and
/// a count over the whole of it would make every word of a long one likely.
const NEAR_CHARS: usize = 2000;

/// What a character's rate after a context is before it was ever seen: so many times of so many.
const FOLLOWED_PRIOR: (f32, f32) = (0.3, 2.5);

/// How likely the word is right.
pub fn score(evidence: &Evidence<'_>, language: Language) -> f32 {
    let weights = match language {
        Language::Chinese => &CHINESE,
        Language::English | Language::Other => &ENGLISH,
    };
    let mut sum = weights.word * logit(evidence.word_logprob)
        + weights.usual * logit(evidence.usual_logprob)
        + weights.constant;
    if weights.seen > 0.0 {
        let document = Document(evidence.before);
        sum += weights.seen * document.seen(evidence.word).ln_1p();
        sum += weights.followed * document.followed(evidence.word).ln();
    }
    if evidence.finishes_word {
        sum += weights.finishes_word;
    }
    1.0 / (1.0 + (-sum).exp())
}

fn logit(logprob: f32) -> f32 {
    let probability = logprob.exp().clamp(PROBABILITY_MIN, 1.0 - PROBABILITY_MIN);
    (probability / (1.0 - probability)).ln()
}

/// What the text before the caret says about how the writer goes on.
struct Document<'a>(&'a str);

impl Document<'_> {
    /// How often the word's first character stands near the caret.
    fn seen(&self, word: &str) -> f32 {
        let near = self.0.chars().rev().take(NEAR_CHARS);
        let times = word
            .chars()
            .next()
            .map(|c| near.filter(|near| *near == c).count());
        times.unwrap_or_default() as f32
    }

    /// Of the places where the two characters at the caret stood before, the share in which the
    /// word's first character followed, smoothed.
    fn followed(&self, word: &str) -> f32 {
        let (times, of) = FOLLOWED_PRIOR;
        let end = self.0.char_indices().rev().nth(1).map(|(at, _)| at);
        let (Some(end), Some(next)) = (end, word.chars().next()) else {
            return times / of;
        };
        let context = &self.0[end..];
        let mut counts = (0_u32, 0_u32);
        for (at, _) in self.0.match_indices(context).filter(|(at, _)| *at < end) {
            let rest = &self.0[at + context.len()..];
            counts.0 += u32::from(rest.starts_with(next));
            counts.1 += 1;
        }
        (counts.0 as f32 + times) / (counts.1 as f32 + of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Language; 3] = [Language::English, Language::Chinese, Language::Other];

    fn evidence<'a>(logprob: f32, word: &'a str, before: &'a str) -> Evidence<'a> {
        Evidence {
            word_logprob: logprob,
            usual_logprob: logprob,
            finishes_word: false,
            word,
            before,
        }
    }

    #[test]
    fn a_likelier_word_scores_higher_in_every_language() {
        for language in EVERY {
            for finishes_word in [false, true] {
                let of = |logprob| {
                    let evidence = evidence(logprob, "the", "Here is ");
                    let evidence = Evidence {
                        finishes_word,
                        ..evidence
                    };
                    score(&evidence, language)
                };
                let scores = [-80.0, -3.0, -0.5, 0.0].map(of);
                assert!(scores.is_sorted(), "{scores:?}");
                assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
            }
        }
    }

    #[test]
    fn the_rest_of_a_word_is_more_certain_than_a_new_one_where_words_are_typed_letter_by_letter() {
        for language in [Language::English, Language::Other] {
            let new = evidence(-0.5, "our", "the harb");
            let rest = Evidence {
                finishes_word: true,
                ..new
            };
            assert!(score(&rest, language) > score(&new, language));
        }
    }

    #[test]
    fn what_makes_a_longer_word_of_a_whole_one_is_less_certain_in_chinese() {
        let new = evidence(-0.5, "上", "那天晚");
        let rest = Evidence {
            finishes_word: true,
            ..new
        };
        assert!(score(&rest, Language::Chinese) < score(&new, Language::Chinese));
    }

    #[test]
    fn what_the_writer_wrote_at_such_a_place_before_is_likelier_in_chinese() {
        let before = "阿Q很得意。阿Q又很得意。赵太爷不高兴。阿Q";
        let of = |word, language| score(&evidence(-2.0, word, before), language);
        let chinese = |word| of(word, Language::Chinese);
        assert!(
            chinese("很得意") > chinese("赵太爷"),
            "it followed these two"
        );
        assert!(chinese("赵太爷") > chinese("假洋鬼子"), "it was written");
        assert!((of("很", Language::English) - of("假", Language::English)).abs() < 1e-6);
    }

    #[test]
    fn a_longer_document_makes_no_word_likelier() {
        let page = "这是先前写下的一段话，是说砚台。".repeat(NEAR_CHARS / 16);
        let seen = |before: &str| Document(before).seen("砚");
        let (short, long) = (seen(&page), seen(&page.repeat(20)));
        assert!((short - 125.0).abs() < 1e-6, "{short}");
        assert!((short - long).abs() < 1e-6, "{short} {long}");
    }

    #[test]
    fn any_text_before_the_caret_has_a_rate() {
        for (before, word, rate) in [
            ("", "砚", 0.12),
            ("砚", "台", 0.12),
            ("砚台", "", 0.12),
            ("砚台", "砚", 0.12),
            ("👍🏽砚台👍🏽砚台", "👍", 1.3 / 3.5),
            ("aaaa", "a", 1.3 / 3.5),
        ] {
            let found = Document(before).followed(word);
            assert!((found - rate).abs() < 1e-6, "{before} {word} {found}");
        }
    }
}
