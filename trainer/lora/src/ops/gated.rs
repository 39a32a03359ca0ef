//! The gate of a feed-forward layer: one half, bent, times the other (SwiGLU and GeGLU).

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::slices::{self, TASK_ELEMENTS_MIN};

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
    /// The bent number and its slope.
    fn at(self, x: f32) -> (f32, f32) {
        match self {
            Self::Silu => {
                let sigmoid = 1.0 / (1.0 + (-x).exp());
                (x * sigmoid, sigmoid * (1.0 + x * (1.0 - sigmoid)))
            }
            Self::GeluTanh => {
                let tanh = tanh(GELU_SLOPE * (x + GELU_CUBE * x * x * x));
                let inner = GELU_SLOPE * (1.0 + 3.0 * GELU_CUBE * x * x);
                let slope = 0.5 * (1.0 + tanh) + 0.5 * x * (1.0 - tanh * tanh) * inner;
                (0.5 * x * (1.0 + tanh), slope)
            }
        }
    }

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

/// By one power instead of two, with what is lost near 0 far below a 16-bit float's step.
fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (1.0 + (2.0 * x).exp())
}

/// `bend(gate) · up`.
pub(crate) fn forward(gate: &Tensor, up: &Tensor, bend: Bend) -> Result<Tensor> {
    if !gate.device().is_cpu() {
        return bend.composed(gate)?.0 * up;
    }
    let y = slices::with([gate, up], |[gate, up]| {
        let mut y = vec![0.0; gate.len()];
        let inputs = gate.par_iter().zip(up);
        let outputs = y.par_iter_mut().with_min_len(TASK_ELEMENTS_MIN);
        outputs
            .zip(inputs)
            .for_each(|(y, (&gate, up))| *y = bend.at(gate).0 * up);
        y
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
    let (by_gate, by_up) = slices::with([gate, up, dy], |[gate, up, dy]| {
        let (mut by_gate, mut by_up) = (vec![0.0; gate.len()], vec![0.0; gate.len()]);
        let inputs = gate.par_iter().zip(up).zip(dy);
        let outputs = by_gate.par_iter_mut().zip(&mut by_up);
        let outputs = outputs.with_min_len(TASK_ELEMENTS_MIN);
        outputs
            .zip(inputs)
            .for_each(|((by_gate, by_up), ((&gate, up), dy))| {
                let (value, slope) = bend.at(gate);
                (*by_gate, *by_up) = (dy * up * slope, dy * value);
            });
        (by_gate, by_up)
    })?;
    Ok((
        Tensor::from_vec(by_gate, gate.shape(), gate.device())?,
        Tensor::from_vec(by_up, gate.shape(), gate.device())?,
    ))
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
        for bend in [Bend::Silu, Bend::GeluTanh] {
            assert_eq!(bend.at(200.0), (200.0, 1.0), "{bend:?}");
            let (value, slope) = bend.at(-200.0);
            assert!(value.abs() < 1e-6 && slope.abs() < 1e-6, "{bend:?}");
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
