//! A pass with gradients: forward through all blocks, backward through those that an adapter
//! reaches.

use candle_core::Tensor;

use super::between::Between;
use super::forward::Adapter;
use super::loss::{Losses, POWERS_BYTES_MAX};
use super::packed::{Foretold, Packed};
use crate::adapter::weights::LoraWeights;
use crate::error::LoraError;
use crate::model::block::{Kept, Reading};
use crate::model::decoder::Decoder;
use crate::ops::rotation::Turns;

/// What is kept of each block between forward and backward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// What its backward pass reads: some twenty times the model's width for each token.
    Everything,
    /// Its input alone; the block is computed again before its backward pass, which makes a pass a
    /// third longer and its memory many times smaller.
    Inputs,
}

/// What a pass gives.
#[derive(Debug)]
pub struct Pass {
    /// The sum of all losses, each times what its token counts.
    pub loss: f64,
    /// What the tokens count together: the loss per token is the one over the other.
    pub weight: f64,
    /// Gradients of that sum, so that those of several passes can be added.
    pub gradients: LoraWeights,
}

/// A block between the two ways through it.
enum Halfway {
    Kept(Kept),
    Input(Tensor),
}

impl Decoder {
    /// Losses and the gradients toward the adapter. `seed` says what dropout leaves out: another for
    /// each pass. `between` is asked between two layers. Where no token counts, the weight is 0 and
    /// there are no gradients.
    pub fn gradients(
        &self,
        packed: &Packed,
        adapter: Adapter<'_>,
        keep: Keep,
        seed: u64,
        between: &mut Between<'_>,
    ) -> Result<Pass, LoraError> {
        packed.check(&self.model)?;
        adapter.check(&self.model)?;
        if packed.weight() == 0.0 {
            return Ok(Pass {
                loss: 0.0,
                weight: 0.0,
                gradients: LoraWeights::default(),
            });
        }
        let turns = self.turns(&packed.positions())?;
        let way = Way {
            decoder: self,
            packed,
            adapter,
            keep,
            seed,
            turns: &turns,
        };
        let (x, halfway) = way.forward(between)?;

        let [learned, distilled] = packed.by_objective();
        let from = [learned.from.as_slice(), &distilled.from].concat();
        let from = Tensor::new(from.as_slice(), &self.device)?;
        let inputs = x.index_select(&from, 0)?;
        let rows = self.output_norm.forward(&inputs)?;
        let losses = self.both_losses(packed, &rows, [&learned, &distilled], between)?;
        let weights = learned.weights.iter().chain(&distilled.weights);
        let weighted = losses.losses.iter().zip(weights);
        let loss = weighted.map(|(&loss, &weight)| f64::from(loss) * f64::from(weight));
        let loss = loss.sum();
        let mut gradients = LoraWeights::default();
        if let Some(d_rows) = losses.gradient {
            let d_inputs = self.output_norm.backward(&inputs, &d_rows)?;
            let dx = x.zeros_like()?.index_add(&from, &d_inputs, 0)?;
            gradients = way.backward(halfway, dx, between)?;
        }
        Ok(Pass {
            loss,
            weight: packed.weight(),
            gradients,
        })
    }

    /// Losses of the rows that are learned, and after them of those that are distilled.
    fn both_losses(
        &self,
        packed: &Packed,
        rows: &Tensor,
        [learned, distilled]: [&Foretold; 2],
        between: &mut Between<'_>,
    ) -> Result<Losses, LoraError> {
        let head = self.head(POWERS_BYTES_MAX);
        let (count, distilled_count) = (learned.tokens.len(), distilled.tokens.len());
        if distilled_count == 0 {
            return head.losses(rows, learned, true, between);
        }
        let alone = packed.distilled();
        let from = alone.foretold().from;
        let of_model = self.last_layer(&alone, None, between)?;
        let of_model = of_model.index_select(&Tensor::new(from, &self.device)?, 0)?;
        let theirs = rows.narrow(0, count, distilled_count)?.contiguous()?;
        let kept = head.distilled_losses(&theirs, &of_model, &distilled.weights, between)?;
        if count == 0 {
            return Ok(kept);
        }
        let own = rows.narrow(0, 0, count)?.contiguous()?;
        head.losses(&own, learned, true, between)?.followed_by(kept)
    }
}

/// What stays the same on the way through all blocks.
struct Way<'a> {
    decoder: &'a Decoder,
    packed: &'a Packed,
    adapter: Adapter<'a>,
    keep: Keep,
    seed: u64,
    turns: &'a [Turns],
}

impl Way<'_> {
    fn reading(&self, block: usize) -> Reading<'_> {
        Reading {
            texts: self.packed.texts(),
            turns: &self.turns[block],
        }
    }

    fn forward(&self, between: &mut Between<'_>) -> Result<(Tensor, Vec<Halfway>), LoraError> {
        let worn = self.adapter.worn_in_training(self.seed);
        let first = self.adapter.config.first_block;
        let mut x = self.decoder.embed(self.packed.tokens())?;
        let mut halfway = Vec::new();
        for (index, block) in self.decoder.blocks.iter().enumerate() {
            between.look()?;
            let (y, kept) = block.forward(&x, self.reading(index), Some(worn))?;
            if index >= first {
                halfway.push(match self.keep {
                    Keep::Everything => Halfway::Kept(kept),
                    Keep::Inputs => Halfway::Input(x),
                });
            }
            x = y;
        }
        Ok((x, halfway))
    }

    /// Back to the first block that has an adapter: what lies before has nothing to learn.
    fn backward(
        &self,
        halfway: Vec<Halfway>,
        mut dx: Tensor,
        between: &mut Between<'_>,
    ) -> Result<LoraWeights, LoraError> {
        let worn = self.adapter.worn_in_training(self.seed);
        let mut gradients = LoraWeights::default();
        let first = self.adapter.config.first_block;
        for (index, halfway) in halfway.into_iter().enumerate().rev() {
            between.look()?;
            let index = first + index;
            let (block, reading) = (&self.decoder.blocks[index], self.reading(index));
            let kept = match halfway {
                Halfway::Kept(kept) => kept,
                Halfway::Input(x) => {
                    let kept = block.forward(&x, reading, Some(worn))?.1;
                    between.look()?;
                    kept
                }
            };
            dx = block.backward(&kept, &dx, reading, Some(worn), &mut gradients)?;
        }
        Ok(gradients)
    }
}
