//! The gate of a feed-forward layer: one half, bent, times the other (SwiGLU and GeGLU).

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::slices::{self, TASK_ELEMENTS_MIN, exp};

/// √(2/π), of GELU by its hyperbolic tangent.
const GELU_SLOPE: f32 = 0.797_884_6;
/// The cubic part of it.
const GELU_CUBE: f32 = 0.044_715;

/// How the first half is bent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bend {
    /// `x · sigmoid(x)`.
    Silu,
    /// GELU, by a hyperbolic tangent.
    GeluTanh,
}

impl Bend {
    /// The same in primitives.
    fn composed(self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        match self {
            Self::Silu => {
                let sigmoid = (x.neg()?.exp()? + 1.0)?.recip()?;
                let slope = (&sigmoid * ((x * (1.0 - &sigmoid)?)? + 1.0)?)?;
                Ok(((x * sigmoid)?, slope))
            }
            Self::GeluTanh => {
                let (slope, cube) = (f64::from(GELU_SLOPE), f64::from(GELU_CUBE));
                let square = x.sqr()?;
                let tanh = (x * ((&square * (slope * cube))? + slope)?)?.tanh()?;
                let inner = ((square * (3.0 * slope * cube))? + slope)?;
                let half = ((&tanh + 1.0)? * 0.5)?;
                let rest = ((x * (1.0 - tanh.sqr()?)?)? * (inner * 0.5)?)?;
                Ok(((x * &half)?, (half + rest)?))
            }
        }
    }
}

/// A bent number and its slope.
#[inline]
fn silu(x: f32) -> (f32, f32) {
    let sigmoid = 1.0 / (1.0 + exp(-x));
    (x * sigmoid, sigmoid * (1.0 + x * (1.0 - sigmoid)))
}

#[inline]
fn gelu_tanh(x: f32) -> (f32, f32) {
    // The tangent by one power; what is lost near 0 is far below a 16-bit float's step.
    let tanh = 1.0 - 2.0 / (1.0 + exp(2.0 * GELU_SLOPE * (x + GELU_CUBE * x * x * x)));
    let inner = GELU_SLOPE * (1.0 + 3.0 * GELU_CUBE * x * x);
    let slope = 0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * inner;
    (0.5 * x * (1.0 + tanh), slope)
}

/// `bend(gate) · up`.
pub(crate) fn forward(gate: &Tensor, up: &Tensor, bend: Bend) -> Result<Tensor> {
    if !gate.device().is_cpu() {
        return bend.composed(gate)?.0 * up;
    }
    let y = slices::with([gate, up], |[gate, up]| match bend {
        Bend::Silu => multiplied(gate, up, silu),
        Bend::GeluTanh => multiplied(gate, up, gelu_tanh),
    })?;
    Tensor::from_vec(y, gate.shape(), gate.device())
}

/// The gradients toward the gate and the other half.
pub(crate) fn backward(
    gate: &Tensor,
    up: &Tensor,
    bend: Bend,
    dy: &Tensor,
) -> Result<(Tensor, Tensor)> {
    if !gate.device().is_cpu() {
        let (value, slope) = bend.composed(gate)?;
        return Ok((((dy * up)? * slope)?, (dy * value)?));
    }
    let (by_gate, by_up) = slices::with([gate, up, dy], |inputs| match bend {
        Bend::Silu => gradients(inputs, silu),
        Bend::GeluTanh => gradients(inputs, gelu_tanh),
    })?;
    Ok((
        Tensor::from_vec(by_gate, gate.shape(), gate.device())?,
        Tensor::from_vec(by_up, gate.shape(), gate.device())?,
    ))
}

/// Compiled for each bend by itself, so that the loop becomes vector instructions.
fn multiplied(gate: &[f32], up: &[f32], bend: impl Fn(f32) -> (f32, f32) + Sync) -> Vec<f32> {
    let mut y = vec![0.0; gate.len()];
    let parts = y.par_chunks_mut(TASK_ELEMENTS_MIN);
    let inputs = gate
        .par_chunks(TASK_ELEMENTS_MIN)
        .zip(up.par_chunks(TASK_ELEMENTS_MIN));
    parts.zip(inputs).for_each(|(y, (gate, up))| {
        for ((y, gate), up) in y.iter_mut().zip(gate).zip(up) {
            *y = bend(*gate).0 * up;
        }
    });
    y
}

/// The same for the gradients.
fn gradients(
    [gate, up, dy]: [&[f32]; 3],
    bend: impl Fn(f32) -> (f32, f32) + Sync,
) -> (Vec<f32>, Vec<f32>) {
    let (mut by_gate, mut by_up) = (vec![0.0; gate.len()], vec![0.0; gate.len()]);
    let parts = by_gate.par_chunks_mut(TASK_ELEMENTS_MIN);
    let parts = parts.zip(by_up.par_chunks_mut(TASK_ELEMENTS_MIN));
    let inputs = gate
        .par_chunks(TASK_ELEMENTS_MIN)
        .zip(up.par_chunks(TASK_ELEMENTS_MIN));
    let inputs = inputs.zip(dy.par_chunks(TASK_ELEMENTS_MIN));
    parts
        .zip(inputs)
        .for_each(|((by_gate, by_up), ((gate, up), dy))| {
            let outputs = by_gate.iter_mut().zip(by_up);
            let inputs = gate.iter().zip(up).zip(dy);
            for ((by_gate, by_up), ((gate, up), dy)) in outputs.zip(inputs) {
                let (value, slope) = bend(*gate);
                (*by_gate, *by_up) = (dy * up * slope, dy * value);
            }
        });
    (by_gate, by_up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{assert_close, assert_gradient, random};

    #[test]
    fn the_processor_computes_what_the_primitives_do() {
        let gate = (random(&[4, 9], 1) * 6.0).unwrap();
        let (up, dy) = (random(&[4, 9], 2), random(&[4, 9], 3));
        for bend in [Bend::Silu, Bend::GeluTanh] {
            let (value, slope) = bend.composed(&gate).unwrap();
            let y = forward(&gate, &up, bend).unwrap();
            assert_close(&y, &(&value * &up).unwrap(), 1e-5);
            let (d_gate, d_up) = backward(&gate, &up, bend, &dy).unwrap();
            assert_close(&d_gate, &(&dy * &up * slope).unwrap(), 1e-5);
            assert_close(&d_up, &(dy.clone() * value).unwrap(), 1e-5);
        }
    }

    #[test]
    fn large_numbers_bend_to_themselves_and_to_nothing() {
        for bend in [silu, gelu_tanh] {
            assert_eq!(bend(200.0), (200.0, 1.0));
            let (value, slope) = bend(-200.0);
            assert!(value.abs() < 1e-6 && slope.abs() < 1e-6);
        }
    }

    #[test]
    fn its_gradients_are_those_of_finite_differences() {
        let (gate, up) = (random(&[2, 5], 4), random(&[2, 5], 5));
        let dy = random(&[2, 5], 6);
        for bend in [Bend::Silu, Bend::GeluTanh] {
            let (d_gate, d_up) = backward(&gate, &up, bend, &dy).unwrap();
            assert_gradient(&gate, &d_gate, &dy, |x| forward(x, &up, bend).unwrap());
            assert_gradient(&up, &d_up, &dy, |x| forward(&gate, x, bend).unwrap());
        }
    }
}
