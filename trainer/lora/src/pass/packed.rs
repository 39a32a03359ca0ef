//! Texts packed side by side into one pass: positions begin anew with each, and none sees another.

use std::ops::Range;

use inkstone_vocab::TokenId;

use crate::error::LoraError;
use crate::model::hyperparameters::Hyperparameters;

/// Tokens of one pass at most. A pass needs memory for each, and attention for each pair of a text;
/// 2¹⁶ is beyond what any machine trains at once.
pub const PASS_TOKENS_MAX: usize = 1 << 16;

/// Tokens of several texts, and how much each counts as the one to be foretold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Packed {
    tokens: Vec<u32>,
    weights: Vec<f32>,
    texts: Vec<Range<usize>>,
}

impl Packed {
    /// No text yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text of which every token counts fully.
    pub fn push(&mut self, tokens: &[TokenId]) {
        self.push_weighted(tokens, &vec![1.0; tokens.len()]);
    }

    /// Adds a text; `weights` say how much each of its tokens counts: nothing where it is only shown,
    /// less where a machine helped. The first token is never foretold. Weights that are missing are 1.
    pub fn push_weighted(&mut self, tokens: &[TokenId], weights: &[f32]) {
        if tokens.is_empty() {
            return;
        }
        let start = self.tokens.len();
        self.tokens.extend(tokens.iter().map(|token| token.0));
        let weights = weights.iter().copied().chain(std::iter::repeat(1.0));
        self.weights.extend(weights.take(tokens.len()));
        self.weights[start] = 0.0;
        self.texts.push(start..self.tokens.len());
    }

    /// Tokens of all texts.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Where each text lies among them.
    pub fn texts(&self) -> &[Range<usize>] {
        &self.texts
    }

    /// What all weights come to.
    pub fn weight(&self) -> f64 {
        self.weights.iter().map(|&weight| f64::from(weight)).sum()
    }

    /// The place of each token in its text.
    pub(crate) fn positions(&self) -> Vec<u32> {
        let within = self.texts.iter().flat_map(|text| 0..text.len());
        within
            .map(|position| u32::try_from(position).unwrap_or(u32::MAX))
            .collect()
    }

    /// For every token that counts: the one before it, itself, and how much it counts.
    pub(crate) fn foretold(&self) -> Foretold {
        let mut foretold = Foretold::default();
        for (index, (&token, &weight)) in self.tokens.iter().zip(&self.weights).enumerate() {
            // The first of a text has no weight, so no other text's token stands before it.
            if weight != 0.0 {
                foretold
                    .from
                    .push(u32::try_from(index - 1).unwrap_or(u32::MAX));
                foretold.tokens.push(token);
                foretold.weights.push(weight);
            }
        }
        foretold
    }

    /// Checks that a decoder can read them.
    pub(crate) fn check(&self, model: &Hyperparameters) -> Result<(), LoraError> {
        let fault = |what, found: usize, remedy: String| {
            Err(LoraError::Tokens {
                what,
                found: found.to_string(),
                remedy,
            })
        };
        if self.tokens.is_empty() || self.tokens.len() > PASS_TOKENS_MAX {
            let remedy = format!("pack 1 to {PASS_TOKENS_MAX}");
            return fault("tokens of a pass", self.tokens.len(), remedy);
        }
        let vocabulary = model.vocabulary_tokens;
        if let Some(&token) = self.tokens.iter().find(|&&id| id as usize >= vocabulary) {
            let remedy = format!("tokenize with this model's vocabulary of {vocabulary}");
            return fault("token outside the vocabulary", token as usize, remedy);
        }
        let is_sane = |weight: &&f32| weight.is_finite() && **weight >= 0.0;
        if let Some(weight) = self.weights.iter().find(|weight| !is_sane(weight)) {
            return Err(LoraError::Tokens {
                what: "weight of a token",
                found: weight.to_string(),
                remedy: "weigh with 0 or more".to_owned(),
            });
        }
        let longest = self.texts.iter().map(ExactSizeIterator::len).max();
        match longest {
            Some(len) if len > model.context_tokens => {
                let remedy = format!("cut texts to at most {}", model.context_tokens);
                fault("tokens of a text", len, remedy)
            }
            _ => Ok(()),
        }
    }
}

/// What is to be foretold, place by place.
#[derive(Debug, Default)]
pub(crate) struct Foretold {
    /// The row from which.
    pub(crate) from: Vec<u32>,
    pub(crate) tokens: Vec<u32>,
    pub(crate) weights: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(tokens: &[u32]) -> Vec<TokenId> {
        tokens.iter().copied().map(TokenId).collect()
    }

    #[test]
    fn positions_begin_anew_and_no_text_foretells_another() {
        let mut packed = Packed::new();
        packed.push(&ids(&[5, 6, 7]));
        packed.push(&[]);
        packed.push(&ids(&[8]));
        packed.push_weighted(&ids(&[9, 10, 11]), &[1.0, 0.0]);
        assert_eq!(packed.positions(), [0, 1, 2, 0, 0, 1, 2]);
        assert_eq!(packed.texts(), [0..3, 3..4, 4..7]);
        let foretold = packed.foretold();
        assert_eq!(foretold.from, [0, 1, 5]);
        assert_eq!(foretold.tokens, [6, 7, 11]);
        assert_eq!(packed.weight(), 3.0);
    }
}
