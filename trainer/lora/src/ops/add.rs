//! Sums of two tensors of one shape.
//!
//! On the processor by rayon and not by candle, whose elementwise work is shared out to threads of
//! its own that are tied to cores and waited for by spinning: on a machine that somebody works at,
//! a quarter of a pass was spent in that wait.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::slices::{self, TASK_ELEMENTS_MIN};

/// `a + b`.
pub(crate) fn add(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if !a.device().is_cpu() || a.dims() != b.dims() {
        return a + b;
    }
    let (a, b) = (a.contiguous()?, b.contiguous()?);
    let sum = slices::with([&a, &b], |[a, b]| {
        let pairs = a.par_iter().zip(b).with_min_len(TASK_ELEMENTS_MIN);
        pairs.map(|(a, b)| a + b).collect::<Vec<f32>>()
    })?;
    Tensor::from_vec(sum, a.shape(), a.device())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{assert_close, random};

    #[test]
    fn sums_are_candles_to_the_bit_in_any_order_of_memory() {
        let (a, b) = (random(&[300, 200], 1), random(&[200, 300], 2));
        let turned = b.t().unwrap();
        let expected = (&a + &turned).unwrap();
        assert_close(&add(&a, &turned).unwrap(), &expected, 0.0);
        assert!(add(&a, &b).is_err());
    }
}
