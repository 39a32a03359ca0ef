//! RMS norm: rows divided by their root mean square, times weights that are never trained.

use candle_core::{D, Result, Tensor};
use rayon::prelude::*;

use super::slices::{self, dot, task_rows};

/// `x / rms(x) · weights`, row by row.
pub(crate) fn forward(x: &Tensor, weights: &Tensor, epsilon: f64) -> Result<Tensor> {
    if x.device().is_cpu() {
        on_processor(x, weights, epsilon)
    } else {
        composed(x, weights, epsilon)
    }
}

/// The gradient toward `x`.
pub(crate) fn backward(x: &Tensor, weights: &Tensor, epsilon: f64, dy: &Tensor) -> Result<Tensor> {
    if x.device().is_cpu() {
        backward_on_processor(x, weights, epsilon, dy)
    } else {
        backward_composed(x, weights, epsilon, dy)
    }
}

fn composed(x: &Tensor, weights: &Tensor, epsilon: f64) -> Result<Tensor> {
    let inverse = inverse_rms(x, epsilon)?;
    x.broadcast_mul(&inverse)?.broadcast_mul(weights)
}

fn inverse_rms(x: &Tensor, epsilon: f64) -> Result<Tensor> {
    (x.sqr()?.mean_keepdim(D::Minus1)? + epsilon)?
        .sqrt()?
        .recip()
}

fn backward_composed(x: &Tensor, weights: &Tensor, epsilon: f64, dy: &Tensor) -> Result<Tensor> {
    let inverse = inverse_rms(x, epsilon)?;
    let weighted = dy.broadcast_mul(weights)?;
    let along = (&weighted * x)?.mean_keepdim(D::Minus1)?;
    let pull = (along * inverse.powf(3.0)?)?;
    weighted.broadcast_mul(&inverse)? - x.broadcast_mul(&pull)?
}

#[allow(clippy::cast_possible_truncation)] // Reason: an epsilon is a 32-bit float in the file.
fn on_processor(x: &Tensor, weights: &Tensor, epsilon: f64) -> Result<Tensor> {
    let width = x.dim(D::Minus1)?;
    let y = slices::with([x, weights], |[x, weights]| {
        let mut y = vec![0.0; x.len()];
        let rows = y.par_chunks_mut(width).zip(x.par_chunks(width));
        rows.with_min_len(task_rows(width)).for_each(|(y, x)| {
            let inverse = 1.0 / (dot(x, x) / width as f32 + epsilon as f32).sqrt();
            for ((y, x), weight) in y.iter_mut().zip(x).zip(weights) {
                *y = x * inverse * weight;
            }
        });
        y
    })?;
    Tensor::from_vec(y, x.shape(), x.device())
}

#[allow(clippy::cast_possible_truncation)] // Reason: as above.
fn backward_on_processor(
    x: &Tensor,
    weights: &Tensor,
    epsilon: f64,
    dy: &Tensor,
) -> Result<Tensor> {
    let width = x.dim(D::Minus1)?;
    let dx = slices::with([x, weights, dy], |[x, weights, dy]| {
        let mut dx = vec![0.0; x.len()];
        let rows = dx.par_chunks_mut(width).zip(x.par_chunks(width));
        let rows = rows.zip(dy.par_chunks(width));
        rows.with_min_len(task_rows(width))
            .for_each(|((dx, x), dy)| {
                let inverse = 1.0 / (dot(x, x) / width as f32 + epsilon as f32).sqrt();
                for ((dx, dy), weight) in dx.iter_mut().zip(dy).zip(weights) {
                    *dx = dy * weight;
                }
                let pull = dot(dx, x) / width as f32 * inverse * inverse * inverse;
                for (dx, x) in dx.iter_mut().zip(x) {
                    *dx = *dx * inverse - x * pull;
                }
            });
        dx
    })?;
    Tensor::from_vec(dx, x.shape(), x.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{assert_close, assert_gradient, random};

    const EPSILON: f64 = 1e-5;

    #[test]
    fn a_row_of_equal_numbers_becomes_the_weights() {
        let x = (random(&[3, 6], 1).ones_like().unwrap() * 4.0).unwrap();
        let weights = random(&[6], 2);
        let y = forward(&x, &weights, 0.0).unwrap();
        assert_close(&y, &weights.broadcast_as((3, 6)).unwrap(), 1e-6);
    }

    #[test]
    fn the_processor_computes_what_the_primitives_do() {
        let (x, weights, dy) = (random(&[5, 37], 1), random(&[37], 2), random(&[5, 37], 3));
        let composed = composed(&x, &weights, EPSILON).unwrap();
        assert_close(&forward(&x, &weights, EPSILON).unwrap(), &composed, 1e-6);
        let expected = backward_composed(&x, &weights, EPSILON, &dy).unwrap();
        let dx = backward(&x, &weights, EPSILON, &dy).unwrap();
        assert_close(&dx, &expected, 1e-5);
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let (x, weights, dy) = (random(&[3, 9], 4), random(&[9], 5), random(&[3, 9], 6));
        let dx = backward(&x, &weights, EPSILON, &dy).unwrap();
        assert_gradient(&x, &dx, &dy, |x| forward(x, &weights, EPSILON).unwrap());
    }
}
