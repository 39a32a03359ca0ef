//! The memory's part in the distribution of the next token.
//!
//! p(w) = (1 − λ) p_model(w) + λ p_memory(w), where longer contexts are asked first and leave to
//! shorter ones what they are not believed (`strength.rs`); what is left at the end is the model's.

use inkstone_vocab::TokenId;

use crate::memory::{Followers, Memory};
use crate::strength::Strength;

/// What a memory adds to a model's distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// 1 − λ: the part that is the model's.
    pub model: f32,
    /// The part of each token that the memory names, in the order of their numbers; λ together.
    pub tokens: Vec<(TokenId, f32)>,
}

impl Mixture {
    /// What followed a context, the longest first, as [`Memory::followers`] gives it; none when the
    /// memory knows nothing.
    pub fn of(all: &[Followers], strength: &Strength) -> Option<Self> {
        let mut left = 1.0;
        let mut tokens = Vec::new();
        for followers in all {
            let share = left * strength.belief(followers);
            if share <= 0.0 || followers.count <= 0.0 {
                continue;
            }
            let each = followers.tokens.iter();
            tokens.extend(each.map(|one| (one.token, share * one.count / followers.count)));
            left -= share;
        }
        if tokens.is_empty() {
            return None;
        }
        tokens.sort_by_key(|(token, _)| *token);
        tokens.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            kept.1 += if is_same { next.1 } else { 0.0 };
            is_same
        });
        Some(Self {
            model: left.max(0.0),
            tokens,
        })
    }

    /// The logits of the mixed distribution: those of the tokens that the memory names are raised, and
    /// the softmax of all is the mixture. False, and nothing changed, where the logits are no numbers to
    /// mix with, or the model would have no part.
    pub fn apply(&self, logits: &mut [f32]) -> bool {
        let Some(normalizer) = log_sum_exp(logits) else {
            return false;
        };
        if self.model <= 0.0 {
            return false;
        }
        for (token, part) in &self.tokens {
            if let Some(logit) = logits.get_mut(token.0 as usize) {
                let probability = (*logit - normalizer).exp();
                let probability = if probability.is_nan() {
                    0.0
                } else {
                    probability
                };
                *logit = normalizer + (probability + part / self.model).ln();
            }
        }
        true
    }
}

impl<B: AsRef<[u8]>> Memory<B> {
    /// What this memory adds to a model's distribution after `context`.
    pub fn mixture(&self, context: &[TokenId], strength: &Strength) -> Option<Mixture> {
        Mixture::of(&self.followers(context), strength)
    }
}

/// ln Σ exp of the logits that are numbers; none when that is no number.
fn log_sum_exp(logits: &[f32]) -> Option<f32> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !highest.is_finite() {
        return None;
    }
    let numbers = logits.iter().filter(|logit| !logit.is_nan());
    let sum: f32 = numbers.map(|logit| (logit - highest).exp()).sum();
    Some(highest + sum.ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Follower;

    const STRENGTH: Strength = Strength {
        doubt: [1.0; crate::CONTEXT_TOKENS_MAX],
        factor: 1.0,
    };

    fn followers(context_tokens: usize, tokens: &[(u32, f32)]) -> Followers {
        let tokens: Vec<Follower> = tokens
            .iter()
            .map(|&(token, count)| Follower {
                token: TokenId(token),
                count,
            })
            .collect();
        Followers {
            context_tokens,
            count: tokens.iter().map(|one| one.count).sum(),
            tokens,
        }
    }

    fn softmax(logits: &[f32]) -> Vec<f32> {
        let normalizer = log_sum_exp(logits).unwrap();
        let each = logits.iter().map(|logit| (logit - normalizer).exp());
        each.map(|p| if p.is_nan() { 0.0 } else { p }).collect()
    }

    #[test]
    fn longer_contexts_come_first_and_the_parts_make_a_whole() {
        let all = [
            followers(2, &[(7, 3.0)]),
            followers(1, &[(3, 1.0), (7, 5.0)]),
        ];
        let mixture = Mixture::of(&all, &STRENGTH).unwrap();
        // Believed to 3/4, and to 6/8 of the quarter that is left.
        assert!((mixture.model - 0.0625).abs() < 1e-6);
        let (three, seven) = (mixture.tokens[0], mixture.tokens[1]);
        assert_eq!((three.0, seven.0), (TokenId(3), TokenId(7)));
        assert!((three.1 - 0.1875 / 6.0).abs() < 1e-6);
        assert!((seven.1 - (0.75 + 0.1875 * 5.0 / 6.0)).abs() < 1e-6);
    }

    #[test]
    fn the_softmax_of_mixed_logits_is_the_mixture() {
        let mixture = Mixture {
            model: 0.75,
            tokens: vec![(TokenId(0), 0.05), (TokenId(3), 0.2)],
        };
        let model = [1.0, -2.0, 3.5, -60.0, f32::NEG_INFINITY];
        let mut mixed = model;
        assert!(mixture.apply(&mut mixed));
        let before = softmax(&model);
        for (token, (now, before)) in softmax(&mixed).iter().zip(before).enumerate() {
            let added = [0.05, 0.0, 0.0, 0.2, 0.0][token];
            let expected = 0.75 * before + added;
            assert!((now - expected).abs() < 1e-6, "{token}: {now} {expected}");
        }
    }

    #[test]
    fn what_the_model_does_not_have_is_left_out() {
        let mixture = Mixture {
            model: 0.5,
            tokens: vec![(TokenId(1), 0.2), (TokenId(9), 0.3)],
        };
        let mut mixed = [0.0, f32::NAN];
        assert!(mixture.apply(&mut mixed));
        assert!((softmax(&mixed)[1] - 0.2 / 0.7).abs() < 1e-6, "{mixed:?}");
        for logits in [&mut [][..], &mut [f32::NAN], &mut [f32::INFINITY]] {
            let before = logits.to_vec();
            assert!(!mixture.apply(logits));
            assert_eq!(before.len(), logits.len());
        }
        assert_eq!(Mixture::of(&[], &STRENGTH), None);
    }

    #[test]
    fn without_strength_the_distribution_is_the_models() {
        let off = Strength {
            factor: 0.0,
            ..STRENGTH
        };
        assert_eq!(Mixture::of(&[followers(3, &[(7, 9.0)])], &off), None);
    }
}
