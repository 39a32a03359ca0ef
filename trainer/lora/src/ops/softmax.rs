//! The softmax of attention: each token weighs itself and those before it, as far as its window
//! reaches.

use candle_core::{D, DType, Device, Result, Tensor};
use rayon::prelude::*;

use super::slices::{self, dot, exp, max, sum, task_rows};

/// What tokens of one text see of each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sight {
    /// Tokens of the text.
    pub(crate) tokens: usize,
    /// The first row of each head that is there: a head may be computed in parts.
    pub(crate) first_row: usize,
    /// Rows of each head that are there.
    pub(crate) rows: usize,
    /// Tokens that each sees, its own included; none for all.
    pub(crate) window: Option<usize>,
    /// What scores are multiplied with.
    pub(crate) scale: f64,
}

impl Sight {
    /// The tokens that the one in row `row` sees. The rows of a head are tokens, once for each of
    /// those that share its keys.
    fn seen(&self, row: usize) -> std::ops::Range<usize> {
        let token = (self.first_row + row % self.rows) % self.tokens;
        let from = self
            .window
            .map_or(0, |window| (token + 1).saturating_sub(window));
        from..token + 1
    }

    #[allow(clippy::cast_possible_truncation)] // Reason: scores are 32-bit floats.
    fn scale(&self) -> f32 {
        self.scale as f32
    }

    /// 1 where a token is seen, 0 where not.
    fn mask(&self, device: &Device) -> Result<Tensor> {
        let seen = (0..self.rows).flat_map(|row| {
            let seen = self.seen(row);
            (0..self.tokens).map(move |column| u8::from(seen.contains(&column)))
        });
        Tensor::from_vec(
            seen.collect::<Vec<u8>>(),
            (1, self.rows, self.tokens),
            device,
        )
    }
}

/// Weights from scores of shape (heads, rows, tokens); 0 for what is not seen.
pub(crate) fn forward(scores: &Tensor, sight: Sight) -> Result<Tensor> {
    if scores.device().is_cpu() {
        on_processor(scores, sight)
    } else {
        composed(scores, sight)
    }
}

/// The gradient toward the scores, from the weights and the gradient toward them.
pub(crate) fn backward(weights: &Tensor, dy: &Tensor, sight: Sight) -> Result<Tensor> {
    if weights.device().is_cpu() {
        backward_on_processor(weights, dy, sight)
    } else {
        backward_composed(weights, dy, sight)
    }
}

fn composed(scores: &Tensor, sight: Sight) -> Result<Tensor> {
    let shape = scores.shape().clone();
    let by_text = ((), sight.rows, sight.tokens);
    let scores = (scores.reshape(by_text)? * sight.scale)?;
    let mask = sight.mask(scores.device())?.broadcast_as(scores.shape())?;
    let hidden = Tensor::new(f32::NEG_INFINITY, scores.device())?.broadcast_as(scores.shape())?;
    let scores = mask.where_cond(&scores, &hidden)?;
    let powers = scores
        .broadcast_sub(&scores.max_keepdim(D::Minus1)?)?
        .exp()?;
    let weights = powers.broadcast_div(&powers.sum_keepdim(D::Minus1)?)?;
    weights.reshape(shape)
}

fn backward_composed(weights: &Tensor, dy: &Tensor, sight: Sight) -> Result<Tensor> {
    debug_assert_eq!(weights.dtype(), DType::F32);
    let along = (weights * dy)?.sum_keepdim(D::Minus1)?;
    weights * (dy.broadcast_sub(&along)? * sight.scale)?
}

fn on_processor(scores: &Tensor, sight: Sight) -> Result<Tensor> {
    let weights = slices::with([scores], |[scores]| {
        let mut weights = vec![0.0; scores.len()];
        let rows = weights.par_chunks_mut(sight.tokens);
        let rows = rows.zip(scores.par_chunks(sight.tokens)).enumerate();
        let rows = rows.with_min_len(task_rows(sight.tokens));
        rows.for_each(|(row, (weights, scores))| {
            let seen = sight.seen(row);
            let (weights, scores) = (&mut weights[seen.clone()], &scores[seen]);
            let (largest, scale) = (max(scores), sight.scale());
            for (weight, score) in weights.iter_mut().zip(scores) {
                *weight = exp((score - largest) * scale);
            }
            let inverse = 1.0 / sum(weights);
            for weight in weights {
                *weight *= inverse;
            }
        });
        weights
    })?;
    Tensor::from_vec(weights, scores.shape(), scores.device())
}

fn backward_on_processor(weights: &Tensor, dy: &Tensor, sight: Sight) -> Result<Tensor> {
    let gradient = slices::with([weights, dy], |[weights, dy]| {
        let mut gradient = vec![0.0; weights.len()];
        let rows = gradient.par_chunks_mut(sight.tokens);
        let rows = rows.zip(weights.par_chunks(sight.tokens));
        let rows = rows.zip(dy.par_chunks(sight.tokens)).enumerate();
        let rows = rows.with_min_len(task_rows(sight.tokens));
        rows.for_each(|(row, ((gradient, weights), dy))| {
            let seen = sight.seen(row);
            let (weights, dy) = (&weights[seen.clone()], &dy[seen.clone()]);
            let along = dot(weights, dy);
            let inputs = weights.iter().zip(dy);
            for (gradient, (weight, dy)) in gradient[seen].iter_mut().zip(inputs) {
                *gradient = weight * (dy - along) * sight.scale();
            }
        });
        gradient
    })?;
    Tensor::from_vec(gradient, weights.shape(), weights.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{assert_close, assert_gradient, numbers, random};

    fn sight(window: Option<usize>) -> Sight {
        Sight {
            tokens: 4,
            first_row: 0,
            rows: 8,
            window,
            scale: 0.7,
        }
    }

    #[test]
    fn nothing_after_a_token_and_nothing_before_its_window_has_weight() {
        let weights = forward(&random(&[1, 8, 4], 1), sight(Some(2))).unwrap();
        for (row, weights) in numbers(&weights).chunks(4).enumerate() {
            let token = row % 4;
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            for (column, weight) in weights.iter().enumerate() {
                let is_seen = column <= token && column + 2 > token;
                assert_eq!(*weight > 0.0, is_seen, "{row} {column}");
            }
        }
    }

    #[test]
    fn the_processor_computes_what_the_primitives_do() {
        let (scores, dy) = (random(&[2, 8, 4], 2), random(&[2, 8, 4], 3));
        for window in [None, Some(1), Some(3)] {
            let expected = composed(&scores, sight(window)).unwrap();
            let weights = forward(&scores, sight(window)).unwrap();
            assert_close(&weights, &expected, 1e-6);
            let expected = backward_composed(&weights, &dy, sight(window)).unwrap();
            assert_close(
                &backward(&weights, &dy, sight(window)).unwrap(),
                &expected,
                1e-6,
            );
        }
    }

    #[test]
    fn some_rows_of_a_head_have_the_weights_that_all_have() {
        let scores = random(&[2, 8, 4], 6);
        for window in [None, Some(2)] {
            let all = forward(&scores, sight(window)).unwrap();
            for (first_row, rows) in [(0, 3), (3, 2), (5, 3), (7, 1)] {
                let part = Sight {
                    first_row,
                    rows,
                    ..sight(window)
                };
                let some = |x: &Tensor| x.narrow(1, first_row, rows).unwrap();
                let scores = some(&scores).contiguous().unwrap();
                for found in [forward(&scores, part), composed(&scores, part)] {
                    assert_close(&found.unwrap(), &some(&all), 1e-6);
                }
            }
        }
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let (scores, dy) = (random(&[1, 8, 4], 4), random(&[1, 8, 4], 5));
        let weights = forward(&scores, sight(None)).unwrap();
        let found = backward(&weights, &dy, sight(None)).unwrap();
        assert_gradient(&scores, &found, &dy, |x| forward(x, sight(None)).unwrap());
    }
}
