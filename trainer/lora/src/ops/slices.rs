//! The numbers of tensors in main memory, borrowed, and sums over them in a fixed order.

use candle_core::{CpuStorage, Error, Result, Storage, Tensor};

/// Elements that one task of a parallel loop handles at least: below, handing it over costs more.
pub(crate) const TASK_ELEMENTS_MIN: usize = 1 << 14;
/// Sums run in so many lanes, which the compiler turns into vector instructions.
const LANES: usize = 8;

/// Calls `work` with the numbers of these tensors, which must lie in main memory, in order and
/// without gaps.
pub(crate) fn with<const N: usize, T>(
    tensors: [&Tensor; N],
    work: impl FnOnce([&[f32]; N]) -> T,
) -> Result<T> {
    let held = tensors.map(Tensor::storage_and_layout);
    let mut slices: [&[f32]; N] = [&[]; N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&held) {
        let (Storage::Cpu(CpuStorage::F32(numbers)), Some((start, end))) =
            (&**storage, layout.contiguous_offsets())
        else {
            return Err(Error::Msg(
                "the numbers are not in order in main memory".to_owned(),
            ));
        };
        *slice = &numbers[start..end];
    }
    Ok(work(slices))
}

/// Rows that one task handles at least.
pub(crate) fn task_rows(width: usize) -> usize {
    TASK_ELEMENTS_MIN.div_ceil(width.max(1))
}

/// `Σ aᵢ · bᵢ`, the same on every machine.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// `Σ aᵢ`.
pub(crate) fn sum(a: &[f32]) -> f32 {
    let (lanes, rest) = a.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for values in lanes {
        for lane in 0..LANES {
            sums[lane] += values[lane];
        }
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// The largest of them.
pub(crate) fn max(a: &[f32]) -> f32 {
    let (lanes, rest) = a.as_chunks::<LANES>();
    let mut largest = [f32::NEG_INFINITY; LANES];
    for values in lanes {
        for lane in 0..LANES {
            largest[lane] = largest[lane].max(values[lane]);
        }
    }
    let lanes = largest.iter().chain(rest).copied();
    lanes.fold(f32::NEG_INFINITY, f32::max)
}

/// `e^x` as additions and products, which the compiler turns into vector instructions and which give
/// the same on every machine; the system's is called number by number, and differs between
/// processors. Off by at most two units in the last place; above 88 it stays where it is and below
/// -87.3 it is next to nothing, and what is no number remains so.
#[inline]
pub(crate) fn exp(x: f32) -> f32 {
    /// Added, it leaves of a number the nearest whole one, in the lowest bits.
    const ROUNDING: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first exact in few bits.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    /// Bits of a 32-bit float's fraction, and what its exponent is stored above.
    const FRACTION_BITS: u32 = 23;
    const EXPONENT_BIAS: u32 = 127;
    /// Of `(e^r - 1 - r) / r²` for |r| ≤ ln 2 / 2, highest power first (Cephes, `expf`).
    const COEFFICIENTS: [f32; 6] = [
        1.987_569_1e-4,
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        5e-1,
    ];
    let x = x.clamp(-87.3, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUNDING;
    let whole = shifted - ROUNDING;
    let r = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    let series = COEFFICIENTS
        .iter()
        .fold(0.0, |sum, &coefficient| sum * r + coefficient);
    let power = f32::from_bits(
        (shifted.to_bits() << FRACTION_BITS).wrapping_add(EXPONENT_BIAS << FRACTION_BITS),
    );
    (series * r * r + r + 1.0) * power
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;

    #[test]
    fn sums_of_any_length_are_complete() {
        for len in 0..40_u8 {
            let a: Vec<f32> = (0..len).map(f32::from).collect();
            let expected: f32 = a.iter().sum();
            assert_eq!(sum(&a), expected, "{len}");
            assert_eq!(dot(&a, &a), a.iter().map(|x| x * x).sum::<f32>(), "{len}");
            let largest = a.last().copied().unwrap_or(f32::NEG_INFINITY);
            assert_eq!(max(&a), largest, "{len}");
        }
    }

    #[test]
    fn powers_of_e_are_right_everywhere() {
        for step in -8_730_i16..=8_800 {
            let x = f32::from(step) / 100.0;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(x)) - expected).abs() / expected;
            assert!(error < 2.5e-7, "{x}: {error}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(f32::NEG_INFINITY) < 2e-38 && exp(f32::MIN) < 2e-38);
        assert!(exp(f32::INFINITY) > 1e38 && exp(f32::INFINITY).is_finite());
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn only_ordered_floats_are_borrowed() {
        let matrix = Tensor::new(&[[1_f32, 2.0], [3.0, 4.0]], &Device::Cpu).unwrap();
        let row = matrix.narrow(0, 1, 1).unwrap();
        assert_eq!(with([&row], |[row]| row.to_vec()).unwrap(), [3.0, 4.0]);
        assert!(with([&matrix.t().unwrap()], |_| ()).is_err());
        assert!(with([&matrix.to_dtype(DType::F64).unwrap()], |_| ()).is_err());
    }
}
