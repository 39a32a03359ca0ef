//! A linear map of a block: frozen weights, a bias where the model has one, and the adapter on top.

use std::sync::OnceLock;

use candle_core::{Result, Tensor};

use super::frozen::FrozenMatrix;
use crate::adapter::place::Place;
use crate::adapter::weights::{LoraPair, LoraWeights};
use crate::ops::add::add;
use crate::ops::noise;

/// What of an adapter is in use while a block is computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Worn<'a> {
    pub(crate) weights: &'a LoraWeights,
    /// What the product of A and B is multiplied with.
    pub(crate) scale: f64,
    /// Share of inputs left out, and the seed of which; none outside training.
    pub(crate) dropout: Option<(f32, u64)>,
}

/// A linear map that is never trained itself.
#[derive(Debug)]
pub(crate) struct Linear {
    pub(crate) place: Place,
    pub(crate) weights: FrozenMatrix,
    pub(crate) bias: Option<Tensor>,
    /// The sum of the squares of each row, once somebody asked: only magnitudes do.
    pub(super) row_squares: OnceLock<Tensor>,
}

impl Linear {
    /// `W x + bias + scale · B (A x)`, for rows of inputs.
    pub(crate) fn forward(&self, x: &Tensor, worn: Option<Worn<'_>>) -> Result<Tensor> {
        let pair = self.pair(worn);
        if let Some((worn, pair)) = pair
            && let Some(magnitude) = &pair.magnitude
        {
            let directed = self.directed(x, worn, pair)?;
            let gain = (magnitude / &directed.norms)?;
            return self.with_bias(directed.outputs.broadcast_mul(&gain)?);
        }
        let y = self.with_bias(self.weights.apply(x)?)?;
        let Some((worn, pair)) = pair else {
            return Ok(y);
        };
        let inputs = match self.kept(x, worn)? {
            Some(kept) => (x * kept)?,
            None => x.clone(),
        };
        let inner = (inputs.matmul(&pair.a.t()?)? * worn.scale)?;
        add(&y, &inner.matmul(&pair.b.t()?)?)
    }

    /// The gradient toward `x`; that toward A and B goes into `gradients`.
    pub(crate) fn backward(
        &self,
        x: &Tensor,
        dy: &Tensor,
        worn: Option<Worn<'_>>,
        gradients: &mut LoraWeights,
    ) -> Result<Tensor> {
        let pair = self.pair(worn);
        if let Some((worn, pair)) = pair
            && let Some(magnitude) = &pair.magnitude
        {
            let (dx, gradient) = self.directed_backward(x, dy, worn, (pair, magnitude))?;
            gradients.insert(self.place, gradient);
            return Ok(dx);
        }
        let dx = self.weights.pull_back(dy)?;
        let Some((worn, pair)) = pair else {
            return Ok(dx);
        };
        let kept = self.kept(x, worn)?;
        let inputs = match &kept {
            Some(kept) => (x * kept)?,
            None => x.clone(),
        };
        let inner = (inputs.matmul(&pair.a.t()?)? * worn.scale)?;
        let d_inner = (dy.matmul(&pair.b)? * worn.scale)?;
        let a = d_inner.t()?.matmul(&inputs)?;
        let pair_gradient = LoraPair::new(a, dy.t()?.matmul(&inner)?);
        gradients.insert(self.place, pair_gradient);
        let through = d_inner.matmul(&pair.a)?;
        let through = match kept {
            Some(kept) => (through * kept)?,
            None => through,
        };
        add(&dx, &through)
    }

    fn with_bias(&self, y: Tensor) -> Result<Tensor> {
        match &self.bias {
            Some(bias) => y.broadcast_add(bias),
            None => Ok(y),
        }
    }

    fn pair<'a>(&self, worn: Option<Worn<'a>>) -> Option<(Worn<'a>, &'a LoraPair)> {
        let worn = worn?;
        Some((worn, worn.weights.get(self.place)?))
    }

    /// Factors of dropout for these inputs: the same whenever the block is computed again.
    pub(super) fn kept(&self, x: &Tensor, worn: Worn<'_>) -> Result<Option<Tensor>> {
        let Some((left_out, seed)) = worn.dropout else {
            return Ok(None);
        };
        let seed = noise::derive(seed, self.place.number());
        let factors = noise::dropout(seed, x.elem_count(), left_out);
        Tensor::from_vec(factors, x.shape(), x.device()).map(Some)
    }
}
