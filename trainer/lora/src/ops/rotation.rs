//! Rotary position embedding: pairs of numbers of a head, turned by an angle that grows with the
//! position (RoPE, Su et al. 2021), in the two orders that GGUFs use.

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use super::slices::{self, task_rows};
use crate::model::hyperparameters::Rotation;

/// Which numbers of a head make a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pairing {
    /// Neighbours: 2i and 2i + 1.
    Neighbours,
    /// The same place in both halves: i and i + width/2.
    Halves,
}

/// The turns of some tokens: for each, the cosine and sine of every pair's angle.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    cos: Tensor,
    sin: Tensor,
    pairing: Pairing,
}

impl Turns {
    /// Of tokens at these positions; `slowing` divides the speed of each pair where the file has such
    /// factors (Llama 3).
    pub(crate) fn new(
        positions: &[u32],
        head_width: usize,
        rotation: Rotation,
        slowing: Option<&[f32]>,
        pairing: Pairing,
        device: &Device,
    ) -> Result<Self> {
        let pairs = head_width / 2;
        let speeds: Vec<f64> = (0..pairs)
            .map(|pair| {
                let speed = rotation.base.powf(-2.0 * pair as f64 / head_width as f64);
                let factor = slowing.and_then(|factors| factors.get(pair));
                speed * rotation.position_scale / factor.copied().map_or(1.0, f64::from)
            })
            .collect();
        let angles = |turn: fn(f64) -> f64| {
            let of_token = |&position: &u32| {
                let angle = move |speed: &f64| turn(f64::from(position) * speed);
                #[allow(clippy::cast_possible_truncation)] // Reason: kept in 32-bit floats.
                speeds.iter().map(move |speed| angle(speed) as f32)
            };
            let numbers: Vec<f32> = positions.iter().flat_map(of_token).collect();
            Tensor::from_vec(numbers, (positions.len(), pairs), device)
        };
        Ok(Self {
            cos: angles(f64::cos)?,
            sin: angles(f64::sin)?,
            pairing,
        })
    }

    /// Turns `x`, a row of heads for each token.
    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.turn(x, &self.sin)
    }

    /// The gradient toward `x`: turned back.
    pub(crate) fn backward(&self, dy: &Tensor) -> Result<Tensor> {
        self.turn(dy, &self.sin.neg()?)
    }

    fn turn(&self, x: &Tensor, sin: &Tensor) -> Result<Tensor> {
        if x.device().is_cpu() {
            self.on_processor(x, sin)
        } else {
            self.composed(x, sin)
        }
    }

    fn composed(&self, x: &Tensor, sin: &Tensor) -> Result<Tensor> {
        let (tokens, pairs) = self.cos.dims2()?;
        let heads = x.elem_count() / (tokens * pairs * 2).max(1);
        let (cos, sin) = (self.cos.unsqueeze(1)?, sin.unsqueeze(1)?);
        let dim = match self.pairing {
            Pairing::Neighbours => 3,
            Pairing::Halves => 2,
        };
        let paired = match self.pairing {
            Pairing::Neighbours => x.reshape((tokens, heads, pairs, 2))?,
            Pairing::Halves => x.reshape((tokens, heads, 2, pairs))?,
        };
        let part = |index| paired.narrow(dim, index, 1)?.squeeze(dim);
        let (a, b) = (part(0)?, part(1)?);
        let turned_a = (a.broadcast_mul(&cos)? - b.broadcast_mul(&sin)?)?;
        let turned_b = (a.broadcast_mul(&sin)? + b.broadcast_mul(&cos)?)?;
        Tensor::stack(&[turned_a, turned_b], dim)?.reshape(x.shape())
    }

    fn on_processor(&self, x: &Tensor, sin: &Tensor) -> Result<Tensor> {
        let pairs = self.cos.dim(1)?;
        let width = x.dim(1)?;
        let y = slices::with([x, &self.cos, sin], |[x, cos, sin]| {
            let mut y = vec![0.0; x.len()];
            let rows = y.par_chunks_mut(width).zip(x.par_chunks(width));
            let turns = cos.par_chunks(pairs).zip(sin.par_chunks(pairs));
            let rows = rows.zip(turns).with_min_len(task_rows(width));
            rows.for_each(|((y, x), (cos, sin))| {
                let heads = y.chunks_exact_mut(pairs * 2).zip(x.chunks_exact(pairs * 2));
                for (y, x) in heads {
                    turn_head(y, x, cos, sin, self.pairing);
                }
            });
            y
        })?;
        Tensor::from_vec(y, x.shape(), x.device())
    }
}

fn turn_head(y: &mut [f32], x: &[f32], cos: &[f32], sin: &[f32], pairing: Pairing) {
    let turns = cos.iter().zip(sin);
    match pairing {
        Pairing::Neighbours => {
            let (y, x) = (y.as_chunks_mut::<2>().0, x.as_chunks::<2>().0);
            for ((y, x), (cos, sin)) in y.iter_mut().zip(x).zip(turns) {
                *y = [x[0] * cos - x[1] * sin, x[0] * sin + x[1] * cos];
            }
        }
        Pairing::Halves => {
            let half = cos.len();
            let (x_a, x_b) = x.split_at(half);
            let (y_a, y_b) = y.split_at_mut(half);
            let outputs = y_a.iter_mut().zip(y_b);
            let inputs = x_a.iter().zip(x_b);
            for (((y_a, y_b), (a, b)), (cos, sin)) in outputs.zip(inputs).zip(turns) {
                *y_a = a * cos - b * sin;
                *y_b = a * sin + b * cos;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{assert_close, assert_gradient, random};

    const ROTATION: Rotation = Rotation {
        base: 100.0,
        position_scale: 0.5,
    };

    fn turns(positions: &[u32], pairing: Pairing, slowing: Option<&[f32]>) -> Turns {
        Turns::new(positions, 8, ROTATION, slowing, pairing, &Device::Cpu).unwrap()
    }

    #[test]
    fn the_first_position_turns_nothing_and_turning_back_undoes() {
        let x = random(&[3, 16], 1);
        for pairing in [Pairing::Neighbours, Pairing::Halves] {
            let still = turns(&[0, 0, 0], pairing, None).forward(&x).unwrap();
            assert_close(&still, &x, 1e-7);
            let turns = turns(&[5, 0, 9], pairing, None);
            let back = turns.backward(&turns.forward(&x).unwrap()).unwrap();
            assert_close(&back, &x, 1e-5);
        }
    }

    #[test]
    fn the_angle_is_position_times_speed_by_scale_and_factor() {
        let mut x = vec![0.0_f32; 8];
        (x[0], x[1]) = (1.0, 0.0);
        let x = Tensor::from_vec(x, (1, 8), &Device::Cpu).unwrap();
        let slowing = [4.0, 1.0, 1.0, 1.0];
        let turns = turns(&[6], Pairing::Neighbours, Some(&slowing));
        let y = turns.forward(&x).unwrap().flatten_all().unwrap();
        let y = y.to_vec1::<f32>().unwrap();
        let angle = 6.0_f32 * 0.5 / 4.0;
        assert!(
            (y[0] - angle.cos()).abs() < 1e-6 && (y[1] - angle.sin()).abs() < 1e-6,
            "{y:?}"
        );
    }

    #[test]
    fn the_processor_computes_what_the_primitives_do() {
        let x = random(&[4, 24], 2);
        for pairing in [Pairing::Neighbours, Pairing::Halves] {
            let turns = turns(&[0, 1, 2, 40], pairing, Some(&[1.0, 2.0, 3.0, 4.0]));
            let composed = turns.composed(&x, &turns.sin).unwrap();
            assert_close(&turns.forward(&x).unwrap(), &composed, 1e-6);
        }
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let (x, dy) = (random(&[2, 16], 3), random(&[2, 16], 4));
        let turns = turns(&[3, 7], Pairing::Halves, None);
        let dx = turns.backward(&dy).unwrap();
        assert_gradient(&x, &dx, &dy, |x| turns.forward(x).unwrap());
    }
}
