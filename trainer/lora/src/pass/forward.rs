//! Passes without gradients: logits for whoever chooses a token, losses for whoever judges.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::between::Between;
use super::loss::{Head, POWERS_BYTES_MAX};
use super::packed::Packed;
use crate::adapter::config::LoraConfig;
use crate::adapter::weights::LoraWeights;
use crate::error::LoraError;
use crate::model::block::Reading;
use crate::model::decoder::Decoder;
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
    /// As it is outside training: nothing is left out.
    fn worn(self) -> Worn<'a> {
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
        config.check()?;
        if config.first_block >= self.blocks.len() {
            return Err(LoraError::Setting {
                what: "the first block",
                found: config.first_block.to_string(),
                remedy: format!("choose 0 to {}", self.blocks.len() - 1),
            });
        }
        Ok(LoraWeights::begin(config, &self.model, seed, &self.device)?)
    }

    /// Logits after the tokens in `rows` of the pass: a number for each token of the vocabulary, so
    /// ask for few rows.
    pub fn logits(
        &self,
        packed: &Packed,
        rows: Range<usize>,
        adapter: Option<Adapter<'_>>,
    ) -> std::result::Result<Vec<Vec<f32>>, LoraError> {
        packed.check(&self.model)?;
        let count = packed.tokens().len();
        if rows.start >= rows.end || rows.end > count {
            return Err(LoraError::Tokens {
                what: "rows of a pass",
                found: format!("{rows:?}"),
                remedy: format!("ask for some of 0..{count}"),
            });
        }
        let last = self.last_layer(packed, adapter)?;
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
        packed.check(&self.model)?;
        let last = self.last_layer(packed, adapter)?;
        let foretold = packed.foretold();
        let from = Tensor::new(foretold.from.as_slice(), &self.device)?;
        let rows = last.index_select(&from, 0)?;
        let head = self.head(POWERS_BYTES_MAX);
        let losses = head.losses(&rows, &foretold, false, &mut Between::never());
        Ok(losses?.losses)
    }

    /// What the output is computed from.
    fn last_layer(&self, packed: &Packed, adapter: Option<Adapter<'_>>) -> Result<Tensor> {
        let turns = self.turns(&packed.positions())?;
        let mut x = self.embed(packed.tokens())?;
        for (block, turns) in self.blocks.iter().zip(&turns) {
            let reading = Reading {
                texts: packed.texts(),
                turns,
            };
            x = block.forward(&x, reading, adapter.map(Adapter::worn))?.0;
        }
        self.output_norm.forward(&x)
    }

    pub(crate) fn head(&self, powers_bytes_max: u64) -> Head<'_> {
        Head {
            matrix: self.output(),
            soft_cap: self.model.logit_soft_cap,
            powers_bytes_max,
        }
    }
}
