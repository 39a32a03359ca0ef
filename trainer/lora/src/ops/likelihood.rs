//! From logits to how likely each next token was, and back, for one block of the vocabulary.
//!
//! A row's probabilities need all its logits, which come block by block: so each block gives powers
//! relative to its own largest, and what makes them probabilities is known when all have come.

use candle_core::{D, Device, Result, Tensor};
use rayon::prelude::*;

use super::slices::{self, exp, max, sum};

/// The powers of a block of logits.
#[derive(Debug)]
pub(crate) struct Powers {
    /// `e^(logit - largest of the row)`.
    pub(crate) relative: Tensor,
    /// The largest logit of each row.
    pub(crate) largest: Vec<f32>,
    /// The sum of each row's powers.
    pub(crate) totals: Vec<f32>,
}

/// The tokens that came, one for each row, and how much each counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Targets<'a> {
    pub(crate) tokens: &'a [u32],
    pub(crate) weights: &'a [f32],
    /// The token of the block's first column.
    pub(crate) first: usize,
}

impl Targets<'_> {
    /// The column of a row's token, where it is in this block.
    fn column(&self, row: usize, width: usize) -> Option<usize> {
        let column = (self.tokens[row] as usize).checked_sub(self.first)?;
        (column < width).then_some(column)
    }
}

/// Powers of a block of logits.
pub(crate) fn powers(logits: &Tensor) -> Result<Powers> {
    if !logits.device().is_cpu() {
        return composed_powers(logits);
    }
    let (rows, width) = logits.dims2()?;
    let (powers, largest, totals) = slices::with([logits], |[logits]| {
        let mut powers = vec![0.0; logits.len()];
        let (mut largest, mut totals) = (vec![0.0; rows], vec![0.0; rows]);
        let outputs = powers.par_chunks_mut(width);
        let outputs = outputs.zip(&mut largest).zip(&mut totals);
        outputs
            .zip(logits.par_chunks(width))
            .for_each(|(((powers, largest), total), logits)| {
                let row_max = max(logits);
                for (power, logit) in powers.iter_mut().zip(logits) {
                    *power = exp(logit - row_max);
                }
                *largest = row_max;
                *total = sum(powers);
            });
        (powers, largest, totals)
    })?;
    Ok(Powers {
        relative: Tensor::from_vec(powers, (rows, width), logits.device())?,
        largest,
        totals,
    })
}

fn composed_powers(logits: &Tensor) -> Result<Powers> {
    let largest = logits.max_keepdim(D::Minus1)?;
    let powers = logits.broadcast_sub(&largest)?.exp()?;
    let totals = powers.sum(D::Minus1)?.to_vec1()?;
    Ok(Powers {
        relative: powers,
        largest: largest.flatten_all()?.to_vec1()?,
        totals,
    })
}

/// The logit of each row's token, where it is in this block.
pub(crate) fn chosen(logits: &Tensor, targets: Targets<'_>) -> Result<Vec<Option<f32>>> {
    let (rows, width) = logits.dims2()?;
    let columns: Vec<Option<usize>> = (0..rows).map(|row| targets.column(row, width)).collect();
    if logits.device().is_cpu() {
        return slices::with([logits], |[logits]| {
            let numbered = columns.iter().enumerate();
            let found =
                numbered.map(|(row, column)| column.map(|column| logits[row * width + column]));
            found.collect()
        });
    }
    let (index, _) = gather_index(&columns, logits.device())?;
    let found = logits.gather(&index, 1)?.flatten_all()?.to_vec1::<f32>()?;
    let found = columns.iter().zip(found);
    Ok(found.map(|(column, logit)| column.map(|_| logit)).collect())
}

/// The gradient toward the logits: probabilities times what the row counts, less that at its token.
/// `factors` turn the powers of each row into it.
pub(crate) fn gradient(powers: &Tensor, factors: &[f32], targets: Targets<'_>) -> Result<Tensor> {
    if !powers.device().is_cpu() {
        return composed_gradient(powers, factors, targets);
    }
    let (rows, width) = powers.dims2()?;
    let gradient = slices::with([powers], |[powers]| {
        let mut gradient = vec![0.0; powers.len()];
        let outputs = gradient.par_chunks_mut(width).enumerate();
        outputs
            .zip(powers.par_chunks(width))
            .for_each(|((row, gradient), powers)| {
                for (gradient, power) in gradient.iter_mut().zip(powers) {
                    *gradient = power * factors[row];
                }
                if let Some(column) = targets.column(row, width) {
                    gradient[column] -= targets.weights[row];
                }
            });
        gradient
    })?;
    Tensor::from_vec(gradient, (rows, width), powers.device())
}

/// The difference of two distributions: each row's powers times its factor, less the others times
/// theirs.
pub(crate) fn difference(powers: [&Tensor; 2], factors: [&[f32]; 2]) -> Result<Tensor> {
    if !powers[0].device().is_cpu() {
        return composed_difference(powers, factors);
    }
    let (rows, width) = powers[0].dims2()?;
    let difference = slices::with(powers, |[these, others]| {
        let mut difference = vec![0.0; these.len()];
        let outputs = difference.par_chunks_mut(width).enumerate();
        let inputs = these.par_chunks(width).zip(others.par_chunks(width));
        outputs
            .zip(inputs)
            .for_each(|((row, outputs), (these, others))| {
                let (this, other) = (factors[0][row], factors[1][row]);
                for ((output, a), b) in outputs.iter_mut().zip(these).zip(others) {
                    *output = a * this - b * other;
                }
            });
        difference
    })?;
    Tensor::from_vec(difference, (rows, width), powers[0].device())
}

fn composed_difference(powers: [&Tensor; 2], factors: [&[f32]; 2]) -> Result<Tensor> {
    let times = |powers: &Tensor, factors: &[f32]| {
        let factors = Tensor::new(factors, powers.device())?.reshape((factors.len(), 1))?;
        powers.broadcast_mul(&factors)
    };
    times(powers[0], factors[0])? - times(powers[1], factors[1])?
}

/// The sum of each row's logits, each times its power.
pub(crate) fn dots(powers: &Tensor, logits: &Tensor) -> Result<Vec<f32>> {
    if !powers.device().is_cpu() {
        return (powers * logits)?.sum(D::Minus1)?.to_vec1();
    }
    let (_, width) = powers.dims2()?;
    slices::with([powers, logits], |[powers, logits]| {
        let rows = powers.par_chunks(width).zip(logits.par_chunks(width));
        rows.map(|(powers, logits)| slices::dot(powers, logits))
            .collect()
    })
}

fn composed_gradient(powers: &Tensor, factors: &[f32], targets: Targets<'_>) -> Result<Tensor> {
    let (rows, width) = powers.dims2()?;
    let factors = Tensor::new(factors, powers.device())?.reshape((rows, 1))?;
    let columns: Vec<Option<usize>> = (0..rows).map(|row| targets.column(row, width)).collect();
    let (index, is_here) = gather_index(&columns, powers.device())?;
    let weights = Tensor::new(targets.weights, powers.device())?.reshape((rows, 1))?;
    let less = (weights * is_here)?.neg()?;
    powers
        .broadcast_mul(&factors)?
        .scatter_add(&index, &less, 1)
}

/// Columns as an index, 0 for those elsewhere, and which are here.
fn gather_index(columns: &[Option<usize>], device: &Device) -> Result<(Tensor, Tensor)> {
    let index = columns.iter().map(|column| column.unwrap_or(0));
    let index: Vec<u32> = index
        .map(|n| u32::try_from(n).unwrap_or(u32::MAX))
        .collect();
    let is_here: Vec<f32> = columns
        .iter()
        .map(|c| f32::from(u8::from(c.is_some())))
        .collect();
    let shape = (columns.len(), 1);
    Ok((
        Tensor::from_vec(index, shape, device)?,
        Tensor::from_vec(is_here, shape, device)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{assert_close, numbers, random};

    #[test]
    fn the_processor_computes_what_the_primitives_do() {
        let logits = (random(&[3, 10], 1) * 20.0).unwrap();
        let (found, expected) = (powers(&logits).unwrap(), composed_powers(&logits).unwrap());
        assert_close(&found.relative, &expected.relative, 1e-6);
        assert_eq!(found.largest, expected.largest);
        for (a, b) in found.totals.iter().zip(&expected.totals) {
            assert!((a - b).abs() < 1e-5 * b, "{a} {b}");
        }
        let targets = Targets {
            tokens: &[101, 7, 109],
            weights: &[1.0, 2.0, 0.5],
            first: 100,
        };
        let factors = [0.3, 0.2, 0.1];
        let others = powers(&random(&[3, 10], 3)).unwrap().relative;
        let (both, twice) = ([&found.relative, &others], [&factors[..], &[0.5; 3]]);
        let expected = composed_difference(both, twice).unwrap();
        assert_close(&difference(both, twice).unwrap(), &expected, 1e-6);
        let expected = (&found.relative * &logits).unwrap().sum(D::Minus1).unwrap();
        for (a, b) in dots(&found.relative, &logits)
            .unwrap()
            .iter()
            .zip(numbers(&expected))
        {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
        let expected = composed_gradient(&found.relative, &factors, targets).unwrap();
        let gradient = gradient(&found.relative, &factors, targets).unwrap();
        assert_close(&gradient, &expected, 1e-6);
    }

    #[test]
    fn the_token_of_a_row_is_found_in_its_block_only() {
        let logits = random(&[3, 10], 2);
        let targets = Targets {
            tokens: &[101, 7, 110],
            weights: &[1.0; 3],
            first: 100,
        };
        let chosen = chosen(&logits, targets).unwrap();
        assert_eq!(chosen, [Some(numbers(&logits)[1]), None, None]);
    }
}
