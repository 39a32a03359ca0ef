//! The pairs A and B of an adapter; the same shape holds gradients toward them and what an optimiser
//! remembers of each.

use std::collections::BTreeMap;

use candle_core::{Device, Result, Tensor};

use super::config::LoraConfig;
use super::place::{Place, Target};
use crate::model::hyperparameters::Hyperparameters;
use crate::ops::noise;

/// A and B of one linear map.
#[derive(Debug, Clone)]
pub struct LoraPair {
    /// Shape (rank, inputs).
    pub a: Tensor,
    /// Shape (outputs, rank).
    pub b: Tensor,
}

/// Pairs by the map that they belong to, in a fixed order.
#[derive(Debug, Clone, Default)]
pub struct LoraWeights {
    pairs: BTreeMap<Place, LoraPair>,
}

impl LoraWeights {
    /// An adapter that changes nothing yet: A from the seed, B zero, as PEFT begins.
    pub(crate) fn begin(
        config: &LoraConfig,
        model: &Hyperparameters,
        seed: u64,
        device: &Device,
    ) -> Result<Self> {
        let mut pairs = BTreeMap::new();
        for block in config.first_block..model.layers.len() {
            for &target in &config.targets {
                let place = Place { block, target };
                let (outputs, inputs) = shape(target, model);
                let seed = noise::derive(seed, place.number());
                // Kaiming's uniform bound with a slope of √5, of which 1/√inputs is left.
                let bound = 1.0 / (inputs as f32).sqrt();
                let count = config.rank * inputs;
                let numbers = (0..count).map(|i| (noise::uniform(seed, i) * 2.0 - 1.0) * bound);
                let a =
                    Tensor::from_vec(numbers.collect::<Vec<f32>>(), (config.rank, inputs), device)?;
                let b = Tensor::zeros((outputs, config.rank), a.dtype(), device)?;
                pairs.insert(place, LoraPair { a, b });
            }
        }
        Ok(Self { pairs })
    }

    /// The pair of a map.
    pub fn get(&self, place: Place) -> Option<&LoraPair> {
        self.pairs.get(&place)
    }

    /// All pairs, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Place, &LoraPair)> {
        self.pairs.iter().map(|(&place, pair)| (place, pair))
    }

    /// Puts a pair in the place of what was there.
    pub fn insert(&mut self, place: Place, pair: LoraPair) {
        self.pairs.insert(place, pair);
    }

    /// Numbers in all pairs.
    pub fn parameters(&self) -> usize {
        let pairs = self.pairs.values();
        pairs
            .map(|pair| pair.a.elem_count() + pair.b.elem_count())
            .sum()
    }

    /// Adds the other's numbers, place by place: gradients of one micro-batch to those before.
    pub fn add(&mut self, other: Self) -> Result<()> {
        for (place, pair) in other.pairs {
            let sum = match self.pairs.get(&place) {
                Some(own) => LoraPair {
                    a: (&own.a + pair.a)?,
                    b: (&own.b + pair.b)?,
                },
                None => pair,
            };
            self.pairs.insert(place, sum);
        }
        Ok(())
    }

    /// All numbers times `factor`.
    pub fn scaled(&self, factor: f64) -> Result<Self> {
        self.map(|tensor| tensor * factor)
    }

    /// The root of the sum of all squares, in 64 bits: what clipping compares and what shows that
    /// training runs away.
    pub fn norm(&self) -> Result<f64> {
        let mut squares = 0.0;
        for pair in self.pairs.values() {
            for tensor in [&pair.a, &pair.b] {
                squares += f64::from(tensor.sqr()?.sum_all()?.to_scalar::<f32>()?);
            }
        }
        Ok(squares.sqrt())
    }

    /// What `change` makes of every tensor.
    pub(crate) fn map(&self, change: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let pairs = self.pairs.iter().map(|(&place, pair)| {
            let (a, b) = (change(&pair.a)?, change(&pair.b)?);
            Ok((place, LoraPair { a, b }))
        });
        let pairs = pairs.collect::<Result<_>>()?;
        Ok(Self { pairs })
    }
}

/// Outputs and inputs of a map.
pub(crate) fn shape(target: Target, model: &Hyperparameters) -> (usize, usize) {
    let (width, inner) = (model.width, model.feed_forward_width);
    match target {
        Target::Query => (model.query_width(), width),
        Target::Key | Target::Value => (model.key_width(), width),
        Target::Output => (width, model.query_width()),
        Target::Gate | Target::Up => (inner, width),
        Target::Down => (width, inner),
    }
}
