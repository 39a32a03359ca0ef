//! A linear map whose rows have a norm of their own, trained apart from their direction (DoRA, Liu et
//! al. 2024): `m / ‖W + s·B A‖ ⊙ (W x + s·B (A x)) + bias`, norms row by row.
//!
//! The norms are those of a matrix that is never made: `‖W‖² + 2s·B·(A Wᵀ) + s²·B (A Aᵀ) Bᵀ`, where
//! A goes through the frozen weights as a few more rows of input. The paper takes them as constant
//! in the backward pass to spare memory; here their gradient costs nothing worth mentioning, so that
//! the whole is exact.

use candle_core::{Result, Tensor};

use super::linear::{Linear, Worn};
use crate::adapter::weights::LoraPair;
use crate::ops::add::add;

/// The least square of a norm: what keeps a row of zeros from dividing by zero.
const NORM_SQUARE_MIN: f64 = 1e-12;

/// A map's outputs before magnitudes and bias, and what they were made of.
pub(super) struct Directed {
    /// `W x + s·B (A x)`.
    pub(super) outputs: Tensor,
    /// The norms of the rows.
    pub(super) norms: Tensor,
    /// Inputs after dropout, and its factors.
    inputs: Tensor,
    kept: Option<Tensor>,
    /// `s·A x`.
    inner: Tensor,
    /// `A Wᵀ`, of shape (rank, outputs).
    cross: Tensor,
    /// `A Aᵀ`.
    gram: Tensor,
}

impl Linear {
    /// The norms of the rows of the frozen weights: the magnitudes that a training begins with.
    pub(crate) fn row_norms(&self) -> Result<Tensor> {
        self.squares()?.maximum(NORM_SQUARE_MIN)?.sqrt()
    }

    fn squares(&self) -> Result<Tensor> {
        if let Some(squares) = self.row_squares.get() {
            return Ok(squares.clone());
        }
        let squares = self.weights.row_squares()?;
        Ok(self.row_squares.get_or_init(|| squares).clone())
    }

    pub(super) fn directed(&self, x: &Tensor, worn: Worn<'_>, pair: &LoraPair) -> Result<Directed> {
        let (tokens, rank) = (x.dim(0)?, pair.a.dim(0)?);
        let kept = self.kept(x, worn)?;
        let inputs = match &kept {
            Some(kept) => (x * kept)?,
            None => x.clone(),
        };
        let applied = self.weights.apply(&Tensor::cat(&[x, &pair.a], 0)?)?;
        let cross = applied.narrow(0, tokens, rank)?;
        let gram = pair.a.matmul(&pair.a.t()?)?;
        let inner = (inputs.matmul(&pair.a.t()?)? * worn.scale)?;
        let outputs = add(&applied.narrow(0, 0, tokens)?, &inner.matmul(&pair.b.t()?)?)?;
        let by_cross = ((pair.b.t()? * &cross)?.sum(0)? * (2.0 * worn.scale))?;
        let by_gram = (pair.b.matmul(&gram)? * &pair.b)?.sum(1)?;
        let squares = (self.squares()? + by_cross)?;
        let squares = (squares + (by_gram * (worn.scale * worn.scale))?)?;
        Ok(Directed {
            outputs,
            norms: squares.maximum(NORM_SQUARE_MIN)?.sqrt()?,
            inputs,
            kept,
            inner,
            cross,
            gram,
        })
    }

    /// The gradients toward `x` and toward A, B and the magnitudes.
    pub(super) fn directed_backward(
        &self,
        x: &Tensor,
        dy: &Tensor,
        worn: Worn<'_>,
        (pair, magnitude): (&LoraPair, &Tensor),
    ) -> Result<(Tensor, LoraPair)> {
        let scale = worn.scale;
        let directed = self.directed(x, worn, pair)?;
        let norms = &directed.norms;
        // How all outputs of a row together pull at its gain.
        let pull = (dy * &directed.outputs)?.sum(0)?;
        let d_magnitude = (&pull / norms)?;
        let d_squares = ((&pull * magnitude)? / norms.powf(3.0)?)?;
        let d_squares = (d_squares * -0.5)?.unsqueeze(1)?;
        let dz = dy.broadcast_mul(&(magnitude / norms)?)?;

        // Through B (A x).
        let d_inner = (dz.matmul(&pair.b)? * scale)?;
        let da = d_inner.t()?.matmul(&directed.inputs)?;
        let db = dz.t()?.matmul(&directed.inner)?;
        let through = d_inner.matmul(&pair.a)?;
        let through = match &directed.kept {
            Some(kept) => (through * kept)?,
            None => through,
        };

        // Through the norms.
        let weighted = pair.b.broadcast_mul(&d_squares)?;
        let d_cross = (weighted.t()? * (2.0 * scale))?;
        let d_gram = (pair.b.t()?.matmul(&weighted)? * (scale * scale))?;
        let of_norm = (directed.cross.t()? * scale)?;
        let of_norm = (of_norm + (pair.b.matmul(&directed.gram)? * (scale * scale))?)?;
        let db = (db + (of_norm.broadcast_mul(&d_squares)? * 2.0)?)?;
        let da = (da + (d_gram.matmul(&pair.a)? * 2.0)?)?;

        // Through the frozen weights, both at once.
        let (tokens, rank) = (dz.dim(0)?, d_cross.dim(0)?);
        let pulled = Tensor::cat(&[&dz, &d_cross], 0)?;
        let pulled = self.weights.pull_back(&pulled)?;
        let dx = add(&pulled.narrow(0, 0, tokens)?, &through)?;
        let gradient = LoraPair {
            a: (da + pulled.narrow(0, tokens, rank)?)?,
            b: db,
            magnitude: Some(d_magnitude),
        };
        Ok((dx, gradient))
    }
}
