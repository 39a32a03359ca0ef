//! How surprising a text is to a model: the negative log-likelihood of its tokens.
//!
//! [`TextReading`] computes one text batch by batch, so that its caller can do something else in
//! between, and keeps a sum, never the logits. It is exact: each token is predicted from all tokens
//! of its window before it, so that the sum is that of the choices that decoding would have been offered.
//! What a token costs by the logits before it can be said by the caller, who may mix something into
//! them. Not which texts are read when (the daemon's `serving`), nor what follows from a number (the
//! trainer's).

use inkstone_vocab::TokenId;

use crate::context::{BatchEntry, Context, SequenceId};
use crate::error::EngineError;
use crate::model::Model;

/// Tokens that are seen at once. A longer text goes on in a window that begins with the second half
/// of the one before, so that every token of it is predicted from half a window at least.
pub const NLL_WINDOW_TOKENS: u32 = 512;

/// The sequence that a reading uses; its context is its own.
const SEQUENCE: SequenceId = SequenceId(0);

/// What a token costs after those before it, in nats, by the model's logits; none where that is no
/// number.
pub type Cost<'c> = dyn FnMut(&[TokenId], TokenId, &[f32]) -> Option<f64> + 'c;

/// What a text cost its model.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TextNll {
    /// The sum of the negative log-likelihoods, in nats.
    pub nats: f64,
    /// Tokens that were predicted: all, but the first where the model's texts begin with no BOS token,
    /// since nothing stands before it.
    pub tokens: u32,
    /// Characters that begin in these tokens, so that models with different tokens can be compared.
    pub characters: u32,
}

/// Reads one text. Its context must be given to no other until it is done, and is left holding
/// something: [`TextReading::begin`] empties it.
#[derive(Debug)]
pub struct TextReading {
    /// The BOS token, where texts begin with one.
    head: Vec<TokenId>,
    tokens: Vec<TokenId>,
    /// The token that the window begins with, after the head.
    start: usize,
    /// What of the window is computed.
    position: usize,
    /// The next token to be predicted.
    next: usize,
    sum: TextNll,
}

impl TextReading {
    /// Begins a text in an empty context.
    pub fn begin(context: &mut Context, text: &str) -> Result<Self, EngineError> {
        Self::begin_at_most(context, text, u32::MAX)
    }

    /// Begins the first so many tokens of a text in an empty context.
    pub fn begin_at_most(
        context: &mut Context,
        text: &str,
        tokens_max: u32,
    ) -> Result<Self, EngineError> {
        empty(context)?;
        let model = context.model();
        let head = model.tokenize("", true, false)?;
        let mut tokens = model.tokenize(text, false, false)?;
        let cut = tokens.split_off(tokens.len().min(tokens_max as usize));
        let next = usize::from(head.is_empty());
        let uncounted = tokens.iter().take(next).chain(&cut);
        let lost: usize = uncounted.map(|&token| beginnings(model, token)).sum();
        let characters = text.chars().count().saturating_sub(lost);
        let sum = TextNll {
            nats: 0.0,
            tokens: 0,
            characters: if next < tokens.len() {
                u32::try_from(characters).unwrap_or(u32::MAX)
            } else {
                0
            },
        };
        Ok(Self {
            head,
            tokens,
            start: 0,
            position: 0,
            next,
            sum,
        })
    }

    /// What it cost, once all of it is read.
    pub fn end(&self) -> Option<TextNll> {
        (self.next >= self.tokens.len()).then_some(self.sum)
    }

    /// Computes one batch more.
    pub fn step(&mut self, context: &mut Context) -> Result<(), EngineError> {
        self.step_by(context, &mut |_, token, logits| surprise(logits, token))
    }

    /// Computes one batch more. `cost` says in nats what a token costs after those before it, by the
    /// model's logits; none where that is no number.
    pub fn step_by(
        &mut self,
        context: &mut Context,
        cost: &mut Cost<'_>,
    ) -> Result<(), EngineError> {
        if self.end().is_some() {
            return Ok(());
        }
        let window = NLL_WINDOW_TOKENS.min(context.context_tokens()) as usize;
        if self.position >= window {
            empty(context)?;
            self.start = self.next.saturating_sub(window / 2);
            self.position = 0;
        }
        let entries = self.batch(context, window);
        context.decode(&entries)?;
        for (index, entry) in entries.iter().enumerate() {
            if !entry.wants_logits {
                continue;
            }
            // proof: `batch` asks for the logits before a token of the text only.
            let token = self.tokens[self.next];
            let before = &self.tokens[..self.next];
            let logits = context.logits(index);
            let nats = logits.and_then(|logits| cost(before, token, logits));
            let nats = nats.ok_or(EngineError::NoNumber { token: token.0 })?;
            self.sum.nats += nats;
            self.sum.tokens += 1;
            self.next += 1;
        }
        self.position += entries.len();
        Ok(())
    }

    /// The next entries of the window, as many as a batch and its rows of logits allow. The last token
    /// of the text is not among them: nothing is predicted from it.
    fn batch(&self, context: &Context, window: usize) -> Vec<BatchEntry> {
        let whole = self.head.len() + self.tokens.len() - self.start;
        let until = window.min(whole - 1);
        let mut rows = context.outputs();
        let mut entries = Vec::new();
        for position in self.position..until {
            if entries.len() >= context.batch_tokens() as usize {
                break;
            }
            // The token that is predicted from this one; those before the next are known already.
            let wants_logits = self.start + position + 1 >= self.next + self.head.len();
            if wants_logits {
                if rows == 0 {
                    break;
                }
                rows -= 1;
            }
            let token = match self.head.get(position) {
                Some(token) => *token,
                None => self.tokens[self.start + position - self.head.len()],
            };
            entries.push(BatchEntry {
                token,
                position: u32::try_from(position).unwrap_or(u32::MAX),
                sequence: SEQUENCE,
                wants_logits,
            });
        }
        entries
    }
}

/// The negative logarithm of a token's probability under the softmax of all logits, in nats. None when
/// the logits give no number.
///
/// The largest is taken out of the exponentials, so that none overflows, and they are added up in 64
/// bits: a vocabulary has 262,144 of them.
pub fn surprise(logits: &[f32], token: TokenId) -> Option<f64> {
    let logit = *logits.get(token.0 as usize)?;
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials = logits.iter().filter(|logit| !logit.is_nan());
    let sum: f64 = exponentials
        .map(|other| f64::from((other - highest).exp()))
        .sum();
    let nats = f64::from(highest) - f64::from(logit) + sum.ln();
    nats.is_finite().then_some(nats.max(0.0))
}

/// How many characters begin in a token: the bytes that do not go on with one.
fn beginnings(model: &Model, token: TokenId) -> usize {
    let bytes = model.token_bytes(token);
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn empty(context: &mut Context) -> Result<(), EngineError> {
    if context.truncate(SEQUENCE, 0) {
        return Ok(());
    }
    let what = "the sequence of a reading cannot be emptied";
    Err(EngineError::Batch(what.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surprise_is_the_negative_logarithm_of_the_softmax() {
        let logits = [0.0, 2.0, 1.0];
        let sum = 1.0 + 2.0_f64.exp() + 1.0_f64.exp();
        for (token, logit) in (0..).zip(logits) {
            let expected = sum.ln() - f64::from(logit);
            let nats = surprise(&logits, TokenId(token)).unwrap();
            assert!((nats - expected).abs() < 1e-6, "{nats} {expected}");
        }
    }

    #[test]
    fn huge_logits_neither_overflow_nor_vanish() {
        let nats = surprise(&[30_000.0, 29_990.0], TokenId(1)).unwrap();
        assert!((nats - 10.000_045_4).abs() < 1e-6, "{nats}");
        let nats = surprise(&[-30_000.0; 4], TokenId(3)).unwrap();
        assert!((nats - 4.0_f64.ln()).abs() < 1e-6, "{nats}");
        assert_eq!(surprise(&[5.0], TokenId(0)), Some(0.0));
    }

    #[test]
    fn what_is_no_number_gives_none() {
        assert_eq!(surprise(&[f32::NAN, 1.0], TokenId(0)), None);
        assert_eq!(surprise(&[f32::NEG_INFINITY, 1.0], TokenId(0)), None);
        assert_eq!(surprise(&[f32::NEG_INFINITY; 2], TokenId(0)), None);
        assert_eq!(surprise(&[1.0], TokenId(1)), None);
        assert!(surprise(&[f32::NAN, 1.0], TokenId(1)).is_some());
    }
}
