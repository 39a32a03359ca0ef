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
    /// Of each text, whether it is distilled.
    are_distilled: Vec<bool>,
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
        self.push_text(tokens, weights, false);
    }

    /// Adds a text that is not to be learned: a gradient keeps what follows each of its tokens as
    /// likely as the model alone finds it (self-distillation: the loss is the cross-entropy with the
    /// model's own distribution, not with the token that came).
    pub fn push_distilled(&mut self, tokens: &[TokenId], weights: &[f32]) {
        self.push_text(tokens, weights, true);
    }

    fn push_text(&mut self, tokens: &[TokenId], weights: &[f32], is_distilled: bool) {
        if tokens.is_empty() {
            return;
        }
        let start = self.tokens.len();
        self.tokens.extend(tokens.iter().map(|token| token.0));
        let weights = weights.iter().copied().chain(std::iter::repeat(1.0));
        self.weights.extend(weights.take(tokens.len()));
        self.weights[start] = 0.0;
        self.texts.push(start..self.tokens.len());
        self.are_distilled.push(is_distilled);
    }

    /// Tokens of all texts.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// Where each text lies among them.
    pub fn texts(&self) -> &[Range<usize>] {
        &self.texts
    }

    /// Of each text, whether it is distilled.
    pub fn are_distilled(&self) -> &[bool] {
        &self.are_distilled
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
        self.foretold_in(self.texts.iter())
    }

    /// The same of the texts that are learned, and of those that are distilled.
    pub(crate) fn by_objective(&self) -> [Foretold; 2] {
        [false, true].map(|wanted| self.foretold_in(self.texts_that_are(wanted)))
    }

    /// The texts that are distilled, by themselves.
    pub(crate) fn distilled(&self) -> Self {
        let mut alone = Self::new();
        for text in self.texts_that_are(true) {
            let start = alone.tokens.len();
            alone.tokens.extend(&self.tokens[text.clone()]);
            alone.weights.extend(&self.weights[text.clone()]);
            alone.texts.push(start..alone.tokens.len());
            alone.are_distilled.push(true);
        }
        alone
    }

    fn texts_that_are(&self, distilled: bool) -> impl Iterator<Item = &Range<usize>> {
        let texts = self.texts.iter().zip(&self.are_distilled);
        let wanted = texts.filter(move |&(_, &is_distilled)| is_distilled == distilled);
        wanted.map(|(text, _)| text)
    }

    fn foretold_in<'a>(&self, texts: impl Iterator<Item = &'a Range<usize>>) -> Foretold {
        let mut foretold = Foretold::default();
        for index in texts.flat_map(Clone::clone) {
            let (token, weight) = (self.tokens[index], self.weights[index]);
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

    #[test]
    fn texts_that_are_distilled_are_told_from_those_that_are_learned() {
        let mut packed = Packed::new();
        packed.push_distilled(&ids(&[5, 6, 7]), &[]);
        packed.push(&ids(&[8, 9]));
        packed.push_distilled(&ids(&[1, 2]), &[1.0, 0.5]);
        let [learned, distilled] = packed.by_objective();
        assert_eq!((learned.from, learned.tokens), (vec![3], vec![9]));
        assert_eq!(distilled.from, [0, 1, 5]);
        assert_eq!(distilled.weights, [1.0, 1.0, 0.5]);
        let alone = packed.distilled();
        assert_eq!(alone.tokens(), [5, 6, 7, 1, 2]);
        assert_eq!(alone.foretold().from, [0, 1, 3]);
        assert_eq!(alone.foretold().weights, distilled.weights);
        assert_eq!(packed.foretold().tokens, [6, 7, 9, 2]);
    }
}
