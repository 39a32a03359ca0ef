//! The whole decoder: embedding, blocks, output.
//!
//! Read once from the file that the daemon serves; passes over it are in [`crate::pass`].

use std::io::{Read, Seek};
use std::path::Path;

use candle_core::{Device, Result, Tensor};
use inkstone_gguf::Gguf;

use super::block::{Block, Norm};
use super::frozen::VocabularyMatrix;
use super::hyperparameters::{Architecture, Hyperparameters};
use super::weight_file::WeightFile;
use crate::error::{LoraError, ModelFault};
use crate::ops::rotation::{Pairing, Turns};

/// A decoder whose weights are never trained.
#[derive(Debug)]
pub struct Decoder {
    pub(crate) model: Hyperparameters,
    pub(crate) blocks: Vec<Block>,
    pub(crate) output_norm: Norm,
    embedding: VocabularyMatrix,
    /// None where the embedding serves as the output.
    output: Option<VocabularyMatrix>,
    /// What slows the rotation of each pair down, where the file has it.
    slowing: Option<Vec<f32>>,
    pub(crate) device: Device,
}

impl Decoder {
    /// Reads the model behind `gguf`, whose file is `reader`; `path` names it in errors. Weights stay
    /// as they are in the file, but for the first layers' that fit into `dequantized_bytes_max` as
    /// 32-bit floats: those need not be turned into floats at each use.
    pub fn read<R: Read + Seek>(
        path: &Path,
        gguf: &Gguf,
        reader: R,
        device: &Device,
        dequantized_bytes_max: u64,
    ) -> std::result::Result<Self, LoraError> {
        let mut file = WeightFile::new(gguf, reader, device, dequantized_bytes_max);
        Self::assemble(gguf, &mut file, device).map_err(|fault| fault.at(path))
    }

    fn assemble<R: Read + Seek>(
        gguf: &Gguf,
        file: &mut WeightFile<'_, R>,
        device: &Device,
    ) -> std::result::Result<Self, ModelFault> {
        const OUTPUT: &str = "output.weight";
        const OUTPUT_BIAS: &str = "output.bias";
        const SLOWING: &str = "rope_freqs.weight";
        let model = Hyperparameters::from_gguf(gguf)?;
        let (width, tokens) = (model.width, model.vocabulary_tokens);
        if file.has(OUTPUT_BIAS) {
            return Err(ModelFault::Unsupported {
                what: format!("tensor `{OUTPUT_BIAS}`"),
                found: "there".to_owned(),
            });
        }
        let embedding = file.vocabulary("token_embd.weight", tokens, width)?;
        let output = if file.has(OUTPUT) {
            Some(file.vocabulary(OUTPUT, tokens, width)?)
        } else {
            None
        };
        let slowing = match model.architecture {
            Architecture::Llama => file.vector_if_there(SLOWING, model.head_width / 2)?,
            _ => None,
        };
        let slowing = slowing.map(|factors| factors.to_vec1::<f32>());
        let slowing = slowing.transpose().map_err(|error| ModelFault::Place {
            tensor: SLOWING.to_owned(),
            error,
        })?;
        let blocks = 0..model.layers.len();
        let blocks = blocks.map(|block| Block::read(file, &model, block));
        let blocks = blocks.collect::<std::result::Result<_, _>>()?;
        let output_norm = Norm::read(file, "output_norm.weight", width, model.norm_epsilon)?;
        Ok(Self {
            blocks,
            output_norm,
            embedding,
            output,
            slowing,
            device: device.clone(),
            model,
        })
    }

    /// Its numbers.
    pub fn hyperparameters(&self) -> &Hyperparameters {
        &self.model
    }

    /// A row for each token.
    pub(crate) fn embed(&self, tokens: &[u32]) -> Result<Tensor> {
        let rows = self.embedding.rows_of(tokens, &self.device)?;
        if (self.model.embedding_scale - 1.0).abs() < f64::EPSILON {
            Ok(rows)
        } else {
            rows * self.model.embedding_scale
        }
    }

    /// What turns the last layer into logits.
    pub(crate) fn output(&self) -> &VocabularyMatrix {
        self.output.as_ref().unwrap_or(&self.embedding)
    }

    /// How each block turns tokens at these positions. Blocks with the same rotation share it.
    pub(crate) fn turns(&self, positions: &[u32]) -> Result<Vec<Turns>> {
        let pairing = if self.model.architecture.rotates_neighbours() {
            Pairing::Neighbours
        } else {
            Pairing::Halves
        };
        let mut made: Vec<(usize, Turns)> = Vec::new();
        let layers = &self.model.layers;
        let mut turns = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter().enumerate() {
            let same = made
                .iter()
                .find(|(other, _)| layers[*other].rotation == layer.rotation);
            if let Some((_, same)) = same {
                turns.push(same.clone());
                continue;
            }
            let new = Turns::new(
                positions,
                self.model.head_width,
                layer.rotation,
                self.slowing.as_deref(),
                pairing,
                &self.device,
            )?;
            made.push((index, new.clone()));
            turns.push(new);
        }
        Ok(turns)
    }
}
