//! What an optimizer remembers in 8 bits a number: block-wise dynamic quantization (Dettmers et al.
//! 2021).
//!
//! Each block of numbers is divided by its largest, and each becomes the nearest of 256 values that
//! are dense near zero and coarse near one, as gradients are: a decimal exponent in as many leading
//! bits as it needs, a fraction in the rest. A fourth of the memory, and of a checkpoint's bytes.

use std::sync::LazyLock;

use candle_core::{Result, Tensor};
use rayon::prelude::*;

/// Numbers that share a largest one.
pub(crate) const BLOCK_NUMBERS: usize = 256;
/// Decimal exponents: from 10⁻⁶ to 1.
const EXPONENTS: u8 = 7;

/// Means, which are above and below zero.
pub(crate) static SIGNED: LazyLock<Code> = LazyLock::new(|| Code::new(true));
/// Means of squares, which are not below.
pub(crate) static UNSIGNED: LazyLock<Code> = LazyLock::new(|| Code::new(false));

/// The values that a byte stands for, in order.
#[derive(Debug)]
pub(crate) struct Code {
    values: Vec<f32>,
    is_signed: bool,
}

impl Code {
    fn new(is_signed: bool) -> Self {
        let mut values = vec![0.0, 1.0];
        for exponent in 0..EXPONENTS {
            let power = 10_f64.powi(i32::from(exponent) - i32::from(EXPONENTS) + 1);
            // The larger the exponent, the fewer bits it leaves unused.
            let fractions = 1_u32 << (exponent + u8::from(!is_signed));
            for index in 0..fractions {
                let middle = 0.1 + 0.9 * (f64::from(index) + 0.5) / f64::from(fractions);
                #[allow(clippy::cast_possible_truncation)] // Reason: kept in 32-bit floats.
                let value = (power * middle) as f32;
                values.push(value);
                if is_signed {
                    values.push(-value);
                }
            }
        }
        values.sort_by(f32::total_cmp);
        Self { values, is_signed }
    }

    /// The byte of a number between -1 and 1.
    fn nearest(&self, number: f32) -> u8 {
        let above = self.values.partition_point(|&value| value < number);
        let above = above.min(self.values.len() - 1);
        let below = above.saturating_sub(1);
        let nearest = if number - self.values[below] < self.values[above] - number {
            below
        } else {
            above
        };
        // A square that is remembered as zero would let its mean be divided by next to nothing.
        let is_lost = !self.is_signed && number > 0.0 && nearest == 0;
        u8::try_from(nearest + usize::from(is_lost)).unwrap_or(u8::MAX)
    }

    /// Bytes in the shape of the tensor, and the largest number of each block.
    pub(crate) fn quantize(&self, numbers: &Tensor) -> Result<(Tensor, Tensor)> {
        let flat = numbers.flatten_all()?.to_vec1::<f32>()?;
        let blocks = flat.par_chunks(BLOCK_NUMBERS).map(|block| {
            let largest = block
                .iter()
                .fold(0.0_f32, |largest, x| largest.max(x.abs()));
            let inverse = if largest > 0.0 { 1.0 / largest } else { 0.0 };
            let codes = block.iter().map(|x| self.nearest(x * inverse));
            (largest, codes.collect::<Vec<u8>>())
        });
        let (largest, codes): (Vec<f32>, Vec<Vec<u8>>) = blocks.unzip();
        let (count, device) = (largest.len(), numbers.device());
        Ok((
            Tensor::from_vec(codes.concat(), numbers.shape(), device)?,
            Tensor::from_vec(largest, count, device)?,
        ))
    }

    /// The numbers that the bytes stand for.
    pub(crate) fn dequantize(&self, codes: &Tensor, largest: &Tensor) -> Result<Tensor> {
        let flat = codes.flatten_all()?.to_vec1::<u8>()?;
        let largest = largest.to_vec1::<f32>()?;
        let blocks = flat.par_chunks(BLOCK_NUMBERS).zip(&largest);
        let numbers: Vec<f32> = blocks
            .flat_map_iter(|(codes, largest)| {
                codes
                    .iter()
                    .map(move |&code| self.values[usize::from(code)] * largest)
            })
            .collect();
        Tensor::from_vec(numbers, codes.shape(), codes.device())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::ops::check::{numbers, random};

    #[test]
    fn a_code_has_256_values_dense_near_zero() {
        for code in [&*SIGNED, &*UNSIGNED] {
            assert_eq!(code.values.len(), 256);
            assert!(code.values.is_sorted_by(|a, b| a < b), "each is another");
            assert_eq!(code.values.last(), Some(&1.0));
            for (index, &value) in code.values.iter().enumerate() {
                assert_eq!(usize::from(code.nearest(value)), index);
            }
        }
        assert!(
            (UNSIGNED.values[1] - 3.25e-7).abs() < 1e-9,
            "{}",
            UNSIGNED.values[1]
        );
    }

    #[test]
    fn numbers_of_all_sizes_come_back_nearly_as_they_were() {
        let spread = (random(&[7, 300], 3) * 8.0).unwrap().exp().unwrap();
        let signed = (random(&[7, 300], 4).sign().unwrap() * &spread).unwrap();
        for (code, tensor) in [(&*SIGNED, &signed), (&*UNSIGNED, &spread)] {
            let (codes, largest) = code.quantize(tensor).unwrap();
            assert_eq!((codes.dims(), largest.dims()), (&[7, 300][..], &[9][..]));
            let back = code.dequantize(&codes, &largest).unwrap();
            let largest = numbers(&largest);
            let pairs = numbers(tensor).into_iter().zip(numbers(&back));
            for (index, (x, y)) in pairs.enumerate() {
                let largest = largest[index / BLOCK_NUMBERS];
                // Far from the largest, fewer bits are left for the fraction.
                let error = (x - y).abs();
                let bound = 0.01 * largest + 0.1 * x.abs();
                assert!(error <= bound.min(0.08 * largest), "{x} {y} of {largest}");
            }
        }
    }

    #[test]
    fn a_square_is_never_forgotten_and_zeros_stay_zeros() {
        let squares = Tensor::new(&[1.0_f32, 1e-30, 0.0], &Device::Cpu).unwrap();
        let (codes, largest) = UNSIGNED.quantize(&squares).unwrap();
        let back = numbers(&UNSIGNED.dequantize(&codes, &largest).unwrap());
        assert!(
            back[0] == 1.0 && back[1] > 0.0 && back[2] == 0.0,
            "{back:?}"
        );
        let zeros = Tensor::zeros(600, candle_core::DType::F32, &Device::Cpu).unwrap();
        for code in [&*SIGNED, &*UNSIGNED] {
            let (codes, largest) = code.quantize(&zeros).unwrap();
            let back = code.dequantize(&codes, &largest).unwrap();
            assert!(numbers(&back).iter().all(|&x| x == 0.0));
        }
    }
}
