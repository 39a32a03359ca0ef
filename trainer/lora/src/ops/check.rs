//! For tests: numbers from a seed, closeness, and gradients by finite differences.

use candle_core::{Device, Tensor};

use super::noise;

/// How far an input is moved: far enough for 32-bit floats, near enough for a straight line.
const STEP: f32 = 1e-2;
/// How far a gradient may be off, relative to the largest.
const GRADIENT_ERROR_MAX: f64 = 2e-2;

/// Numbers between -1 and 1.
pub(crate) fn random(shape: &[usize], seed: u64) -> Tensor {
    let count = shape.iter().product();
    let numbers = (0..count).map(|index| noise::uniform(seed, index) * 2.0 - 1.0);
    Tensor::from_vec(numbers.collect::<Vec<f32>>(), shape, &Device::Cpu).unwrap()
}

/// All numbers of a tensor.
pub(crate) fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Each number within `error` of the other's.
pub(crate) fn assert_close(found: &Tensor, expected: &Tensor, error: f32) {
    assert_eq!(found.dims(), expected.dims());
    for (index, (a, b)) in numbers(found).iter().zip(numbers(expected)).enumerate() {
        assert!((a - b).abs() <= error, "number {index}: {a}, expected {b}");
    }
}

/// `dx` is how `Σ dy · compute(x)` changes with each number of `x`.
pub(crate) fn assert_gradient(
    x: &Tensor,
    dx: &Tensor,
    dy: &Tensor,
    compute: impl Fn(&Tensor) -> Tensor,
) {
    let value = |x: &[f32], shape: &[usize]| -> f64 {
        let x = Tensor::from_vec(x.to_vec(), shape, &Device::Cpu).unwrap();
        let weighted = numbers(&compute(&x)).into_iter().zip(numbers(dy));
        weighted.map(|(y, dy)| f64::from(y) * f64::from(dy)).sum()
    };
    let (start, found) = (numbers(x), numbers(dx));
    assert_eq!(x.dims(), dx.dims());
    let largest = found
        .iter()
        .fold(1e-3_f32, |largest, number| largest.max(number.abs()));
    for index in 0..start.len() {
        let moved = |by: f32| {
            let mut moved = start.clone();
            moved[index] += by;
            value(&moved, x.dims())
        };
        let expected = (moved(STEP) - moved(-STEP)) / f64::from(2.0 * STEP);
        let error = (f64::from(found[index]) - expected).abs() / f64::from(largest);
        assert!(
            error < GRADIENT_ERROR_MAX,
            "number {index}: {}, expected {expected}",
            found[index]
        );
    }
}
