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
    /// The norm that each row of the map has with the adapter, where it is trained apart from the
    /// row's direction (DoRA, Liu et al. 2024).
    pub magnitude: Option<Tensor>,
}

impl LoraPair {
    /// A and B alone.
    pub fn new(a: Tensor, b: Tensor) -> Self {
        let magnitude = None;
        Self { a, b, magnitude }
    }

    /// Its tensors, by the names that they have in files.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&'static str, &Tensor)> {
        let both = [("lora_a", &self.a), ("lora_b", &self.b)];
        let magnitude = self.magnitude.iter().map(|one| ("magnitude", one));
        both.into_iter().chain(magnitude)
    }

    /// What `change` makes of each of its tensors.
    pub(crate) fn map<E>(
        &self,
        mut change: impl FnMut(&'static str, &Tensor) -> std::result::Result<Tensor, E>,
    ) -> std::result::Result<Self, E> {
        Ok(Self {
            a: change("lora_a", &self.a)?,
            b: change("lora_b", &self.b)?,
            magnitude: match &self.magnitude {
                Some(magnitude) => Some(change("magnitude", magnitude)?),
                None => None,
            },
        })
    }

    /// Puts a tensor in the place of that of the name.
    pub(crate) fn set_part(&mut self, name: &str, tensor: Tensor) {
        match name {
            "lora_a" => self.a = tensor,
            "lora_b" => self.b = tensor,
            _ => self.magnitude = Some(tensor),
        }
    }

    /// The tensor of that name.
    pub(crate) fn part(&self, name: &str) -> Option<&Tensor> {
        let mut parts = self.parts();
        parts.find(|&(other, _)| other == name).map(|(_, one)| one)
    }
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
        for place in config.places(model) {
            let (outputs, inputs) = shape(place.target, model);
            let seed = noise::derive(seed, place.number());
            // Kaiming's uniform bound with a slope of √5, of which 1/√inputs is left.
            let bound = 1.0 / (inputs as f32).sqrt();
            let count = config.rank * inputs;
            let numbers = (0..count).map(|i| (noise::uniform(seed, i) * 2.0 - 1.0) * bound);
            let a = Tensor::from_vec(numbers.collect::<Vec<f32>>(), (config.rank, inputs), device)?;
            let b = Tensor::zeros((outputs, config.rank), a.dtype(), device)?;
            pairs.insert(place, LoraPair::new(a, b));
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

    /// Gives the rows of a map norms of their own.
    pub(crate) fn set_magnitude(&mut self, place: Place, norms: Tensor) {
        if let Some(pair) = self.pairs.get_mut(&place) {
            pair.magnitude = Some(norms);
        }
    }

    /// Numbers in all pairs.
    pub fn parameters(&self) -> usize {
        let pairs = self.pairs.values();
        let counts = pairs.flat_map(|pair| pair.parts().map(|(_, part)| part.elem_count()));
        counts.sum()
    }

    /// Adds the other's numbers, place by place: gradients of one micro-batch to those before.
    pub fn add(&mut self, other: Self) -> Result<()> {
        for (place, pair) in other.pairs {
            let sum = match self.pairs.get(&place) {
                Some(own) => own.map(|name, own| match pair.part(name) {
                    Some(other) => own + other,
                    None => Ok(own.clone()),
                })?,
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
            for (_, tensor) in pair.parts() {
                let numbers = tensor.flatten_all()?.to_vec1::<f32>()?;
                let numbers = numbers.into_iter().map(f64::from);
                squares += numbers.map(|number| number * number).sum::<f64>();
            }
        }
        Ok(squares.sqrt())
    }

    /// What `change` makes of every tensor.
    pub(crate) fn map(&self, change: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        let pairs = self.pairs.iter().map(|(&place, pair)| {
            let changed = pair.map(|_, tensor| change(tensor))?;
            Ok((place, changed))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_norm_loses_neither_what_is_small_nor_what_is_large() {
        let norm = |a: Vec<f32>, b: f32| {
            let len = a.len();
            let a = Tensor::from_vec(a, (1, len), &Device::Cpu).unwrap();
            let b = Tensor::new(&[[b]], &Device::Cpu).unwrap();
            let mut weights = LoraWeights::default();
            let (block, target) = (0, Target::Value);
            weights.insert(Place { block, target }, LoraPair::new(a, b));
            weights.norm().unwrap()
        };
        // The square of 3e30 is beyond 32 bits, and 10,000 ones vanish there beside that of 1e5.
        let large = norm(vec![3e30], 4e30);
        assert!((large / 5e30 - 1.0).abs() < 1e-6, "{large}");
        let mut mixed = vec![1.0; 10_001];
        mixed[0] = 1e5;
        let squares = norm(mixed, 0.0).powi(2);
        assert!((squares - 1e10 - 1e4).abs() < 1.0, "{squares}");
    }
}
