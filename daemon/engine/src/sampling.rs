//! A token by chance: the likeliest ones, by the softmax of their logits at a temperature.
//!
//! Values in, values out: the caller owns the generator and its seed, so equal runs give equal text.
//! For one suggestion per caret `greedy` decides; this is for several that should differ.

use inkstone_vocab::TokenId;

use crate::greedy::{Choice, greedy, keep_likeliest};

/// Which tokens may be chosen and how bold the choice is. The default is the plain distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplingOptions {
    /// Divides the logits: below 1 the likely become likelier; 0 or less takes the likeliest.
    pub temperature: f32,
    /// Only so many of the likeliest; 0 for all.
    pub top_k: usize,
    /// Only the fewest likeliest whose probabilities together reach this; 1 for all.
    pub top_p: f32,
    /// Only those at least this fraction as likely as the likeliest; 0 for all.
    pub min_p: f32,
}

impl Default for SamplingOptions {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
        }
    }
}

/// Numbers by chance from a seed (SplitMix64, Steele et al. 2014): the same everywhere and always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generator {
    state: u64,
}

impl Generator {
    /// A generator that repeats itself for the same seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// At least 0, less than 1.
    pub fn fraction(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The upper 53 bits: as many as a double holds exactly.
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A token and its log-probability under the softmax of the logits, as [`greedy`] gives it: before
/// temperature and limits. None when no logit is a finite number.
///
/// The limits apply one after another, top-k first, each to what the one before has left; then the
/// temperature, as in llama.cpp. The likeliest token always stays.
pub fn sample(
    logits: &[f32],
    options: &SamplingOptions,
    generator: &mut Generator,
) -> Option<Choice> {
    let best = greedy(logits)?;
    let highest = *logits.get(best.token.0 as usize)?;
    if options.temperature <= 0.0 || !highest.is_finite() {
        return Some(best);
    }
    let mut candidates = candidates(logits, options.top_k);
    keep_top_p(&mut candidates, highest, options.top_p);
    candidates.retain(|(_, logit)| (logit - highest).exp() >= options.min_p.min(1.0));
    let weight =
        |(_, logit): &(TokenId, f32)| f64::from((logit - highest) / options.temperature).exp();
    let total: f64 = candidates.iter().map(weight).sum();
    let mut left = generator.fraction() * total;
    let chosen = candidates.iter().find(|candidate| {
        left -= weight(candidate);
        left < 0.0
    });
    // Rounding may leave a rest behind the last one.
    let (token, logit) = *chosen.or(candidates.last())?;
    let logprob = best.logprob + (logit - highest);
    Some(Choice {
        token,
        logprob,
        logprob_of_all: logprob,
    })
}

/// The `top_k` likeliest, the likeliest first; 0 for all.
fn candidates(logits: &[f32], top_k: usize) -> Vec<(TokenId, f32)> {
    let all = (0_u32..).map(TokenId).zip(logits.iter().copied());
    let mut all: Vec<(TokenId, f32)> = all.filter(|(_, logit)| logit.is_finite()).collect();
    let count = if top_k == 0 { all.len() } else { top_k };
    keep_likeliest(&mut all, count);
    all
}

fn keep_top_p(candidates: &mut Vec<(TokenId, f32)>, highest: f32, top_p: f32) {
    if top_p >= 1.0 {
        return;
    }
    let weight = |(_, logit): &(TokenId, f32)| f64::from(logit - highest).exp();
    let total: f64 = candidates.iter().map(weight).sum();
    let mut sum = 0.0;
    let needed = candidates.iter().position(|candidate| {
        sum += weight(candidate);
        sum >= f64::from(top_p) * total
    });
    candidates.truncate(needed.map_or(candidates.len(), |last| last + 1));
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 6] = [0.0, 2.0, f32::NAN, 1.0, f32::NEG_INFINITY, 2.0];
    const PLAIN: SamplingOptions = SamplingOptions {
        temperature: 1.0,
        top_k: 0,
        top_p: 1.0,
        min_p: 0.0,
    };

    fn drawn(options: &SamplingOptions, seed: u64, count: usize) -> Vec<u32> {
        let mut generator = Generator::new(seed);
        let mut draw = || sample(&LOGITS, options, &mut generator).unwrap().token.0;
        (0..count).map(|_| draw()).collect()
    }

    /// The tokens that come at all, in a thousand draws.
    fn possible(options: &SamplingOptions) -> Vec<u32> {
        let mut tokens = drawn(options, 7, 1_000);
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    #[test]
    fn temperature_zero_and_the_first_of_one_are_greedy() {
        let cold = SamplingOptions {
            temperature: 0.0,
            ..PLAIN
        };
        let one = SamplingOptions { top_k: 1, ..PLAIN };
        for options in [cold, one] {
            for seed in 0..50 {
                let choice = sample(&LOGITS, &options, &mut Generator::new(seed));
                assert_eq!(choice, greedy(&LOGITS));
            }
        }
    }

    #[test]
    fn the_draws_follow_the_softmax_at_the_temperature() {
        for temperature in [0.5, 1.0, 2.0] {
            let options = SamplingOptions {
                temperature,
                ..PLAIN
            };
            let draws = drawn(&options, 42, 50_000);
            let weights =
                [0.0, 2.0, 1.0, 2.0].map(|logit: f32| f64::from(logit / temperature).exp());
            let total: f64 = weights.iter().sum();
            for (token, weight) in [0, 1, 3, 5].into_iter().zip(weights) {
                let count = draws.iter().filter(|draw| **draw == token).count();
                let share = count as f64 / draws.len() as f64;
                assert!((share - weight / total).abs() < 0.01, "{token}: {share}");
            }
        }
    }

    #[test]
    fn limits_keep_the_likeliest() {
        assert_eq!(
            possible(&PLAIN),
            [0, 1, 3, 5],
            "nothing impossible is drawn"
        );
        let options = [
            (SamplingOptions { top_k: 2, ..PLAIN }, vec![1, 5]),
            (SamplingOptions { top_k: 3, ..PLAIN }, vec![1, 3, 5]),
            // Tokens 1 and 5 have 0.79 of the probability, with token 3 it is 0.95.
            (
                SamplingOptions {
                    top_p: 0.7,
                    ..PLAIN
                },
                vec![1, 5],
            ),
            (
                SamplingOptions {
                    top_p: 0.9,
                    ..PLAIN
                },
                vec![1, 3, 5],
            ),
            (
                SamplingOptions {
                    top_p: 0.0,
                    ..PLAIN
                },
                vec![1],
            ),
            // Token 3 is e⁻¹ = 0.37 times as likely as the likeliest, token 0 0.14 times.
            (
                SamplingOptions {
                    min_p: 0.2,
                    ..PLAIN
                },
                vec![1, 3, 5],
            ),
            (
                SamplingOptions {
                    min_p: 2.0,
                    ..PLAIN
                },
                vec![1, 5],
            ),
        ];
        for (options, expected) in options {
            assert_eq!(possible(&options), expected, "{options:?}");
        }
    }

    #[test]
    fn a_seed_repeats_its_draws_and_another_does_not() {
        assert_eq!(drawn(&PLAIN, 1, 100), drawn(&PLAIN, 1, 100));
        assert_ne!(drawn(&PLAIN, 1, 100), drawn(&PLAIN, 2, 100));
    }

    #[test]
    fn the_log_probability_is_that_of_the_whole_distribution() {
        let options = SamplingOptions {
            top_k: 2,
            temperature: 3.0,
            ..PLAIN
        };
        let choice = sample(&LOGITS, &options, &mut Generator::new(3)).unwrap();
        let sum: f32 = [0.0_f32, 2.0, 1.0, 2.0]
            .iter()
            .map(|logit| logit.exp())
            .sum();
        assert!((choice.logprob - (2.0 - sum.ln())).abs() < 1e-6);
    }

    #[test]
    fn without_a_number_there_is_no_choice() {
        for logits in [&[][..], &[f32::NAN]] {
            assert_eq!(sample(logits, &PLAIN, &mut Generator::new(0)), None);
        }
    }
}
