//! How unlikely the tokens that came were, and the gradient toward the last layer, a few positions
//! and a block of the vocabulary at a time.
//!
//! All logits of 512 positions over Gemma's 262,144 tokens would take 537 MB, three times for what
//! softmax and its gradient keep. Here the powers of as many positions are held as the bound allows,
//! and the gradient is computed in the same pass: it is a sum over positions with known weights,
//! so nothing has to come back first, and no logit is computed twice.

use candle_core::{Result, Tensor};

use super::between::Between;
use super::packed::Foretold;
use crate::error::LoraError;
use crate::model::frozen::VocabularyMatrix;
use crate::ops::add::add;
use crate::ops::likelihood::{self, Powers, Targets};

/// Bytes of powers that are held at once.
pub(crate) const POWERS_BYTES_MAX: u64 = 256 << 20;

/// The output of a decoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) matrix: &'a VocabularyMatrix,
    pub(crate) soft_cap: Option<f64>,
    /// Bytes of powers that are held at once.
    pub(crate) powers_bytes_max: u64,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Losses {
    /// Of each row, unweighted: the negative logarithm of the probability of its token, or the
    /// cross-entropy with the model's own distribution where it is distilled.
    pub(crate) losses: Vec<f32>,
    /// The gradient of their weighted sum toward the rows they were foretold from.
    pub(crate) gradient: Option<Tensor>,
}

impl Losses {
    /// These, and after them those of further rows.
    pub(crate) fn followed_by(mut self, further: Self) -> std::result::Result<Self, LoraError> {
        self.losses.extend(further.losses);
        let gradients: Vec<Tensor> = [self.gradient, further.gradient]
            .into_iter()
            .flatten()
            .collect();
        Ok(Self {
            losses: self.losses,
            gradient: Some(Tensor::cat(&gradients, 0)?),
        })
    }
}

impl Head<'_> {
    /// Logits of some rows: as many numbers as the vocabulary has tokens, for each.
    pub(crate) fn logits(&self, rows: &Tensor) -> Result<Tensor> {
        let blocks = self.matrix.blocks();
        let logits = blocks.map(|block| self.block_logits(rows, &block.plain()?));
        Tensor::cat(&logits.collect::<Result<Vec<_>>>()?, 1)
    }

    /// Losses of what is foretold from `rows`, one row each, and the gradient where it is wanted.
    pub(crate) fn losses(
        &self,
        rows: &Tensor,
        foretold: &Foretold,
        wants_gradient: bool,
        between: &mut Between<'_>,
    ) -> std::result::Result<Losses, LoraError> {
        let count = foretold.tokens.len();
        let at_once = self.rows_at_once(1, count);
        let mut losses = Vec::with_capacity(count);
        let mut gradients = Vec::new();
        for start in (0..count).step_by(at_once) {
            let len = at_once.min(count - start);
            let part = rows.narrow(0, start, len)?.contiguous()?;
            let tokens = &foretold.tokens[start..start + len];
            let weights = &foretold.weights[start..start + len];
            let wanted = Wanted {
                tokens,
                weights,
                gradient: wants_gradient,
            };
            let (part_losses, gradient) = self.part(&part, wanted, between)?;
            losses.extend(part_losses);
            gradients.extend(gradient);
        }
        let gradient = if gradients.is_empty() {
            None
        } else {
            Some(Tensor::cat(&gradients, 0)?)
        };
        Ok(Losses { losses, gradient })
    }

    /// Rows whose powers are held at once, of each so many times the vocabulary; there are `count`.
    pub(super) fn rows_at_once(&self, times: u64, count: usize) -> usize {
        let row_bytes = self.matrix.rows() as u64 * 4 * times;
        let at_once = usize::try_from(self.powers_bytes_max / row_bytes).unwrap_or(usize::MAX);
        at_once.clamp(1, count.max(1))
    }

    fn part(
        &self,
        rows: &Tensor,
        wanted: Wanted<'_>,
        between: &mut Between<'_>,
    ) -> std::result::Result<(Vec<f32>, Option<Tensor>), LoraError> {
        let targets = |first| Targets {
            tokens: wanted.tokens,
            weights: wanted.weights,
            first,
        };
        let mut sums = vec![RowSum::default(); wanted.tokens.len()];
        let mut held: Vec<(Powers, Option<Tensor>)> = Vec::new();
        for block in self.matrix.blocks() {
            between.look()?;
            let logits = self.block_logits(rows, &block.plain()?)?;
            let chosen = likelihood::chosen(&logits, targets(block.first_row))?;
            let powers = likelihood::powers(&logits)?;
            for (row, sum) in sums.iter_mut().enumerate() {
                sum.add(powers.largest[row], powers.totals[row]);
                sum.chosen = chosen[row].unwrap_or(sum.chosen);
            }
            if wanted.gradient {
                held.push((powers, self.slope(&logits)?));
            }
        }
        let losses = sums
            .iter()
            .map(|sum| sum.log_total() - sum.chosen)
            .collect();
        if !wanted.gradient {
            return Ok((losses, None));
        }
        let mut gradient = rows.zeros_like()?;
        for (block, (powers, slope)) in self.matrix.blocks().zip(held) {
            between.look()?;
            let of_row = sums.iter().zip(&powers.largest).zip(wanted.weights);
            let factors =
                of_row.map(|((sum, largest), weight)| (largest - sum.log_total()).exp() * weight);
            let factors: Vec<f32> = factors.collect();
            let targets = targets(block.first_row);
            let mut d_logits = likelihood::gradient(&powers.relative, &factors, targets)?;
            if let Some(slope) = slope {
                d_logits = (d_logits * slope)?;
            }
            gradient = add(&gradient, &d_logits.matmul(&block.plain()?)?)?;
        }
        Ok((losses, Some(gradient)))
    }

    pub(super) fn block_logits(&self, rows: &Tensor, weights: &Tensor) -> Result<Tensor> {
        let logits = rows.matmul(&weights.t()?)?;
        match self.soft_cap {
            Some(cap) => (logits / cap)?.tanh()? * cap,
            None => Ok(logits),
        }
    }

    /// How a bent logit follows the straight one.
    pub(super) fn slope(&self, logits: &Tensor) -> Result<Option<Tensor>> {
        match self.soft_cap {
            Some(cap) => (1.0 - (logits / cap)?.sqr()?).map(Some),
            None => Ok(None),
        }
    }
}

/// What is wanted of some rows.
#[derive(Debug, Clone, Copy)]
struct Wanted<'a> {
    tokens: &'a [u32],
    weights: &'a [f32],
    gradient: bool,
}

/// What is known of a row while its logits come.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowSum {
    largest: f32,
    /// Powers relative to the largest.
    total: f32,
    chosen: f32,
}

impl Default for RowSum {
    fn default() -> Self {
        Self {
            largest: f32::NEG_INFINITY,
            total: 0.0,
            chosen: f32::NAN,
        }
    }
}

impl RowSum {
    pub(super) fn add(&mut self, largest: f32, total: f32) {
        let new = self.largest.max(largest);
        self.total = self.total * (self.largest - new).exp() + total * (largest - new).exp();
        self.largest = new;
    }

    pub(super) fn log_total(&self) -> f32 {
        self.largest + self.total.ln()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use candle_core::quantized::{GgmlDType, QTensor};

    use super::*;
    use crate::ops::check::{assert_close, assert_gradient, numbers, random};

    pub(in crate::pass) const TOKENS: usize = 21;
    pub(in crate::pass) const WIDTH: usize = 6;

    /// The same matrix, in blocks of so many rows.
    pub(in crate::pass) fn matrix(block_rows: usize) -> VocabularyMatrix {
        let whole = random(&[TOKENS, WIDTH], 1);
        let blocks = (0..TOKENS).step_by(block_rows).map(|first| {
            let rows = block_rows.min(TOKENS - first);
            let rows = whole.narrow(0, first, rows).unwrap();
            QTensor::quantize(&rows.force_contiguous().unwrap(), GgmlDType::F32).unwrap()
        });
        VocabularyMatrix::new(blocks.collect(), block_rows, TOKENS, WIDTH)
    }

    fn foretold() -> Foretold {
        Foretold {
            from: Vec::new(),
            tokens: vec![0, 20, 7, 8, 13],
            weights: vec![1.0, 0.5, 2.0, 1.0, 1.0],
        }
    }

    fn head(matrix: &VocabularyMatrix, rows_at_once: u64, soft_cap: Option<f64>) -> Head<'_> {
        Head {
            matrix,
            soft_cap,
            powers_bytes_max: rows_at_once * TOKENS as u64 * 4,
        }
    }

    #[test]
    fn in_parts_it_is_what_it_is_at_once() {
        let rows = random(&[5, WIDTH], 2);
        let whole = matrix(TOKENS);
        for soft_cap in [None, Some(2.0)] {
            let at_once = head(&whole, 100, soft_cap);
            let expected = at_once
                .losses(&rows, &foretold(), true, &mut Between::never())
                .unwrap();
            for block_rows in [1, 8, 20] {
                let matrix = matrix(block_rows);
                for rows_at_once in [0, 1, 2, 5] {
                    let head = head(&matrix, rows_at_once, soft_cap);
                    let found = head
                        .losses(&rows, &foretold(), true, &mut Between::never())
                        .unwrap();
                    for (a, b) in found.losses.iter().zip(&expected.losses) {
                        assert!((a - b).abs() < 1e-5, "{a} {b}");
                    }
                    let (found, expected) = (found.gradient, expected.gradient.as_ref());
                    assert_close(&found.unwrap(), expected.unwrap(), 1e-5);
                }
            }
        }
    }

    #[test]
    fn a_loss_is_the_negative_logarithm_of_the_probability() {
        let rows = random(&[5, WIDTH], 2);
        let matrix = matrix(8);
        let head = head(&matrix, 2, None);
        let logits = head.logits(&rows).unwrap().to_vec2::<f32>().unwrap();
        let losses = head
            .losses(&rows, &foretold(), false, &mut Between::never())
            .unwrap();
        assert!(losses.gradient.is_none());
        for ((logits, token), loss) in logits.iter().zip(foretold().tokens).zip(losses.losses) {
            let total: f32 = logits.iter().map(|logit| logit.exp()).sum();
            let probability = logits[token as usize].exp() / total;
            assert!((loss + probability.ln()).abs() < 1e-5);
        }
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let rows = random(&[5, WIDTH], 3);
        let matrix = matrix(8);
        let weights = Tensor::new(foretold().weights, rows.device()).unwrap();
        for soft_cap in [None, Some(1.5)] {
            let head = head(&matrix, 2, soft_cap);
            let losses = |rows: &Tensor| {
                let losses = head
                    .losses(rows, &foretold(), false, &mut Between::never())
                    .unwrap();
                Tensor::new(losses.losses, rows.device()).unwrap()
            };
            let found = head
                .losses(&rows, &foretold(), true, &mut Between::never())
                .unwrap();
            assert_gradient(&rows, &found.gradient.unwrap(), &weights, losses);
        }
    }

    #[test]
    fn unlikely_beyond_the_range_of_powers_is_still_a_number() {
        let rows = (random(&[5, WIDTH], 4) * 400.0).unwrap();
        let matrix = matrix(8);
        let losses = head(&matrix, 5, None).losses(&rows, &foretold(), true, &mut Between::never());
        let losses = losses.unwrap();
        assert!(losses.losses.iter().all(|loss| loss.is_finite()));
        assert!(
            numbers(&losses.gradient.unwrap())
                .iter()
                .all(|x| x.is_finite())
        );
    }
}
