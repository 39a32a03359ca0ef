//! One block: attention, then a gated feed-forward layer, each added to what came in.
//!
//! Backward by hand, from what forward kept. A block that kept nothing is computed again from its
//! input, by the same code, so that both ways give the same gradients to the bit.

use std::io::{Read, Seek};
use std::ops::Range;
use std::sync::OnceLock;

use candle_core::{Result, Tensor};

use super::frozen::FrozenMatrix;
use super::hyperparameters::Hyperparameters;
use super::linear::{Linear, Worn};
use super::weight_file::WeightFile;
use crate::adapter::place::{Place, Target};
use crate::adapter::weights::{LoraWeights, shape};
use crate::error::ModelFault;
use crate::ops::add::add;
use crate::ops::attention::{Attention, WEIGHTS_AT_ONCE_MAX};
use crate::ops::cached::{self, KvCache};
use crate::ops::gated::{self, Bend};
use crate::ops::norm;
use crate::ops::rotation::Turns;

/// A norm's weights and its epsilon.
#[derive(Debug)]
pub(crate) struct Norm {
    weights: Tensor,
    epsilon: f64,
}

impl Norm {
    pub(crate) fn read<R: Read + Seek>(
        file: &mut WeightFile<'_, R>,
        name: &str,
        width: usize,
        epsilon: f64,
    ) -> std::result::Result<Self, ModelFault> {
        let weights = file.vector(name, width)?;
        Ok(Self { weights, epsilon })
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        norm::forward(x, &self.weights, self.epsilon)
    }

    pub(crate) fn backward(&self, x: &Tensor, dy: &Tensor) -> Result<Tensor> {
        norm::backward(x, &self.weights, self.epsilon, dy)
    }

    /// Head by head: rows of heads side by side.
    fn by_head(&self, x: &Tensor) -> Result<Tensor> {
        let heads = x.reshape(((), self.weights.elem_count()))?;
        self.forward(&heads)?.reshape(x.shape())
    }

    fn by_head_backward(&self, x: &Tensor, dy: &Tensor) -> Result<Tensor> {
        let by_head = ((), self.weights.elem_count());
        let (heads, dy) = (x.reshape(by_head)?, dy.reshape(by_head)?);
        self.backward(&heads, &dy)?.reshape(x.shape())
    }
}

/// A norm where the architecture has one.
fn after(norm: Option<&Norm>, x: &Tensor) -> Result<Tensor> {
    norm.map_or_else(|| Ok(x.clone()), |norm| norm.forward(x))
}

fn after_backward(norm: Option<&Norm>, x: &Tensor, dy: &Tensor) -> Result<Tensor> {
    norm.map_or_else(|| Ok(dy.clone()), |norm| norm.backward(x, dy))
}

/// A block's weights.
#[derive(Debug)]
pub(crate) struct Block {
    attention: Attention,
    bend: Bend,
    attention_norm: Norm,
    query: Linear,
    key: Linear,
    value: Linear,
    query_norm: Option<Norm>,
    key_norm: Option<Norm>,
    output: Linear,
    norm_after_attention: Option<Norm>,
    feed_forward_norm: Norm,
    gate: Linear,
    up: Linear,
    down: Linear,
    norm_after_feed_forward: Option<Norm>,
}

/// What a block needs to know of the tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) texts: &'a [Range<usize>],
    pub(crate) turns: &'a Turns,
}

/// What forward keeps for backward.
#[derive(Debug)]
pub(crate) struct Kept {
    x: Tensor,
    /// Queries and keys before their norms, where they have some.
    raw_query: Tensor,
    raw_key: Tensor,
    query: Tensor,
    /// Turned, as a cache has them.
    pub(crate) key: Tensor,
    pub(crate) value: Tensor,
    gathered: Tensor,
    /// Outputs before the norms after them.
    attention_output: Tensor,
    middle: Tensor,
    gate: Tensor,
    up: Tensor,
    feed_forward_output: Tensor,
}

impl Block {
    pub(crate) fn read<R: Read + Seek>(
        file: &mut WeightFile<'_, R>,
        model: &Hyperparameters,
        block: usize,
    ) -> std::result::Result<Self, ModelFault> {
        let architecture = model.architecture;
        let name = |what: &str| format!("blk.{block}.{what}.weight");
        let norm = |file: &mut WeightFile<'_, R>, what: &str, width, is_there: bool| {
            let mut read = || Norm::read(file, &name(what), width, model.norm_epsilon);
            is_there.then(&mut read).transpose()
        };
        let (heads_have, after) = (architecture.norms_heads(), architecture.norms_after());
        let query_norm = norm(file, "attn_q_norm", model.head_width, heads_have)?;
        let key_norm = norm(file, "attn_k_norm", model.head_width, heads_have)?;
        let norm_after_attention = norm(file, "post_attention_norm", model.width, after)?;
        let norm_after_feed_forward = norm(file, "post_ffw_norm", model.width, after)?;
        let required = |file: &mut WeightFile<'_, R>, what: &str| {
            Norm::read(file, &name(what), model.width, model.norm_epsilon)
        };
        let attention_norm = required(file, "attn_norm")?;
        let feed_forward_norm = required(file, "ffn_norm")?;
        let mut linear = |target| read_linear(file, model, Place { block, target });
        Ok(Self {
            attention: Attention {
                heads: model.heads,
                kv_heads: model.kv_heads,
                head_width: model.head_width,
                scale: model.attention_scale,
                window: model.layers[block].window_tokens,
                weights_at_once_max: WEIGHTS_AT_ONCE_MAX,
            },
            bend: if architecture.norms_after() {
                Bend::GeluTanh
            } else {
                Bend::Silu
            },
            attention_norm,
            query: linear(Target::Query)?,
            key: linear(Target::Key)?,
            value: linear(Target::Value)?,
            query_norm,
            key_norm,
            output: linear(Target::Output)?,
            norm_after_attention,
            feed_forward_norm,
            gate: linear(Target::Gate)?,
            up: linear(Target::Up)?,
            down: linear(Target::Down)?,
            norm_after_feed_forward,
        })
    }

    /// One of its maps.
    pub(crate) fn linear(&self, target: Target) -> &Linear {
        match target {
            Target::Query => &self.query,
            Target::Key => &self.key,
            Target::Value => &self.value,
            Target::Output => &self.output,
            Target::Gate => &self.gate,
            Target::Up => &self.up,
            Target::Down => &self.down,
        }
    }

    /// What comes out, and what backward needs.
    pub(crate) fn forward(
        &self,
        x: &Tensor,
        reading: Reading<'_>,
        worn: Option<Worn<'_>>,
    ) -> Result<(Tensor, Kept)> {
        let attend = |heads: [&Tensor; 3]| self.attention.forward(heads, reading.texts);
        let (y, kept) = self.forward_by(x, reading.turns, worn, attend)?;
        Ok((y, kept.slimmed(self)?))
    }

    /// One more token of each sequence, of which `caches` know what came before; they learn it.
    pub(crate) fn forward_one_more(
        &self,
        x: &Tensor,
        turns: &Turns,
        worn: Option<Worn<'_>>,
        caches: &mut [&mut KvCache],
    ) -> Result<Tensor> {
        let attend = |heads: [&Tensor; 3]| cached::forward(&self.attention, heads, caches);
        Ok(self.forward_by(x, turns, worn, attend)?.0)
    }

    /// The way through, whatever attention looks at.
    fn forward_by(
        &self,
        x: &Tensor,
        turns: &Turns,
        worn: Option<Worn<'_>>,
        attend: impl FnOnce([&Tensor; 3]) -> Result<Tensor>,
    ) -> Result<(Tensor, Kept)> {
        let inputs = self.attention_norm.forward(x)?;
        let raw_query = self.query.forward(&inputs, worn)?;
        let raw_key = self.key.forward(&inputs, worn)?;
        let value = self.value.forward(&inputs, worn)?;
        let turned = |raw: &Tensor, norm: &Option<Norm>| match norm {
            Some(norm) => turns.forward(&norm.by_head(raw)?),
            None => turns.forward(raw),
        };
        let query = turned(&raw_query, &self.query_norm)?;
        let key = turned(&raw_key, &self.key_norm)?;
        let gathered = attend([&query, &key, &value])?;
        let attention_output = self.output.forward(&gathered, worn)?;
        let after_attention = after(self.norm_after_attention.as_ref(), &attention_output)?;
        let middle = add(x, &after_attention)?;

        let inputs = self.feed_forward_norm.forward(&middle)?;
        let gate = self.gate.forward(&inputs, worn)?;
        let up = self.up.forward(&inputs, worn)?;
        let inner = gated::forward(&gate, &up, self.bend)?;
        let feed_forward_output = self.down.forward(&inner, worn)?;
        let norm = self.norm_after_feed_forward.as_ref();
        let y = add(&middle, &after(norm, &feed_forward_output)?)?;
        let kept = Kept {
            x: x.clone(),
            raw_query,
            raw_key,
            query,
            key,
            value,
            gathered,
            attention_output,
            middle,
            gate,
            up,
            feed_forward_output,
        };
        Ok((y, kept))
    }

    /// The gradient toward what came in; those toward the adapter go into `gradients`.
    pub(crate) fn backward(
        &self,
        kept: &Kept,
        dy: &Tensor,
        reading: Reading<'_>,
        worn: Option<Worn<'_>>,
        gradients: &mut LoraWeights,
    ) -> Result<Tensor> {
        let d_middle = self.feed_forward_backward(kept, dy, worn, gradients)?;

        let norm = self.norm_after_attention.as_ref();
        let d_output = after_backward(norm, &kept.attention_output, &d_middle)?;
        let d_gathered = self
            .output
            .backward(&kept.gathered, &d_output, worn, gradients)?;
        let heads = [&kept.query, &kept.key, &kept.value];
        let [d_query, d_key, d_value] =
            self.attention.backward(heads, reading.texts, &d_gathered)?;
        let turned_back = |raw: &Tensor, dy: &Tensor, norm: &Option<Norm>| {
            let dy = reading.turns.backward(dy)?;
            match norm {
                Some(norm) => norm.by_head_backward(raw, &dy),
                None => Ok(dy),
            }
        };
        let d_query = turned_back(&kept.raw_query, &d_query, &self.query_norm)?;
        let d_key = turned_back(&kept.raw_key, &d_key, &self.key_norm)?;
        let inputs = self.attention_norm.forward(&kept.x)?;
        let mut d_inputs = self.query.backward(&inputs, &d_query, worn, gradients)?;
        let by_key = self.key.backward(&inputs, &d_key, worn, gradients)?;
        d_inputs = add(&d_inputs, &by_key)?;
        let by_value = self.value.backward(&inputs, &d_value, worn, gradients)?;
        d_inputs = add(&d_inputs, &by_value)?;
        let by_attention = self.attention_norm.backward(&kept.x, &d_inputs)?;
        add(&d_middle, &by_attention)
    }

    fn feed_forward_backward(
        &self,
        kept: &Kept,
        dy: &Tensor,
        worn: Option<Worn<'_>>,
        gradients: &mut LoraWeights,
    ) -> Result<Tensor> {
        let norm = self.norm_after_feed_forward.as_ref();
        let d_output = after_backward(norm, &kept.feed_forward_output, dy)?;
        let inner = gated::forward(&kept.gate, &kept.up, self.bend)?;
        let d_inner = self.down.backward(&inner, &d_output, worn, gradients)?;
        let (d_gate, d_up) = gated::backward(&kept.gate, &kept.up, self.bend, &d_inner)?;
        let inputs = self.feed_forward_norm.forward(&kept.middle)?;
        let d_inputs = self.gate.backward(&inputs, &d_gate, worn, gradients)?;
        let by_up = self.up.backward(&inputs, &d_up, worn, gradients)?;
        let d_inputs = add(&d_inputs, &by_up)?;
        let by_feed_forward = self.feed_forward_norm.backward(&kept.middle, &d_inputs)?;
        add(dy, &by_feed_forward)
    }
}

impl Kept {
    /// Without what this block's backward pass does not read.
    fn slimmed(mut self, block: &Block) -> Result<Self> {
        let nothing = Tensor::zeros(0, self.x.dtype(), self.x.device())?;
        if block.query_norm.is_none() {
            self.raw_query = nothing.clone();
        }
        if block.key_norm.is_none() {
            self.raw_key = nothing.clone();
        }
        if block.norm_after_attention.is_none() {
            self.attention_output = nothing.clone();
        }
        if block.norm_after_feed_forward.is_none() {
            self.feed_forward_output = nothing;
        }
        Ok(self)
    }
}

fn read_linear<R: Read + Seek>(
    file: &mut WeightFile<'_, R>,
    model: &Hyperparameters,
    place: Place,
) -> std::result::Result<Linear, ModelFault> {
    let (outputs, inputs) = shape(place.target, model);
    let weights: FrozenMatrix = file.matrix(&place.tensor_name(), outputs, inputs)?;
    let bias = format!("blk.{}.{}.bias", place.block, place.target.gguf_name());
    Ok(Linear {
        place,
        weights,
        bias: file.vector_if_there(&bias, outputs)?,
        row_squares: OnceLock::new(),
    })
}
