//! Passes without gradients: logits for whoever chooses a token, losses for whoever judges.

use std::ops::Range;

use candle_core::{DType, Tensor};

use super::between::Between;
use super::loss::{Head, POWERS_BYTES_MAX};
use super::packed::Packed;
use crate::adapter::config::LoraConfig;
use crate::adapter::place::Place;
use crate::adapter::weights::{LoraWeights, shape};
use crate::error::LoraError;
use crate::model::block::Reading;
use crate::model::decoder::Decoder;
use crate::model::hyperparameters::Hyperparameters;
use crate::model::linear::Worn;

/// An adapter and how it is worn.
#[derive(Debug, Clone, Copy)]
pub struct Adapter<'a> {
    /// Its shape.
    pub config: &'a LoraConfig,
    /// Its numbers.
    pub weights: &'a LoraWeights,
}

impl<'a> Adapter<'a> {
    /// Checks that it is whole and fits the model: a pair of 32-bit floats for every map that its
    /// configuration names, in that map's shape, and no other.
    pub fn check(&self, model: &Hyperparameters) -> std::result::Result<(), LoraError> {
        self.config.check_in(model)?;
        let misfit = |place: Place, found: String, expected: String| {
            Err(LoraError::Adapter {
                tensor: place.tensor_name(),
                found,
                expected,
            })
        };
        let places = self.config.places(model);
        for place in places {
            let ((outputs, inputs), rank) = (shape(place.target, model), self.config.rank);
            let expected = || format!("A of {:?} and B of {:?}", [rank, inputs], [outputs, rank]);
            let Some(pair) = self.weights.get(place) else {
                return misfit(place, "no pair".to_owned(), expected());
            };
            if pair.a.dims() != [rank, inputs] || pair.b.dims() != [outputs, rank] {
                let found = format!("A of {:?} and B of {:?}", pair.a.dims(), pair.b.dims());
                return misfit(place, found, expected());
            }
            let magnitudes = pair.magnitude.as_ref().map(Tensor::dims);
            let expected = self.config.has_magnitudes.then_some([outputs]);
            if magnitudes != expected.as_ref().map(<[usize; 1]>::as_slice) {
                let said = |dims: Option<&[usize]>| match dims {
                    Some(dims) => format!("magnitudes of {dims:?}"),
                    None => "no magnitudes".to_owned(),
                };
                let expected = expected.as_ref().map(<[usize; 1]>::as_slice);
                return misfit(place, said(magnitudes), said(expected));
            }
            let other = pair.parts().find(|(_, x)| x.dtype() != DType::F32);
            if let Some((_, other)) = other {
                let found = format!("numbers in {:?}", other.dtype());
                return misfit(place, found, "32-bit floats".to_owned());
            }
        }
        let is_named = |place: Place| {
            let blocks = self.config.first_block..model.layers.len();
            blocks.contains(&place.block) && self.config.targets.contains(&place.target)
        };
        match self.weights.iter().find(|&(place, _)| !is_named(place)) {
            Some((place, _)) => misfit(place, "a pair".to_owned(), "none".to_owned()),
            None => Ok(()),
        }
    }

    /// As it is outside training: nothing is left out.
    pub(crate) fn worn(self) -> Worn<'a> {
        Worn {
            weights: self.weights,
            scale: f64::from(self.config.scale()),
            dropout: None,
        }
    }

    /// As it is while training; the seed says what is left out.
    pub(crate) fn worn_in_training(self, seed: u64) -> Worn<'a> {
        let dropout = self.config.dropout;
        Worn {
            dropout: (dropout > 0.0).then_some((dropout, seed)),
            ..self.worn()
        }
    }
}

impl Decoder {
    /// The adapter that a training begins with: it changes nothing yet.
    pub fn begin_adapter(
        &self,
        config: &LoraConfig,
        seed: u64,
    ) -> std::result::Result<LoraWeights, LoraError> {
        config.check_in(&self.model)?;
        let mut weights = LoraWeights::begin(config, &self.model, seed, &self.device)?;
        if config.has_magnitudes {
            for place in config.places(&self.model) {
                let norms = self.blocks[place.block].linear(place.target).row_norms()?;
                weights.set_magnitude(place, norms);
            }
        }
        Ok(weights)
    }

    /// Logits after the tokens in `rows` of the pass: a number for each token of the vocabulary, so
    /// ask for few rows.
    pub fn logits(
        &self,
        packed: &Packed,
        rows: Range<usize>,
        adapter: Option<Adapter<'_>>,
    ) -> std::result::Result<Vec<Vec<f32>>, LoraError> {
        self.check(packed, adapter)?;
        let count = packed.tokens().len();
        if rows.start >= rows.end || rows.end > count {
            return Err(LoraError::Tokens {
                what: "rows of a pass",
                found: format!("{rows:?}"),
                remedy: format!("ask for some of 0..{count}"),
            });
        }
        let last = self.last_layer(packed, adapter, &mut Between::never())?;
        let wanted = last.narrow(0, rows.start, rows.len())?.contiguous()?;
        let logits = self.head(POWERS_BYTES_MAX).logits(&wanted)?;
        Ok(logits.to_vec2()?)
    }

    /// The negative log-probability of every token that counts, in order.
    pub fn losses(
        &self,
        packed: &Packed,
        adapter: Option<Adapter<'_>>,
    ) -> std::result::Result<Vec<f32>, LoraError> {
        self.losses_asking(packed, adapter, &mut Between::never())
    }

    /// The same, and `between` is asked between two layers.
    pub fn losses_asking(
        &self,
        packed: &Packed,
        adapter: Option<Adapter<'_>>,
        between: &mut Between<'_>,
    ) -> std::result::Result<Vec<f32>, LoraError> {
        self.check(packed, adapter)?;
        let foretold = packed.foretold();
        if foretold.tokens.is_empty() {
            return Ok(Vec::new());
        }
        let last = self.last_layer(packed, adapter, between)?;
        let from = Tensor::new(foretold.from.as_slice(), &self.device)?;
        let rows = last.index_select(&from, 0)?;
        let head = self.head(POWERS_BYTES_MAX);
        Ok(head.losses(&rows, &foretold, false, between)?.losses)
    }

    /// The mean loss of a token of these passes, in nats, each by how much it counts; no number
    /// where none does.
    pub fn mean_loss(
        &self,
        passes: &[Packed],
        adapter: Option<Adapter<'_>>,
        between: &mut Between<'_>,
    ) -> std::result::Result<f64, LoraError> {
        let (mut sum, mut weight) = (0.0, 0.0);
        for packed in passes {
            let losses = self.losses_asking(packed, adapter, between)?;
            let weighted = losses.iter().zip(packed.foretold().weights);
            sum += weighted
                .map(|(&loss, weight)| f64::from(loss) * f64::from(weight))
                .sum::<f64>();
            weight += packed.weight();
        }
        Ok(sum / weight)
    }

    fn check(
        &self,
        packed: &Packed,
        adapter: Option<Adapter<'_>>,
    ) -> std::result::Result<(), LoraError> {
        packed.check(&self.model)?;
        adapter.map_or(Ok(()), |adapter| adapter.check(&self.model))
    }

    /// What the output is computed from.
    pub(crate) fn last_layer(
        &self,
        packed: &Packed,
        adapter: Option<Adapter<'_>>,
        between: &mut Between<'_>,
    ) -> std::result::Result<Tensor, LoraError> {
        let turns = self.turns(&packed.positions())?;
        let mut x = self.embed(packed.tokens())?;
        for (block, turns) in self.blocks.iter().zip(&turns) {
            between.look()?;
            let reading = Reading {
                texts: packed.texts(),
                turns,
            };
            x = block.forward(&x, reading, adapter.map(Adapter::worn))?.0;
        }
        Ok(self.output_norm.forward(&x)?)
    }

    pub(crate) fn head(&self, powers_bytes_max: u64) -> Head<'_> {
        Head {
            matrix: self.output(),
            soft_cap: self.model.logit_soft_cap,
            powers_bytes_max,
        }
    }
}
