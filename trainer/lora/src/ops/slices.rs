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
    fn only_ordered_floats_are_borrowed() {
        let matrix = Tensor::new(&[[1_f32, 2.0], [3.0, 4.0]], &Device::Cpu).unwrap();
        let row = matrix.narrow(0, 1, 1).unwrap();
        assert_eq!(with([&row], |[row]| row.to_vec()).unwrap(), [3.0, 4.0]);
        assert!(with([&matrix.t().unwrap()], |_| ()).is_err());
        assert!(with([&matrix.to_dtype(DType::F64).unwrap()], |_| ()).is_err());
    }
}
