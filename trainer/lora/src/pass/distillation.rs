//! How far what is foretold has moved from what the model alone foretells, and the gradient back
//! (self-distillation; Hinton, Vinyals and Dean 2015 at temperature 1, the teacher being the model
//! without its adapter).
//!
//! The loss of a row is the cross-entropy with the model's distribution: its own entropy where nothing
//! has moved, so that it reads like that of a token that came. The gradient toward the logits is the
//! difference of the two distributions, which is nothing at first. Positions and vocabulary come in
//! parts, as in [`super::loss`].

use candle_core::{Result, Tensor};

use super::between::Between;
use super::loss::{Head, Losses, RowSum};
use crate::error::LoraError;
use crate::model::frozen::VocabularyBlock;
use crate::ops::add::add;
use crate::ops::likelihood::{self, Powers};

/// Both distributions over a block of the vocabulary.
struct Both {
    here: Powers,
    of_model: Powers,
    /// The sum of the logits here, each times the model's power.
    dots: Vec<f32>,
    slope: Option<Tensor>,
}

impl Head<'_> {
    /// Losses of `rows` with the model's own of the same places, one row each, and the gradient of
    /// their weighted sum toward `rows`.
    pub(crate) fn distilled_losses(
        &self,
        rows: &Tensor,
        of_model: &Tensor,
        weights: &[f32],
        between: &mut Between<'_>,
    ) -> std::result::Result<Losses, LoraError> {
        let mut losses = Vec::with_capacity(weights.len());
        let mut gradients = Vec::new();
        // Two distributions are held of each row.
        let at_once = self.rows_at_once(2, weights.len());
        for start in (0..weights.len()).step_by(at_once) {
            let len = at_once.min(weights.len() - start);
            let part = |rows: &Tensor| rows.narrow(0, start, len)?.contiguous();
            let both = [part(rows)?, part(of_model)?];
            let (part_losses, gradient) =
                self.distilled_part(&both, &weights[start..start + len], between)?;
            losses.extend(part_losses);
            gradients.push(gradient);
        }
        Ok(Losses {
            losses,
            gradient: Some(Tensor::cat(&gradients, 0)?),
        })
    }

    fn distilled_part(
        &self,
        [rows, of_model]: &[Tensor; 2],
        weights: &[f32],
        between: &mut Between<'_>,
    ) -> std::result::Result<(Vec<f32>, Tensor), LoraError> {
        let mut sums = vec![[RowSum::default(); 2]; weights.len()];
        let mut held: Vec<Both> = Vec::new();
        for block in self.matrix.blocks() {
            between.look()?;
            let both = self.both(rows, of_model, &block)?;
            for (row, [here, model]) in sums.iter_mut().enumerate() {
                here.add(both.here.largest[row], both.here.totals[row]);
                model.add(both.of_model.largest[row], both.of_model.totals[row]);
            }
            held.push(both);
        }
        let log_totals: Vec<[f32; 2]> = sums
            .iter()
            .map(|both| both.map(|sum| sum.log_total()))
            .collect();
        let mut losses: Vec<f32> = log_totals.iter().map(|&[here, _]| here).collect();
        let mut gradient = rows.zeros_like()?;
        for (block, both) in self.matrix.blocks().zip(held) {
            between.look()?;
            // What turns the powers of a row into probabilities.
            let shares = |largest: &[f32], which: usize| -> Vec<f32> {
                let rows = largest.iter().zip(&log_totals);
                rows.map(|(largest, totals)| (largest - totals[which]).exp())
                    .collect()
            };
            let (here, model) = (
                shares(&both.here.largest, 0),
                shares(&both.of_model.largest, 1),
            );
            for ((loss, dot), share) in losses.iter_mut().zip(&both.dots).zip(&model) {
                *loss -= dot * share;
            }
            let counted = |shares: &[f32]| -> Vec<f32> {
                shares.iter().zip(weights).map(|(a, b)| a * b).collect()
            };
            let mut d_logits = likelihood::difference(
                [&both.here.relative, &both.of_model.relative],
                [&counted(&here), &counted(&model)],
            )?;
            if let Some(slope) = both.slope {
                d_logits = (d_logits * slope)?;
            }
            gradient = add(&gradient, &d_logits.matmul(&block.plain()?)?)?;
        }
        Ok((losses, gradient))
    }

    fn both(&self, rows: &Tensor, of_model: &Tensor, block: &VocabularyBlock<'_>) -> Result<Both> {
        let plain = block.plain()?;
        let logits = self.block_logits(rows, &plain)?;
        let of_model = likelihood::powers(&self.block_logits(of_model, &plain)?)?;
        Ok(Both {
            here: likelihood::powers(&logits)?,
            dots: likelihood::dots(&of_model.relative, &logits)?,
            of_model,
            slope: self.slope(&logits)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::loss::tests::{TOKENS, WIDTH, matrix};
    use super::*;
    use crate::model::frozen::VocabularyMatrix;
    use crate::ops::check::{assert_close, assert_gradient, numbers, random};

    const WEIGHTS: [f32; 4] = [1.0, 0.5, 2.0, 1.0];

    fn distilled(
        matrix: &VocabularyMatrix,
        rows_at_once: u64,
        soft_cap: Option<f64>,
        [rows, of_model]: [&Tensor; 2],
    ) -> Losses {
        let head = Head {
            matrix,
            soft_cap,
            powers_bytes_max: rows_at_once * 2 * TOKENS as u64 * 4,
        };
        head.distilled_losses(rows, of_model, &WEIGHTS, &mut Between::never())
            .unwrap()
    }

    #[test]
    fn where_nothing_has_moved_the_loss_is_the_models_entropy_and_there_is_no_way_to_go() {
        let (rows, matrix) = (random(&[4, WIDTH], 2), matrix(8));
        let found = distilled(&matrix, 4, None, [&rows, &rows]);
        let head = Head {
            matrix: &matrix,
            soft_cap: None,
            powers_bytes_max: 1 << 20,
        };
        let logits = head.logits(&rows).unwrap().to_vec2::<f32>().unwrap();
        for (logits, loss) in logits.iter().zip(found.losses) {
            let total: f32 = logits.iter().map(|logit| logit.exp()).sum();
            let shares = logits.iter().map(|logit| logit.exp() / total);
            let entropy: f32 = shares.map(|share| -share * share.ln()).sum();
            assert!((loss - entropy).abs() < 1e-5, "{loss} {entropy}");
        }
        let gradient = numbers(&found.gradient.unwrap());
        assert!(gradient.iter().all(|x| x.abs() < 1e-6), "{gradient:?}");
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences_and_the_same_in_parts() {
        let (rows, of_model) = (random(&[4, WIDTH], 2), random(&[4, WIDTH], 3));
        let weights = Tensor::new(&WEIGHTS, rows.device()).unwrap();
        for soft_cap in [None, Some(1.5)] {
            let whole = matrix(TOKENS);
            let expected = distilled(&whole, 4, soft_cap, [&rows, &of_model]);
            let losses = |rows: &Tensor| {
                let losses = distilled(&whole, 4, soft_cap, [rows, &of_model]).losses;
                Tensor::new(losses, rows.device()).unwrap()
            };
            let gradient = expected.gradient.unwrap();
            assert_gradient(&rows, &gradient, &weights, losses);
            for (block_rows, rows_at_once) in [(1, 1), (8, 3), (20, 0)] {
                let found = distilled(
                    &matrix(block_rows),
                    rows_at_once,
                    soft_cap,
                    [&rows, &of_model],
                );
                assert_close(&found.gradient.unwrap(), &gradient, 1e-5);
                for (a, b) in found.losses.iter().zip(&expected.losses) {
                    assert!((a - b).abs() < 1e-5, "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn unlikely_beyond_the_range_of_powers_is_still_a_number() {
        let far = |seed| (random(&[4, WIDTH], seed) * 400.0).unwrap();
        let found = distilled(&matrix(5), 4, None, [&far(4), &far(5)]);
        assert!(found.losses.iter().all(|loss| loss.is_finite()));
        let gradient = numbers(&found.gradient.unwrap());
        assert!(gradient.iter().all(|x| x.is_finite()));
    }
}
